#!/usr/bin/env bash
# Prints the path of a Python that has what a list of requirements names, whole
# and with exact versions. Installs it once.
set -euo pipefail
requirements=$1
command -v python3 >/dev/null || { echo "python.sh: Python 3.11 or newer is needed" >&2; exit 1; }
sum=$(python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()[:12])' "$requirements")
dir=${XDG_CACHE_HOME:-$HOME/.cache}/infocig/python-$sum

# install makes a virtual environment under a name of its own and then has $dir
# lead to it: its scripts know where it is, so that it cannot be made elsewhere and
# moved. Of several that install at the same time the first is taken.
install() {
  if ! python3 -c 'import ensurepip' 2>/dev/null; then
    command -v apt-get >/dev/null || { echo "python.sh: Python's venv and ensurepip are needed" >&2; exit 1; }
    sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends python3-venv >&2
  fi
  echo "Installing Python packages ($(basename "$requirements")), once …" >&2
  mkdir -p "$(dirname "$dir")"
  own=$(mktemp -d "$dir.XXXXXX")
  trap 'rm -rf "$own"' EXIT
  python3 -m venv "$own" >&2
  "$own/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$requirements" >&2
  touch "$own/complete"
  [[ -L $dir || -e $dir/complete ]] || rm -rf "$dir" # begun by an older version of this script, and never completed
  if ln -sn "$(basename "$own")" "$dir" 2>/dev/null; then trap - EXIT; fi
}

[[ -e $dir/complete ]] || install
echo "$dir/bin/python"
