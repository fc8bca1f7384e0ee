#!/usr/bin/env bash
# Deploys all stacks with "cdk deploy" to a CloudFormation server that is not
# AWS's (moto), as far as that goes: bootstrap, assets, deploy, again without
# changes, with a change, destroy. Prints what the server cannot do: nobody has
# seen that part deployed, and the template tests stand for it.
set -euo pipefail
cd "$(dirname "$0")/.."

account=123456789012 # the server's
region=eu-south-1
bin=$(tools/python.sh)
work=$(mktemp -d)
trap 'exec 8>&-; rm -rf "$work"' EXIT

# The server takes a port that is free, and ends with file 8, which is with this
# script, however that ends.
exec 8> >("$bin/moto_server" -H 127.0.0.1 -p 0 >"$work/server.log" 2>&1 & read -r _; kill -9 $! 2>/dev/null)
port=
for ((n = 0; n < 300 && ${#port} == 0; n++)); do
  sleep 0.1
  port=$(sed -n 's#.*Running on http://127.0.0.1:\([0-9]*\).*#\1#p' "$work/server.log" 2>/dev/null)
done
[[ -n $port ]] || { echo "deploy-check: the server does not start:" >&2; cat "$work/server.log" >&2; exit 1; }
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION=$region AWS_DEFAULT_REGION=$region
export AWS_ENDPOINT_URL=http://127.0.0.1:$port
# The server finds a bucket in the path only if the host is called s3.
export AWS_ENDPOINT_URL_S3=http://s3.localhost:$port AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION=https://s3.amazonaws.com
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 CI=true

aws() { "$bin/aws" --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }
step() { echo "deploy-check: $*"; }
fail() {
  echo "deploy-check: $*" >&2
  grep -E -B2 -A2 'Traceback|Error' "$work/server.log" | tail -30 >&2 || true
  exit 1
}

# run NAME COMMAND … shows what a command printed only if it fails.
run() {
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 || { tail -40 "$work/$name.log" >&2; fail "$name failed"; }
}

cdk() { NODE_OPTIONS="--require $PWD/tools/loopback.cjs" tools/node_modules/.bin/cdk "$@"; }

# synthesize LINEA_URL makes the assembly that the server can take.
synthesize() {
  sed -e "s/111122223333/$account/; s#https://linea.example.org#$1#" infra/owner/dev.json >"$work/owner.json"
  run synth env -u AWS_ENDPOINT_URL tools/node_modules/.bin/cdk synth --quiet -c stage=dev -c owner="$work/owner.json" -o "$work/whole"
  node tools/reduce.mjs "$work/whole" "$work/reduced" >"$work/left-out"
}

deploy() { run "$1" cdk deploy --app "$work/reduced" --all --require-approval never --concurrency 1 --method direct --outputs-file "$work/outputs.json"; }

# stacks names those that have something to deploy, region and name on a line.
stacks() {
  node -e '
    const { artifacts } = JSON.parse(require("fs").readFileSync(process.argv[1] + "/manifest.json"))
    for (const [name, a] of Object.entries(artifacts)) {
      if (a.type !== "aws:cloudformation:stack") continue
      const n = Object.keys(JSON.parse(require("fs").readFileSync(process.argv[1] + "/" + a.properties.templateFile)).Resources).length
      if (n > 0) console.log(a.environment.split("/").pop(), name, n)
    }' "$work/reduced"
}

step "synthesize"
synthesize https://linea.example.org
step "bootstrap"
run bootstrap cdk bootstrap "aws://$account/$region" "aws://$account/us-east-1"
step "deploy"
deploy deploy
all=0
while read -r at name resources; do
  made=$(aws --region "$at" cloudformation describe-stack-resources --stack-name "$name" --query 'length(StackResources)' --output text)
  [[ $made == "$resources" ]] || fail "$name has $made of $resources resources"
  all=$((all + made))
done < <(stacks)
functions=$(aws lambda list-functions --query "length(Functions[?starts_with(FunctionName, 'infocig-dev-') && Runtime=='provided.al2023' && CodeSize>\`0\`])")
((functions == $(find functions -mindepth 1 -maxdepth 1 -type d | wc -l))) || fail "there are $functions functions"
url=$(aws sqs get-queue-url --queue-name infocig-dev-escalations --query QueueUrl --output text)
aws sqs get-queue-attributes --queue-url "$url" --attribute-names RedrivePolicy --output text | grep -q infocig-dev-escalations-dead || fail "the queue has no dead letters"

step "deploy again: nothing may change"
deploy again
while read -r _ name _; do
  grep -q "$name (no changes)" "$work/again.log" || { cat "$work/again.log" >&2; fail "$name was deployed again without a change"; }
done < <(stacks)

step "what is deployed, against what would be"
run compare go run ./infra/check -deployed dev "$work/reduced"
grep -q 'nothing is refused or lost' "$work/compare.log" || fail "the check of the change says: $(cat "$work/compare.log")"

step "deploy a change"
synthesize https://linea-2.example.org
deploy change
linea=$(aws lambda get-function-configuration --function-name infocig-dev-escalate --query Environment.Variables.LINEA_URL --output text)
[[ $linea == https://linea-2.example.org ]] || fail "after the change LINEA_URL is $linea"

step "destroy, with what is in the buckets"
bucket=$(aws cloudformation describe-stacks --stack-name infocig-dev-web --query "Stacks[0].Outputs[?OutputKey=='PagesBucket'].OutputValue" --output text)
for n in 1 2 3; do aws s3api put-object --bucket "$bucket" --key "page-$((n % 2))" --body README.md >/dev/null; done # two objects, one in two versions
aws s3api delete-object --bucket "$bucket" --key page-0 >/dev/null
NODE_OPTIONS="--require $PWD/tools/loopback.cjs" APP="$work/reduced" run destroy tools/destroy.sh dev --force
grep -q "emptying $bucket" "$work/destroy.log" || fail "the bucket of the pages was not emptied"
left=$(aws s3api list-object-versions --bucket "$bucket" --query 'length([Versions, DeleteMarkers][][])' --output text 2>/dev/null || echo gone)
[[ $left == 0 || $left == gone ]] || fail "$left versions are left in $bucket"
for at in $region us-east-1; do
  left=$(aws --region "$at" cloudformation list-stacks --query "StackSummaries[?starts_with(StackName, 'infocig-') && StackStatus!='DELETE_COMPLETE'].StackName" --output text)
  [[ -z $left ]] || fail "left after destroying: $left"
done
echo "deploy-check: $all resources deployed, deployed again, changed and destroyed. Not proved here, since the server does not know it:"
cat "$work/left-out"
echo "  Nor that a stack's resources go with it (the server keeps them), permissions, quotas, tags of the key,"
echo "  time to live, warm throughput, change sets, and how long anything takes."
