# make prints what there is to make.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

LINT_VERSION := v2.15.0
CACHE        := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/infocig
LINT         := $(CACHE)/bin/golangci-lint-$(LINT_VERSION)
STAGE        := dev
CDK          := JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 tools/node_modules/.bin/cdk
GO_DIRS      := ./functions/... ./infra/... ./local/... ./ops/... ./shared/...

help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: web ## the whole service on this machine; ARGS="-addr …" for flags, ARGS=-help for help
	@echo "Building the service (the first time takes a minute or two) …"
	@go build -o build/local ./local
	@exec build/local $(ARGS)

test: tools web lint test-go test-sim test-infra test-web test-story ## everything passes

test-go: ## unit, property and conformance tests, with the race detector
	go test -race $$(go list $(GO_DIRS) | grep -v -e infra/stacks -e shared/sim -e local/afternoon)

test-sim: ## 1,000 runs of the simulator, each with 500 effects under load and everything that can go wrong; whole days, with their bells
	go test ./shared/sim ./local/afternoon

sim: ## 10,000 runs; ARGS="-seed N" shows one, ARGS="-seeds N -steps N" does as many
	go test -count=1 -timeout 30m -run '^TestSim$$' -v ./shared/sim $(if $(ARGS),$(ARGS),-seeds 10000) | grep -v '^ *[0-9.]*s  '

test-infra: synth deploy-check ## the stacks: templates, rules, a deployment (the CDK's own runtime has a data race)
	go test ./infra/stacks

test-web: web ## the SDK's tests, the pages' types, the wire documents
	npm --prefix web run --silent check
	npm --prefix web run --silent test
	npm --prefix web run --silent lint:wire

test-story: web ## the stories of a chat, in Chromium
	go build -o build/local ./local
	npm --prefix web run --silent story

afternoon: ## play an opening day in virtual time, print its figures and draw them; ARGS="-day national", ARGS=-help
	@go run ./local/afternoon $(ARGS)

counts: ## what each event costs: DynamoDB units, invocations, frames, SQS; and a whole chat's price
	@if out=$$(go test -count=1 -run '^TestCounts$$' -v ./local 2>&1); then sed -n 's/^        //p' <<<"$$out"; else echo "$$out"; exit 1; fi

functions: ## the Lambda functions as they are deployed, into build/functions
	@go run ./local/cold -build build/functions

load: web ## 5,000 sockets on the service, from a process of its own; ARGS="-sockets N …"
	@go build -o build/local ./local
	@go build -o build/load ./local/load
	@build/local -addr 127.0.0.1:8099 -data memory & service=$$!; trap 'kill $$service' EXIT; sleep 3; build/load -base http://127.0.0.1:8099 $(ARGS)

synth: functions tools/node_modules/.package-lock.json ## the CloudFormation templates of STAGE, into cdk.out, looked through by cfn-lint and cdk-nag
	@rm -rf cdk.out
	@$(CDK) synth --quiet -c stage=$(STAGE) $(CONTEXT)
	@tools/cfn-lint.sh cdk.out
	@node tools/nag.js cdk.out

deploy: ## build, synthesize, deploy STAGE, upload its pages, look whether it answers; ARGS="…" for cdk deploy
	@$(MAKE) --no-print-directory synth CONTEXT="-c deploy=yes"
	@$(MAKE) --no-print-directory web/node_modules/.package-lock.json
	@tools/deploy.sh $(STAGE) $(ARGS)

rollback: ## take every function of STAGE back to the version before
	@go run ./ops rollback --stage $(STAGE)

retain: ## delete the conversations of STAGE that ended longer ago than its owner keeps them
	@go run ./ops retain --table infocig-$(STAGE)-table --days $$(node -p 'JSON.parse(require("fs").readFileSync("infra/owner/$(STAGE).json")).conversation_days')

redrive: ## send the dead letters of STAGE on again
	@go run ./ops redrive --queue infocig-$(STAGE)-escalations --dead infocig-$(STAGE)-escalations-dead

deploy-check: functions tools/node_modules/.package-lock.json ## cdk deploy to a CloudFormation server that is not AWS's: all stacks, again, a change, destroy
	@tools/deploy-check.sh

sam: functions tools/node_modules/.package-lock.json ## the functions in containers, by AWS SAM: a whole chat, each event, the HTTP API
	@tools/sam/sam.sh

bench-cold: ## size of each function, and what its start costs beside that of an empty one
	@go run ./local/cold

lint: $(LINT) ## gofmt, vet and golangci-lint
	@test -z "$$(gofmt -l functions infra local ops shared)" || { gofmt -l functions infra local ops shared; echo "run gofmt"; exit 1; }
	$(LINT) run $(GO_DIRS)
	go vet -tags sam ./local

web: web/dist/index.html ## the pages, into web/dist

fuzz: ## look for inputs that break the decoders, for a minute each
	go test -fuzz FuzzCode -fuzztime 1m ./shared/fiscal
	go test -fuzz FuzzFrame -fuzztime 1m ./shared/socket
	go test -fuzz FuzzBody -fuzztime 1m ./shared/httpapi
	go test -fuzz FuzzText -fuzztime 1m ./shared/redact
	go test -fuzz FuzzLog -fuzztime 1m ./shared/redact

tools: $(LINT) ## what the tests need, installed
	@web/story/chromium.sh >/dev/null

clean: ## remove what was built; data and tools stay
	rm -rf build cdk.out tools/node_modules web/dist web/node_modules web/sdk/src/wire

web/node_modules/.package-lock.json: web/package-lock.json
	@echo "Installing what the pages are built with …"
	@npm ci --prefix web --ignore-scripts --no-audit --no-fund --silent
	@touch $@

tools/node_modules/.package-lock.json: tools/package-lock.json
	@echo "Installing the CDK …"
	@npm ci --prefix tools --ignore-scripts --no-audit --no-fund --silent
	@touch $@

WEB_SOURCES := $(shell find web -name node_modules -prune -o -name dist -prune -o -name wire -prune -o -type f -print 2>/dev/null)
WIRE        := shared/socket/asyncapi.yaml shared/httpapi/openapi.yaml shared/text/it.json

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES) $(WIRE)
	@echo "Building the pages …"
	@npm --prefix web run --silent build
	@touch $@

$(LINT):
	@echo "building golangci-lint $(LINT_VERSION), once: some minutes"
	@mkdir -p $(CACHE)/bin
	@GOBIN=$(CACHE)/build go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	@mv $(CACHE)/build/golangci-lint $@

.PHONY: help run test test-go test-sim test-infra test-web test-story counts functions sim afternoon load synth deploy rollback retain redrive deploy-check sam bench-cold lint web fuzz tools clean
