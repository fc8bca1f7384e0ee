#!/usr/bin/env bash
# destroy.sh STAGE [--force] [flags of cdk destroy] asks once and destroys the stacks of a
# stage with all that they hold: not production's, which AWS protects and people's data are in. Buckets are
# emptied before their stack goes, since AWS deletes none that has something in it; logs
# come until the stack that delivers them is gone. APP is an assembly, cdk.out if it does
# not say.
set -euo pipefail
cd "$(dirname "$0")/.."
stage=$1
shift
app=${APP:-cdk.out}
if [[ $stage == prod ]]; then
  echo "destroy: production's stacks are protected, and its tables, keys, secrets and logs stay. Switch the protection off for each stack first, if you mean it (aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name infocig-prod-…), and destroy them with the CDK." >&2
  exit 1
fi
case " $* " in
*" --force "*) ;;
*)
  echo "destroy: all stacks of $stage, with the pages, the logs, the table with everybody's conversations, the queues, the secrets and the key that all is encrypted with. None of it comes back."
  printf 'Type the name of the stage to go on: '
  read -r answer || answer=
  [[ $answer == "$stage" ]] || { echo "destroy: nothing was changed" >&2; exit 1; }
  ;;
esac
more=() # flags, but --force
for flag; do [[ $flag == --force ]] || more+=("$flag"); done
bin=$(tools/python.sh)
s3() { "$bin/aws" ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} s3api "$@"; } # one server has all services, if it is not AWS
cdk() { JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 tools/node_modules/.bin/cdk destroy --app "$app" --force ${more[@]+"${more[@]}"} "$@"; }

# emptied BUCKET deletes every version of everything in a bucket.
emptied() {
  local batch
  batch=$(mktemp)
  while :; do
    s3 list-object-versions --bucket "$1" --max-items 500 \
      --query '{Objects: [Versions, DeleteMarkers][][].{Key: Key, VersionId: VersionId}, Quiet: `true`}' --output json >"$batch"
    grep -q '"Key"' "$batch" || break
    s3 delete-objects --bucket "$1" --delete "file://$batch" >/dev/null
  done
  rm -f "$batch"
}

cdk "infocig-$stage-ops" "infocig-$stage-edge"
region=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1] + "/manifest.json")).artifacts["infocig-" + process.argv[2] + "-web"].environment.split("/").pop()' "$app" "$stage")
for name in PagesBucket LogsBucket; do
  bucket=$("$bin/aws" ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} --region "$region" cloudformation describe-stacks --stack-name "infocig-$stage-web" --query "Stacks[0].Outputs[?OutputKey=='$name'].OutputValue" --output text) || bucket=
  [[ -z $bucket || $bucket == None ]] || { echo "destroy: emptying $bucket"; emptied "$bucket"; }
done
cdk --all
echo "destroy: $stage is gone. The role that API Gateway writes logs with stays: it is the account's."
