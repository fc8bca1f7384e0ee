#!/usr/bin/env bash
# cfn-lint.sh CDK_OUT looks through the synthesized templates, each for its region.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(tools/python.sh)
n=0
while read -r region template; do
  # W3005: the CDK writes DependsOn also where a reference says the same.
  "$bin/cfn-lint" --regions "$region" --ignore-checks W3005 -- "$1/$template"
  n=$((n + 1))
done < <(node -e '
  const { artifacts } = JSON.parse(require("fs").readFileSync(process.argv[1] + "/manifest.json"))
  for (const a of Object.values(artifacts)) {
    if (a.type === "aws:cloudformation:stack") console.log(a.environment.split("/").pop(), a.properties.templateFile)
  }' "$1")
[[ $n -gt 0 ]] || { echo "cfn-lint.sh: there is no template in $1" >&2; exit 1; }
echo "cfn-lint: $n templates, no finding"
