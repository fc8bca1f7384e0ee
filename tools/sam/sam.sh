#!/usr/bin/env bash
# sam.sh runs the synthesized functions in containers by AWS SAM: the story of a
# chat through "sam local start-lambda", each function alone with its recorded
# events, and the HTTP API. It uses the Docker engine that runs, or starts one of
# its own, and leaves everything as it was (engine.sh). Exits 77, loudly, where
# there can be none.
set -euo pipefail
{ # read whole before it runs: it may be changed meanwhile
cd "$(dirname "$0")/../.."
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE # with false ones every call of sam takes ten seconds
export AWS_DEFAULT_REGION=eu-south-1 AWS_EC2_METADATA_DISABLED=true SAM_CLI_TELEMETRY=0
export STATE=${XDG_CACHE_HOME:-$HOME/.cache}/infocig/engine
own=unix://$STATE/docker.sock

refuse() {
  cat >&2 <<TEXT

  ##############################################################################
  #  SAM WAS NOT RUN: the functions were not seen in containers.
  #  ${1:-What failed is printed above.}
  #  What helps: Docker Desktop, or root on Debian or Ubuntu.
  ##############################################################################

TEXT
  exit 77
}

# One at a time on a machine, also of other clones and other caches: they would end each
# other's engine, and undo what leads its containers to this machine. Elsewhere than on
# Linux there is no flock, and no engine of this script; who is not root starts none.
mkdir -p "$(dirname "$STATE")"
lock=/run/infocig-sam.lock
[[ -w /run ]] || lock=$STATE.lock
exec 9>"$lock"
if command -v flock >/dev/null && ! flock --nonblock 9; then
  echo "sam: waits for another make sam on this machine"
  flock --wait 900 9 || refuse "Another make sam has run for a quarter of an hour."
fi
trap 'tools/sam/engine.sh down' EXIT

# theirs reports whether an engine runs that is not of this script.
theirs() { [[ ${DOCKER_HOST:-} != "$own" ]] && docker info >/dev/null 2>&1; }

if ! theirs; then
  reason=$(tools/sam/engine.sh install) || refuse "$reason" # may start one
fi
if theirs; then
  echo "sam: uses the Docker engine that runs: $(docker info --format '{{.Name}}, {{.OperatingSystem}}')"
  SAM_HOST=host.docker.internal
  if [[ $(docker info --format '{{.OperatingSystem}}') != *Desktop* ]]; then
    SAM_HOST=$(docker network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}')
    reason=$(tools/sam/engine.sh reach "$SAM_HOST") || refuse "$reason"
  fi
else
  echo "sam: starts a Docker engine of its own"
  reason=$(tools/sam/engine.sh up) || refuse "$reason"
  export DOCKER_HOST=$own
  SAM_IMAGE=$(tools/sam/engine.sh image)
  export SAM_IMAGE
  SAM_HOST=172.17.0.1
fi
python=$(bash shared/test/servers/python.sh tools/sam/requirements.txt)
export SAM_PYTHON=$python SAM_PROGRAM=$PWD/tools/sam/sam.py SAM_CLI_CONTAINER_CONNECTION_TIMEOUT=60
export SAM_HOST SAM_TEMPLATES=$PWD/build/sam

rm -rf build/sam
JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 tools/node_modules/.bin/cdk synth --quiet -c stage=dev -o build/sam >/dev/null 2>build/sam.log ||
  { cat build/sam.log >&2; exit 1; }
node tools/sam/templates.mjs build/sam dev
"$SAM_PYTHON" "$SAM_PROGRAM" --version
docker version --format 'Docker engine {{.Server.Version}} on {{.Server.Os}}/{{.Server.Arch}}'
go test -tags sam -count=1 -timeout 15m -run '^Test(SAM|Front|NotCalled)$' -v ./local
exit
}
