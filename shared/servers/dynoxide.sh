#!/usr/bin/env bash
# Installs dynoxide, a DynamoDB server for tests, once, and prints the path of
# its binary.
set -euo pipefail
version=1.2.1
sum=be909b7910d3fb552e85db10ef3c8ebae4bd35fee0f26dffdb6dfa5cc656426e
dir=${XDG_CACHE_HOME:-$HOME/.cache}/infocig
bin=$dir/bin/dynoxide-$version

if [[ ! -x $bin ]]; then
  if [[ $(uname -sm) != "Linux x86_64" ]]; then
    echo "dynoxide.sh: there is no npm package for $(uname -sm); build crate dynoxide-rs 3.2.0 and put its binary at $bin" >&2
    exit 1
  fi
  mkdir -p "$dir/bin"
  tmp=$(mktemp -d "$dir/dynoxide.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  npm install --prefix "$tmp" --ignore-scripts --no-audit --no-fund --silent "@dynoxide/linux-x64@$version" >&2
  got=$tmp/node_modules/@dynoxide/linux-x64/dynoxide
  echo "$sum  $got" | sha256sum --check --quiet >&2
  chmod +x "$got"
  mv "$got" "$bin" # at once: others may install it at the same time
fi
echo "$bin"
