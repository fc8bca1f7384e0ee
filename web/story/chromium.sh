#!/usr/bin/env bash
# Prints the path of Chromium: $CHROMIUM, the one that is installed, or on
# Debian and Ubuntu the one that this installs.
set -euo pipefail
if [ -n "${CHROMIUM:-}" ]; then echo "$CHROMIUM"; exit; fi
for name in chromium chromium-browser google-chrome; do
  if command -v "$name"; then exit; fi
done
if ! command -v apt-get >/dev/null; then
  echo "No Chromium found: install it, or set CHROMIUM to its path." >&2
  exit 1
fi
sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -qq >&2
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends chromium >&2
command -v chromium
