#!/usr/bin/env bash
# Prints the folder of the programs that tools/requirements.txt names: cfn-lint,
# moto_server, aws. Installs them once.
set -euo pipefail
cd "$(dirname "$0")/.."
dirname "$(bash shared/test/servers/python.sh tools/requirements.txt)"
