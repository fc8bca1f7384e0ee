#!/usr/bin/env bash
# deploy.sh STAGE [flags of cdk deploy] deploys the commit that is checked out: asks the
# account whether it can be, synthesizes, deploys, records which versions are live, uploads
# the pages and looks whether the service answers. Functions move to a new version by a
# canary and go back by themselves if it fails: that takes five minutes each, side by side.
#
# PREFLIGHT=off asks nothing beforehand, ACCEPT="NAME,…" accepts lines of the preflight
# that fail, and CANARY=off moves all functions at once.
set -euo pipefail
cd "$(dirname "$0")/.."
stage=$1
shift
outputs=build/outputs-$stage.json
step=preflight

value() { node -p 'JSON.parse(require("fs").readFileSync(process.argv[1]))["infocig-" + process.argv[2]][process.argv[3]]' "$outputs" "$stage-$1" "$2"; }

# red says what has happened and what to do where the deployment stops.
red() {
  local code=$?
  [[ $code == 0 ]] && exit 0
  echo >&2
  case $step in
    preflight) echo "deploy: nothing was changed. Put right what is said above, each line with FAILED, and give the same again. What is meant to be so: ACCEPT=\"its name\"." ;;
    release | synthesize) echo "deploy: nothing was changed." ;;
    change) echo "deploy: nothing was changed. What is named above CloudFormation would refuse, or people's data would be lost: see docs/runbooks/deploy.md, What a deployment must not take away." ;;
    deploy) echo "deploy: it stopped at the stack that is named above. If the question about its rights was answered by no, or nobody could be asked (a pipeline gives ARGS=\"--require-approval never\"), nothing of it is new; else it went back to what it was. Stacks before it are new. Its events say why (aws cloudformation describe-stack-events --stack-name infocig-$stage-…); a canary that failed: docs/runbooks/canary-errors.md. Put it right and give the same again. Functions of the stacks before go back with: make rollback STAGE=$stage" ;;
    record) echo "deploy: the functions are new, the pages are not, and the release was not recorded, so that nobody can go back to it. Put right what is said above and give the same again." ;;
    pages) echo "deploy: the functions are new, the pages may not be. Give the same again." ;;
    smoke) echo "deploy: all is deployed, but the service does not answer as it should: see the lines with FAILED. If people are there: make rollback STAGE=$stage (functions), and close the desk if that does not help: go run ./ops close --stage $stage --reason \"…\"" ;;
  esac >&2
  exit "$code"
}
trap red EXIT

if [[ ${PREFLIGHT:-on} == off ]]; then
  echo "deploy: PREFLIGHT=off: nothing was asked beforehand, and what is missing will show halfway" >&2
else
  go run ./ops preflight --stage "$stage" ${ACCEPT:+--accept "$ACCEPT"}
fi
step=release
release=$(go run ./ops release next --stage "$stage")
step=synthesize
make --no-print-directory synth STAGE="$stage" CONTEXT="-c deploy=yes -c release=$release${CANARY:+ -c canary=$CANARY}"
step=change
go run ./infra/check -deployed "$stage" cdk.out
step=deploy
echo "deploy: release $release"
JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 tools/node_modules/.bin/cdk deploy --app cdk.out --all --outputs-file "$outputs" "$@"
step=record
go run ./ops release record --stage "$stage"
step=pages
bin=$(tools/python.sh)
tools/upload.sh "$stage" "$(value web PagesBucket)"
"$bin/aws" cloudfront create-invalidation --distribution-id "$(value web DistributionId)" --paths '/*.html' '/' '/myinps' '/cassetto' '/advisor' '/supervisor' >/dev/null
step=smoke
pages=$(value web PagesUrl)
echo "deploy: the pages are at https://$(value web DistributionDomain)"
echo "deploy: DNS: ${pages#https://}. CNAME $(value web DistributionDomain). (in Route 53 better an alias)"
go run ./ops smoke --stage "$stage"
step=done
echo "deploy: $stage is at $pages, release $release"
