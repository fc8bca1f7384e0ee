#!/usr/bin/env bash
# engine.sh install      what a Docker engine needs, by apt-get where it is missing
# engine.sh up           a Docker engine of its own, in the folder $STATE
# engine.sh reach HOST   lets containers of the engine that runs reach the servers of
#                        this machine at HOST, the engine's own address, and run arm64
# engine.sh image        prints the name of the base image that "up" makes
# engine.sh down         ends and undoes what the others began, and nothing else
#
# Nothing is pulled: the base image is made here, a static function and SAM need no
# more than a shell. Where something cannot be, it exits 77 and prints the reason.
# What happens meanwhile goes to standard error.
set -euo pipefail
state=${STATE:?a folder for the state}
own=unix://$state/docker.sock
address=172.17.0.1 # of the own engine
binfmt=/proc/sys/fs/binfmt_misc
loopback=/proc/sys/net/ipv4/conf/docker0/route_localnet
exec 3>&1 1>&2

cannot() {
  echo "$*" >&3
  exit 77
}

# missing prints which packages must be installed.
missing() {
  command -v dockerd >/dev/null || echo docker.io
  command -v iptables >/dev/null || echo iptables
  command -v qemu-aarch64-static >/dev/null || echo qemu-user-static
  # The other busybox of Debian needs libraries, which the base image has not.
  if ! command -v busybox >/dev/null || ldd "$(command -v busybox)" >/dev/null 2>&1; then echo busybox-static; fi
}

root() {
  [[ $(uname -s) == Linux && $(id -u) == 0 ]] || cannot "Only root on Linux can $1."
  mkdir -p "$state"
}

install() {
  root "install and start a Docker engine"
  local packages
  packages=$(missing)
  [[ -n $packages ]] || return 0
  packages=${packages//$'\n'/ }
  command -v apt-get >/dev/null || cannot "$packages: needed, and there is no apt-get."
  echo "Installing $packages, once …"
  apt-get update -qq >"$state/apt.log" 2>&1 || cannot "apt-get update fails: $(tail -1 "$state/apt.log")"
  # A package of its own since Debian 13.
  if ! command -v docker >/dev/null && apt-cache show docker-cli >/dev/null 2>&1; then packages+=" docker-cli"; fi
  # shellcheck disable=SC2086 # several
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >"$state/apt.log" 2>&1 ||
    cannot "apt-get cannot install $packages: $(tail -1 "$state/apt.log")"
}

up() {
  root "start a Docker engine"
  export DOCKER_HOST=$own
  engine
  reach "$address"
  docker image inspect "$(name)" >/dev/null 2>&1 || base
}

# runs reports whether the own engine runs: the file alone may be of another day.
runs() { [[ -e $state/pid && $(cat "/proc/$(cat "$state/pid")/comm" 2>/dev/null) == dockerd ]]; }

engine() {
  if ! runs; then
    [[ ! -e /sys/class/net/docker0 || -e $state/started ]] ||
      cannot "The interface docker0 is another Docker engine's: start that one, or say by DOCKER_HOST where it is."
    touch "$state/started"
    rm -f "$state/pid" # a number that somebody else may have by now
    setsid dockerd --data-root "$state/data" --exec-root "$state/exec" -H "$own" --pidfile "$state/pid" \
      --iptables=false --ip6tables=false --ip-masq=false --ip-forward=false --bip "$address/16" >"$state/log" 2>&1 </dev/null 3>&- 9>&- &
  fi
  for _ in $(seq 150); do
    docker version >/dev/null 2>&1 && return
    sleep 0.2
  done
  cannot "dockerd does not start here: $(grep -v level=info "$state/log" | tail -1)"
}

# Servers of this machine listen on the loopback interface only.
reach() {
  root "lead containers to the loopback interface"
  local rule=(PREROUTING -i docker0 -d "$1" -p tcp -j DNAT --to-destination 127.0.0.1)
  [[ -e $loopback ]] || cannot "The engine's network has no interface docker0."
  command -v iptables >/dev/null || cannot "Containers are led to the loopback interface by iptables: install it."
  if ! iptables -t nat -C "${rule[@]}" 2>/dev/null; then
    echo "$1" >"$state/rule"
    iptables -t nat -A "${rule[@]}" || cannot "iptables does not work here."
  fi
  if [[ $(cat "$loopback") != 1 ]]; then
    touch "$state/localnet"
    echo 1 >"$loopback" || cannot "The kernel lets nobody forward to the loopback interface."
  fi
  processor
}

# The functions are for arm64: elsewhere the kernel hands them to qemu.
processor() {
  local magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
  local mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
  [[ $(uname -m) != aarch64 ]] || return 0
  [[ -e $binfmt/register ]] || mount -t binfmt_misc binfmt_misc "$binfmt" || cannot "The kernel knows no binfmt_misc, which arm64 needs here."
  [[ ! -e $binfmt/qemu-aarch64 ]] || return 0
  command -v qemu-aarch64-static >/dev/null || cannot "The functions are for arm64: install qemu-user-static."
  touch "$state/registered"
  echo ":qemu-aarch64:M::$magic:$mask:$(command -v qemu-aarch64-static):F" >"$binfmt/register" || cannot "The kernel takes no qemu."
}

# name returns the image's name: of another one if this file changes, since SAM
# builds its own images upon it once.
name() { echo "infocig/base-$(sha256sum "$0" | cut -c1-8):local"; }

image() { name >&3; }

base() {
  local root=$state/root applet
  rm -rf "$root"
  mkdir -p "$root"/{bin,tmp,etc,var/task,var/runtime,var/rapid,opt}
  chmod 1777 "$root/tmp"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for applet in sh mv chmod cp rm; do ln -sf busybox "$root/bin/$applet"; done
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  docker images --format '{{.Repository}}:{{.Tag}}' 'infocig/base*' | xargs -r docker rmi -f >/dev/null # made by another version of this file
  tar -C "$root" -c . | docker import -c 'WORKDIR /var/task' \
    -c 'ENV LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime PATH=/usr/bin:/bin:/opt/bin' - "$(name)" >/dev/null
}

down() {
  if [[ -e $state/rule ]]; then
    iptables -t nat -D PREROUTING -i docker0 -d "$(cat "$state/rule")" -p tcp -j DNAT --to-destination 127.0.0.1 2>/dev/null || true
    rm -f "$state/rule"
  fi
  if [[ -e $state/localnet ]]; then
    [[ ! -e $loopback ]] || echo 0 >"$loopback"
    rm -f "$state/localnet"
  fi
  if runs; then
    export DOCKER_HOST=$own
    local pid
    pid=$(cat "$state/pid")
    docker ps -aq | xargs -r docker rm -f >/dev/null || true
    kill -TERM "$pid"
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  fi
  if [[ -e $state/started ]]; then
    ip link del docker0 2>/dev/null || true
    rm -f "$state/started"
  fi
  if [[ -e $state/registered ]]; then
    echo -1 >"$binfmt/qemu-aarch64" || true
    rm -f "$state/registered"
  fi
}

"$@"
