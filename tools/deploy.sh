#!/usr/bin/env bash
# deploy.sh STAGE [flags of cdk deploy] deploys what is in cdk.out, uploads the
# pages and looks whether the service answers. Functions move to a new version by
# a canary and go back by themselves if it fails: that takes five minutes each,
# side by side.
set -euo pipefail
cd "$(dirname "$0")/.."
stage=$1
shift
bin=$(tools/python.sh)
outputs=build/outputs-$stage.json

value() { node -p 'JSON.parse(require("fs").readFileSync(process.argv[1]))["infocig-" + process.argv[2]][process.argv[3]]' "$outputs" "$stage-$1" "$2"; }

JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 tools/node_modules/.bin/cdk deploy --app cdk.out --all --outputs-file "$outputs" "$@"
tools/upload.sh "$stage" "$(value web PagesBucket)"
"$bin/aws" cloudfront create-invalidation --distribution-id "$(value web DistributionId)" --paths '/*.html' '/' '/myinps' '/cassetto' '/advisor' '/supervisor' >/dev/null
go run ./ops smoke --pages "$(value web PagesUrl)" --socket "$(value socket SocketUrl)"
echo "deploy: $stage is at $(value web PagesUrl); its host must lead to $(value web DistributionDomain)"
