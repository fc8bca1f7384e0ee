#!/usr/bin/env bash
# Prints the path of Chromium: $CHROMIUM, the one that is installed, or on
# Debian and Ubuntu the one that this installs. chromium.sh --find installs none.
set -euo pipefail
if [ -n "${CHROMIUM:-}" ]; then echo "$CHROMIUM"; exit; fi
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name"; then exit; fi
done
for app in Chromium "Google Chrome"; do # of macOS
  path="/Applications/$app.app/Contents/MacOS/$app"
  if [ -x "$path" ]; then echo "$path"; exit; fi
done
if [ "${1:-}" = --find ] || ! command -v apt-get >/dev/null; then
  echo "No Chromium found: install it, or set CHROMIUM to its path." >&2
  exit 1
fi
sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -qq >&2
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends chromium >&2
command -v chromium
