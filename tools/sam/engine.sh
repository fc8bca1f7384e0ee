#!/usr/bin/env bash
# engine.sh up|down: a Docker engine of its own, in the folder $STATE, where none
# runs and none need be installed by hand: Debian or Ubuntu, as root. Its base image
# is made here: a static function and SAM need no more than a shell. Exits 77 where
# that cannot be, with the reason.
set -euo pipefail
state=${STATE:?a folder for the state}
image=infocig/base:local
binfmt=/proc/sys/fs/binfmt_misc
export DOCKER_HOST=unix://$state/docker.sock

cannot() {
  echo "engine.sh: $*" >&2
  exit 77
}

up() {
  mkdir -p "$state"
  [[ $(uname -s) == Linux && $(id -u) == 0 ]] || cannot "only root on Linux can start a Docker engine"
  if ! command -v dockerd iptables busybox qemu-aarch64-static >/dev/null || [[ ! -x /bin/busybox ]]; then
    command -v apt-get >/dev/null || cannot "docker.io, iptables, busybox-static and qemu-user-static are needed, and there is no apt-get"
    echo "Installing a Docker engine …"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io iptables busybox-static qemu-user-static >"$state/apt.log" 2>&1 ||
      cannot "apt-get cannot install it: $(tail -1 "$state/apt.log")"
  fi
  engine
  network
  processor
  docker image inspect "$image" >/dev/null 2>&1 || base
}

engine() {
  docker version >/dev/null 2>&1 && return
  setsid dockerd --data-root "$state/data" --exec-root "$state/exec" -H "$DOCKER_HOST" --pidfile "$state/pid" \
    --iptables=false --ip6tables=false --ip-masq=false --ip-forward=false --bip 172.17.0.1/16 >"$state/log" 2>&1 </dev/null &
  for _ in $(seq 150); do
    docker version >/dev/null 2>&1 && return
    sleep 0.2
  done
  cannot "dockerd does not start here: $(grep -v level=info "$state/log" | tail -2)"
}

# Containers reach the servers of this machine, which listen on the loopback
# interface only, at 172.17.0.1 and the same port.
network() {
  sysctl -qw net.ipv4.conf.docker0.route_localnet=1 || cannot "the kernel lets nobody forward to the loopback interface"
  iptables -t nat -C PREROUTING -i docker0 -d 172.17.0.1 -p tcp -j DNAT --to-destination 127.0.0.1 2>/dev/null ||
    iptables -t nat -A PREROUTING -i docker0 -d 172.17.0.1 -p tcp -j DNAT --to-destination 127.0.0.1 ||
    cannot "iptables does not work here"
}

# The functions are for arm64: elsewhere the kernel hands them to qemu.
processor() {
  [[ $(uname -m) != aarch64 ]] || return 0
  [[ -e $binfmt/register ]] || mount -t binfmt_misc binfmt_misc "$binfmt" || cannot "the kernel knows no binfmt_misc"
  [[ ! -e $binfmt/qemu-aarch64 ]] || return 0
  touch "$state/registered"
  echo ':qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64-static:F' >"$binfmt/register"
}

base() {
  local root=$state/root name
  rm -rf "$root"
  mkdir -p "$root"/{bin,tmp,etc/ssl/certs,var/task,var/runtime,var/rapid,opt}
  chmod 1777 "$root/tmp"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for name in sh mv chmod cp rm uname; do ln -sf busybox "$root/bin/$name"; done
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  tar -C "$root" -c . | docker import -c 'WORKDIR /var/task' \
    -c 'ENV LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime PATH=/usr/bin:/bin:/opt/bin' - "$image" >/dev/null
}

down() {
  docker ps -aq 2>/dev/null | xargs -r docker rm -f >/dev/null 2>&1 || true
  if [[ -e $state/pid ]]; then
    local pid
    pid=$(cat "$state/pid")
    kill -TERM "$pid" 2>/dev/null || true
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  fi
  iptables -t nat -D PREROUTING -i docker0 -d 172.17.0.1 -p tcp -j DNAT --to-destination 127.0.0.1 2>/dev/null || true
  ip link del docker0 2>/dev/null || true
  if [[ -e $state/registered ]]; then # here, not by the system
    echo -1 >"$binfmt/qemu-aarch64" || true
    rm "$state/registered"
  fi
}

"$@"
