#!/usr/bin/env bash
# upload.sh STAGE BUCKET builds the pages of a stage and puts them into its
# bucket: what pages load first, the pages last, and what no page loads any more
# stays, since somebody may have an old page open.
set -euo pipefail
cd "$(dirname "$0")/.."
stage=$1
bucket=$2
bin=$(tools/python.sh)
out=build/web/$stage

owner=$(node tools/owner.mjs "$stage")
(
  cd web
  node wire.mjs
  node icons.mjs
  INFOCIG_OWNER=$owner node_modules/.bin/vite build --logLevel warn --outDir "../$out" --emptyOutDir
)
# The desk of an office is a stand-in for Linea INPS, for one machine.
rm -f "$out/officer.html"

sync() { "$bin/aws" ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} s3 sync --no-progress "$@"; }
sync "$out/assets" "s3://$bucket/assets" --cache-control 'public, max-age=31536000, immutable'
sync "$out" "s3://$bucket" --exclude 'assets/*' --cache-control no-cache
echo "upload: $(find "$out" -type f | wc -l) files are in $bucket"
