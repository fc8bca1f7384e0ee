#!/bin/sh
# doctor.sh prints a line for each thing that this machine lacks, with what installs
# it, and exits 1 if one is needed. doctor.sh run, quick or test looks only at what
# that needs, and says nothing where all is well. For Linux and macOS, on x86-64 and
# arm64; it needs a POSIX shell and nothing else.
set -u
cd "$(dirname "$0")/.." || exit 1
for_what=${1:-all}
system=$(uname -s)-$(uname -m)
missing=0

# is TASK … reports whether it is asked about one of these.
is() {
  [ "$for_what" = all ] && return
  for task in "$@"; do [ "$for_what" = "$task" ] && return; done
  return 1
}

here() { command -v "$1" >/dev/null 2>&1; }

# by APT BREW OTHER prints how something is installed here: by the package of that
# name, - for none, or as the last says.
by() {
  if [ "$(uname -s)" = Darwin ] && [ "$2" != - ]; then
    echo "brew install $2"
  elif here apt-get && [ "$1" != - ]; then
    if [ "$(id -u)" = 0 ]; then echo "apt-get install $1"; else echo "sudo apt-get install $1"; fi
  else
    echo "$3"
  fi
}

lacks() {
  echo "missing: $1; to install it: $2"
  missing=1
}

# Not needed, or installed by the tests themselves.
may_lack() { [ "$for_what" != all ] || echo "not here: $1; to install it: $2"; }

found() { [ "$for_what" != all ] || echo "found: $1"; }

# newer A B reports whether version A, as 20.19.1, is B, as 20.19, or newer.
newer() {
  [ "$(printf '%s\n%s\n' "$1" "$2" | awk -F. '{ v[NR] = $1 * 1000 + $2 } END { print (v[1] >= v[2]) }')" = 1 ]
}

case $system in
Linux-x86_64 | Linux-aarch64 | Linux-arm64 | Darwin-x86_64 | Darwin-arm64) found "$system" ;;
*) may_lack "a system that this was made for ($system is not: Linux and macOS on x86-64 and arm64 are)" "nothing can; try" ;;
esac

wanted=$(awk '$1 == "go" { split($2, v, "."); print v[1] "." v[2] }' go.mod)
how=$(by - go "https://go.dev/dl")
if ! here go; then
  lacks "Go $wanted or newer" "$how"
else
  version=$(go env GOVERSION 2>/dev/null) # from Go 1.21 on it has fetched what go.mod asks for
  if newer "${version#go}" "$wanted"; then found "Go ${version#go}"; else lacks "Go $wanted or newer (${version:-one that does not start} is here)" "$how"; fi
fi

wanted=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' web/package.json)
how=$(by - node "https://nodejs.org")
if ! here node; then
  lacks "Node $wanted or newer" "$how"
else
  version=$(node -p process.versions.node 2>/dev/null)
  if newer "$version" "$wanted"; then found "Node $version"; else lacks "Node $wanted or newer (${version:-one that does not start} is here)" "$how"; fi
  if here npm; then found "npm $(npm --version 2>/dev/null)"; else lacks "npm" "$(by npm node "https://nodejs.org")"; fi
fi

if here bash; then found bash; else lacks bash "$(by bash bash "https://www.gnu.org/software/bash")"; fi
if here git; then found git; else lacks git "$(by git git "https://git-scm.com")"; fi

if is test; then
  how=$(by python3-venv python3 "https://www.python.org")
  version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
  if [ -z "$version" ] || ! newer "$version" 3.11; then
    lacks "Python 3.11 or newer (${version:-none} is here)" "$how"
  elif python3 -c 'import ensurepip, venv' 2>/dev/null; then
    found "Python $version with venv"
  elif here apt-get; then
    may_lack "Python's venv, which make test installs" "$how"
  else
    lacks "Python's venv and ensurepip" "$how"
  fi

  # The race detector links with C, but not on macOS.
  compiler=$(go env CC 2>/dev/null)
  if [ "$(uname -s)" = Darwin ]; then
    :
  elif here "${compiler:-cc}"; then
    found "a C compiler"
  else
    lacks "a C compiler, for Go's race detector" "$(by "gcc libc6-dev" - "the compiler of your system")"
  fi

  if chromium=$(web/story/chromium.sh --find 2>/dev/null); then
    found "Chromium: $chromium"
  elif here apt-get; then
    may_lack "Chromium, which make test installs" "$(by chromium - -)"
  else
    lacks "Chromium or Chrome, whose path CHROMIUM may say" "$(by chromium "--cask google-chrome" "https://www.google.com/chrome")"
  fi

  if bash shared/test/servers/dynoxide.sh --can >/dev/null 2>&1; then
    found "a DynamoDB server for $system, or what builds it"
  else
    lacks "Rust's cargo, which builds the DynamoDB server of the tests on $system" "$(by cargo rust "https://rustup.rs")"
  fi
fi

if is deploy; then
  how="https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
  case $(aws --version 2>&1) in
  aws-cli/[2-9]*) found "the AWS CLI" ;;
  *) may_lack "version 2 of the AWS CLI, which only the commands of docs/runbooks need" "$(by - awscli "$how")" ;;
  esac
fi

if is sam; then
  if here docker; then found Docker; else may_lack "Docker, which only make sam needs" "$(by docker.io "--cask docker" "https://docs.docker.com/get-docker")"; fi
fi
exit $missing
