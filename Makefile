# make prints what there is to make.
.DEFAULT_GOAL := help
SHELL := bash
# Make 3.81, which macOS has, does not know these flags: no recipe relies on them.
.SHELLFLAGS := -eu -o pipefail -c

LINT_VERSION := v2.15.0
CACHE        := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/infocig
LINT         := $(CACHE)/bin/golangci-lint-$(LINT_VERSION)
STAGE        := dev
CDK          := JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 tools/node_modules/.bin/cdk
GO_DIRS      := ./functions/... ./infra/... ./local/... ./ops/... ./shared/...

# What was compiled in one clone serves in another one.
export GOFLAGS := $(filter-out -trimpath -buildvcs=false,$(shell go env GOFLAGS 2>/dev/null)) -trimpath -buildvcs=false

# The CDK is large, and as it is on all systems.
CROSS := ./functions/... ./local/... ./ops/... ./shared/... ./infra/owner ./infra/topology

# These tests have one goroutine and take ten times as long with the race detector, or
# need a machine that is not busy: 240 sockets that are cut in one moment.
ALONE     := ^Test(TheGatewayCutsEverybodyAtOnce|AnHourOfTrouble|AnAdvisorKeepsWhatIsOpen|IBANsOfEveryCountryAreHidden|WorkIsLinear|EveryMinuteAroundTheClockChanges|UntilIsTheFirstChange)$$
ALONE_IN  := ./local ./shared/chat ./shared/hours ./shared/redact

help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: web ## the whole service on this machine; ARGS="-addr …" for flags, ARGS=-help for help
	@tools/doctor.sh run
	@echo "Building the service (the first time takes a minute or two) …"
	@go build -o build/local ./local
	@exec build/local $(ARGS)

doctor: ## what this machine lacks, and how to install it
	@tools/doctor.sh

test: ## everything passes: all parts, side by side, each with its time
	@tools/doctor.sh test
	@exec node tools/parts.mjs test

quick: ## between two edits, a minute: vet, unit tests, 200 runs of the simulator, the pages' types and the SDK's tests. Not: golangci-lint, race detector, whole service, planted bugs, stacks, stories, wire documents
	@tools/doctor.sh quick
	@exec node tools/parts.mjs quick

test-go: web ## unit, property and conformance tests, with the race detector
	@nice go list -race -export -test ./functions/... ./local/... ./ops/... ./shared/... >/dev/null # compiles: whoever waits goes first
	go test -vet=off -race -parallel 4 -skip '$(ALONE)' $$(go list $(GO_DIRS) | grep -v -e infra/stacks -e shared/chat/sim -e local/afternoon)
	go test -vet=off -run '$(ALONE)' $(ALONE_IN)

test-sim: ## 1,000 runs of the simulator, each with 500 effects under load and everything that can go wrong; planted bugs; whole days, with their bells
	go test -vet=off ./shared/chat/sim ./local/afternoon

sim: ## 10,000 runs; ARGS="-seed N" shows one, ARGS="-seeds N -steps N" does as many
	set -o pipefail; go test -count=1 -timeout 30m -run '^TestSim$$' -v ./shared/chat/sim $(if $(ARGS),$(ARGS),-seeds 10000) | grep -v '^ *[0-9.]*s  '

test-infra: synth deploy-check ## the stacks: templates, rules, a deployment (the CDK's own runtime has a data race)
	go test -vet=off ./infra/stacks

test-web: web ## the SDK's tests, the pages' types, the wire documents
	npm --prefix web run --silent check
	npm --prefix web run --silent test
	npm --prefix web run --silent lint:wire

test-story: web binaries ## the stories of a chat, in Chromium
	go build -o build/local ./local
	npm --prefix web run --silent story

quick-go:
	go vet $(GO_DIRS)
	go test -vet=off $$(go list ./ops ./shared/... ./local/... ./infra/owner ./infra/topology | grep -v -e shared/chat/sim -e local/afternoon -e local/cold -e '/local$$')

quick-sim:
	go test -vet=off -run '^Test(Sim|Replay)$$' ./shared/chat/sim -seeds 200

