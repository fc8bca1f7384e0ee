#!/usr/bin/env bash
# Installs dynoxide, a DynamoDB server for tests, once, and prints the path of
# its binary: from npm for Linux on x86-64, elsewhere its crate is built.
# INFOCIG_DYNOXIDE=crate builds it there, too. With --can it installs nothing, and
# exits 1 where it could not.
set -euo pipefail
version=1.2.1
sum=be909b7910d3fb552e85db10ef3c8ebae4bd35fee0f26dffdb6dfa5cc656426e
crate_version=3.2.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/infocig
from=crate
[[ $(uname -s)-$(uname -m) != Linux-x86_64 ]] || from=${INFOCIG_DYNOXIDE:-npm}
bin=$cache/bin/dynoxide-$version
[[ $from == npm ]] || bin=$cache/bin/dynoxide-rs-$crate_version

install() {
  mkdir -p "$cache/bin"
  tmp=$(mktemp -d "$cache/dynoxide.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  "from_$from"
  chmod +x "$got"
  mv "$got" "$bin" # at once: others may install it at the same time
}

from_npm() {
  npm install --prefix "$tmp" --ignore-scripts --no-audit --no-fund --silent "@dynoxide/linux-x64@$version" >&2
  got=$tmp/node_modules/@dynoxide/linux-x64/dynoxide
  node -e '
    const [file, sum] = process.argv.slice(1)
    const is = require("crypto").createHash("sha256").update(require("fs").readFileSync(file)).digest("hex")
    if (is !== sum) throw new Error(file + " is another one: " + is)' "$got" "$sum"
}

from_crate() {
  command -v cargo >/dev/null || {
    echo "dynoxide.sh: Rust's cargo is needed, with which the DynamoDB server for tests is built here: https://rustup.rs" >&2
    exit 1
  }
  echo "Building a DynamoDB server for tests, once: some minutes …" >&2
  cargo install dynoxide-rs --version "$crate_version" --locked --quiet --root "$tmp" --target-dir "$tmp/target" >&2
  got=$tmp/bin/dynoxide
}

if [[ ${1:-} == --can ]]; then
  [[ -x $bin || $from == npm ]] || command -v cargo >/dev/null
  exit
fi
[[ -x $bin ]] || install
echo "$bin"
