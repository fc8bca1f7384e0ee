#!/usr/bin/env bash
# Prints the path of a Python that has what a list of requirements names, whole
# and with exact versions. Installs it once.
set -euo pipefail
requirements=$1
sum=$(sha256sum "$requirements" | cut -c1-12)
dir=${XDG_CACHE_HOME:-$HOME/.cache}/infocig/python-$sum

if [[ ! -e $dir/complete ]]; then
  command -v python3 >/dev/null || { echo "python.sh: Python 3.11 or newer is needed" >&2; exit 1; }
  if ! python3 -c 'import ensurepip' 2>/dev/null; then
    command -v apt-get >/dev/null || { echo "python.sh: Python's venv and ensurepip are needed" >&2; exit 1; }
    sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends python3-venv >&2
  fi
  echo "Installing Python packages ($(basename "$requirements")), once …" >&2
  mkdir -p "$(dirname "$dir")"
  # Scripts in a virtual environment know where it is: it cannot be made
  # elsewhere and moved. A lock keeps two from making it at the same time.
  exec 9>"$dir.lock"
  flock 9
  if [[ ! -e $dir/complete ]]; then
    rm -rf "$dir"
    python3 -m venv "$dir" >&2
    "$dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$requirements" >&2
    touch "$dir/complete"
  fi
fi
echo "$dir/bin/python"