quick-web: web/node_modules/.package-lock.json
	npm --prefix web run --silent check
	npm --prefix web run --silent test

afternoon: ## play an opening day in virtual time, print its figures and draw them; ARGS="-day national", ARGS=-help
	@go run ./local/afternoon $(ARGS)

counts: ## what each event costs: DynamoDB units, invocations, frames, SQS; and a whole chat's price
	@if out=$$(go test -count=1 -run '^TestCounts$$' -v ./local 2>&1); then sed -n 's/^        //p' <<<"$$out"; else echo "$$out"; exit 1; fi

functions: ## the Lambda functions as they are deployed, into build/functions
	@go run ./local/cold -build build/functions

binaries: ## the same for this machine, into build/binaries: for -functions bootstrap -binaries build/binaries
	@go run ./local/cold -build build/binaries -here

load: web ## 5,000 sockets on the service, from a process of its own; ARGS="-sockets N …"
	@go build -o build/local ./local
	@go build -o build/load ./local/load
	@said=$$(mktemp); build/local -addr 127.0.0.1:0 -data memory >"$$said" & service=$$!; trap 'kill $$service; rm -f "$$said"' EXIT; \
	until base=$$(sed -n 's/^INFO CIG is at //p' "$$said"); [ -n "$$base" ]; do kill -0 $$service || exit 1; sleep 0.2; done; \
	build/load -base "$$base" $(ARGS)

synth: functions tools/node_modules/.package-lock.json ## the CloudFormation templates of STAGE, into cdk.out, looked through by cfn-lint, cdk-nag and our own rules
	@rm -rf cdk.out.new
	@$(CDK) synth --quiet -c stage=$(STAGE) $(CONTEXT) -o cdk.out.new
	@tools/cfn-lint.sh cdk.out.new
	@node tools/nag.js cdk.out.new
	@go run ./infra/check cdk.out.new
	@rm -rf cdk.out && mv cdk.out.new cdk.out

cost: synth ## what STAGE costs in a month in which nobody uses it, from its templates
	@go run ./infra/check -cost cdk.out

preflight: ## ask the account of STAGE for what a deployment needs; ACCEPT="name,…" accepts what fails
	@go run ./ops preflight --stage $(STAGE) $(if $(ACCEPT),--accept "$(ACCEPT)")

bootstrap: functions tools/node_modules/.package-lock.json ## what the CDK needs, once in the account of STAGE, in its region and in us-east-1
	@$(CDK) bootstrap -c stage=$(STAGE) $$(node -p 'const v = JSON.parse(require("fs").readFileSync("infra/owner/$(STAGE).json")); [v.region, "us-east-1"].map((r) => `aws://$${v.account}/$${r}`).join(" ")')

deploy: web/node_modules/.package-lock.json tools/node_modules/.package-lock.json ## ask, synthesize, deploy STAGE, record, upload its pages, look whether it answers; CANARY=off: all at once; PREFLIGHT=off; ARGS="…" for cdk deploy
	@PREFLIGHT="$(PREFLIGHT)" ACCEPT="$(ACCEPT)" CANARY="$(CANARY)" tools/deploy.sh $(STAGE) $(ARGS)

destroy: tools/node_modules/.package-lock.json ## destroy the stacks of STAGE with all that they hold; not production's
	@[ "$(STAGE)" = prod ] || $(MAKE) --no-print-directory synth
	@tools/destroy.sh $(STAGE) $(ARGS)

rollback: ## take every function of STAGE back to the release recorded before; TO=ID for another
	@go run ./ops rollback --stage $(STAGE) $(if $(TO),--to $(TO))

retain: ## delete the conversations of STAGE that ended longer ago than its owner keeps them
	@go run ./ops retain --stage $(STAGE)

redrive: ## send the dead letters of STAGE on again
	@go run ./ops redrive --stage $(STAGE)

deploy-check: functions tools/node_modules/.package-lock.json ## cdk deploy to a CloudFormation server that is not AWS's: all stacks, again, a change, destroy
	@tools/deploy-check.sh

