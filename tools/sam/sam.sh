#!/usr/bin/env bash
# sam.sh runs the synthesized functions in containers by AWS SAM: the story of a
# chat through "sam local start-lambda", each function alone with its recorded
# events, and the HTTP API. It uses the Docker engine that runs, or starts one of
# its own and ends it (engine.sh). Exits 77, loudly, where there can be none.
set -euo pipefail
cd "$(dirname "$0")/../.."
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE # with false ones every call of sam takes ten seconds
export AWS_DEFAULT_REGION=eu-south-1 AWS_EC2_METADATA_DISABLED=true SAM_CLI_TELEMETRY=0
export STATE=${XDG_CACHE_HOME:-$HOME/.cache}/infocig/engine
own=unix://$STATE/docker.sock

refuse() {
  cat >&2 <<TEXT

  ##############################################################################
  #  SAM WAS NOT RUN: the functions were not seen in containers.
  #  $*
  #  What helps: Docker Desktop, or root on Debian or Ubuntu.
  ##############################################################################

TEXT
  exit 77
}

# host prints how containers of the engine that runs see this machine.
host() {
  if [[ $(docker info --format '{{.OperatingSystem}}') == *Desktop* ]]; then
    echo host.docker.internal
  else
    tools/sam/engine.sh network >&2 || return
    echo 172.17.0.1
  fi
}

if [[ ${DOCKER_HOST:-} != "$own" ]] && docker info >/dev/null 2>&1; then
  echo "sam: a Docker engine runs already"
  SAM_HOST=$(host) || refuse "Containers of this Docker engine cannot reach the loopback interface: be root, or use Docker Desktop."
else
  reason=$(tools/sam/engine.sh up 2>&1 | tee /dev/stderr | tail -1; exit "${PIPESTATUS[0]}") || refuse "$reason"
  trap 'tools/sam/engine.sh down' EXIT
  export DOCKER_HOST=$own SAM_IMAGE=infocig/base:local
  SAM_HOST=172.17.0.1
fi
SAM=$(dirname "$(bash shared/servers/python.sh tools/sam/requirements.txt)")/sam
export SAM SAM_HOST SAM_TEMPLATES=$PWD/build/sam

rm -rf build/sam
JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 tools/node_modules/.bin/cdk synth --quiet -c stage=dev -o build/sam >/dev/null 2>build/sam.log ||
  { cat build/sam.log >&2; exit 1; }
node tools/sam/templates.mjs build/sam dev
"$SAM" --version
docker version --format 'Docker engine {{.Server.Version}}'
go test -tags sam -count=1 -timeout 15m -run '^TestSAM$' -v ./local