sam: functions tools/node_modules/.package-lock.json ## the functions in containers, by AWS SAM: a whole chat, each event, the HTTP API
	@tools/sam/sam.sh

bench: counts ## the counts, a message's allocations, the gateway beside a plain echo, sizes and starts
	@go test -run '^$$' -bench . -benchmem ./shared/chat/socket ./local/gateway | grep -v '^ok'
	@go run ./local/cold

bench-cold: ## size of each function, and what its start costs beside that of an empty one
	@go run ./local/cold

lint: $(LINT) ## gofmt, vet and golangci-lint
	@test -z "$$(gofmt -l functions infra local ops shared tools/supply)" || { gofmt -l functions infra local ops shared tools/supply; echo "run gofmt"; exit 1; }
	$(LINT) run --allow-parallel-runners $(GO_DIRS)
	cd tools/supply && $(LINT) run --allow-parallel-runners --config ../../.golangci.yml .
	go vet -tags sam ./local

cross: ## everything in Go compiled and vetted for the other system and the other processor (macOS on x86-64 is both, and has no file of its own)
	GOOS=linux GOARCH=arm64 go vet $(CROSS)
	GOOS=darwin GOARCH=arm64 go vet $(CROSS)

web: web/dist/index.html ## the pages, into web/dist

fuzz: ## look for inputs that break the decoders, for a minute each
	go test -fuzz FuzzCode -fuzztime 1m ./shared/fiscal
	go test -fuzz FuzzFrame -fuzztime 1m ./shared/chat/socket
	go test -fuzz FuzzBody -fuzztime 1m ./shared/chat/httpapi
	go test -fuzz FuzzText -fuzztime 1m ./shared/redact
	go test -fuzz FuzzLog -fuzztime 1m ./shared/redact

supply: ## known vulnerabilities, licences, bills of materials (build/sbom), secrets, the pipeline's files; ARGS=-strict: what cannot be looked at fails, too
	@go build -C tools/supply -o ../../build/supply/ . tool
	@go test -C tools/supply -vet=off .
	@build/supply/supply $(ARGS)

linter: $(LINT)

tools: tools/node_modules/.package-lock.json ## what the tests need, installed
	@web/story/chromium.sh >/dev/null
	@bash shared/test/servers/dynoxide.sh >/dev/null
	@bash shared/test/servers/python.sh shared/test/servers/requirements.txt >/dev/null
	@tools/python.sh >/dev/null

clean: ## remove what was built; data and tools stay
	rm -rf build cdk.out cdk.out.new tools/node_modules web/dist web/dist.new web/node_modules web/sdk/src/wire

web/node_modules/.package-lock.json: web/package-lock.json
	@echo "Installing what the pages are built with …"
	@npm ci --prefix web --ignore-scripts --no-audit --no-fund --silent
	@touch $@

tools/node_modules/.package-lock.json: tools/package-lock.json
	@echo "Installing the CDK …"
	@npm ci --prefix tools --ignore-scripts --no-audit --no-fund --silent
	@touch $@

WEB_SOURCES := $(shell find web -name node_modules -prune -o -name 'dist*' -prune -o -name wire -prune -o -type f -print 2>/dev/null)
WIRE        := shared/chat/socket/asyncapi.yaml shared/chat/httpapi/openapi.yaml shared/text/it.json

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES) $(WIRE)
	@echo "Building the pages …"
	@npm --prefix web run --silent build
	@touch $@

$(LINT):
	@echo "building golangci-lint $(LINT_VERSION), once: some minutes"
	@mkdir -p "$(CACHE)/bin"
	@own=$$(mktemp -d "$(CACHE)/lint.XXXXXX"); trap 'rm -rf "$$own"' EXIT; \
	GOFLAGS= GOBIN=$$own go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION); mv "$$own/golangci-lint" "$@"

.PHONY: help run doctor test quick test-go test-sim test-infra test-web test-story cross quick-go quick-sim quick-web counts binaries functions sim afternoon load synth cost preflight bootstrap deploy destroy rollback retain redrive deploy-check sam bench bench-cold lint supply linter web fuzz tools clean
