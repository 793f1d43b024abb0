# Everything is built into .venv, .local and cdk.out, all of them ignored by git. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The environments are installed uncompiled and compile as they are used; this setting would make that happen every time.
unexport PYTHONDONTWRITEBYTECODE

CONFIG ?= ops/demo/bright-smile.yaml
PORT ?= 8080
PLATFORM ?= vapi
STAGE ?= dev
JOBS ?= 2
MINUTES ?= 10
SEED ?= 1
PYTEST_ARGS ?=

PY := .venv/bin/python
CDK := CDK_DISABLE_CLI_TELEMETRY=true npx --yes aws-cdk@2.1148.1
LOCAL_TESTS := tests --ignore=tests/infra --ignore=tests/e2e --ignore=tests/live -m "not infra and not e2e and not live"
COMPILE := .venv/bin/uv pip compile --quiet --generate-hashes --universal --no-header --no-emit-index-url --no-emit-find-links

.PHONY: help setup demo serve test simulate crash live check format format-check lint types imports infra bench synth deploy destroy e2e \
	requirements node clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

setup: .venv/.made .local/aws-engine/.made ## build both environments; runs by itself before every other target

.venv/.made: requirements/dev.txt pyproject.toml ops/environment.sh ops/python.sh
	ops/environment.sh .venv requirements/dev.txt
	PYTHONWARNINGS=ignore $(PY) -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	touch $@

.local/aws-engine/.made: requirements/local-aws.txt ops/environment.sh ops/python.sh .venv/.made
	mkdir -p .local
	ops/environment.sh .local/aws-engine requirements/local-aws.txt
	touch $@

demo: setup ## play one phone call against the local stack and check every answer: PLATFORM=vapi
	exec $(PY) -m ops.local.demo --platform "$(PLATFORM)"

serve: setup ## run the local stack: CONFIG=desk.yaml PORT=8080
	exec $(PY) -m ops.local.serve --config "$(CONFIG)" --port "$(PORT)"

test: setup ## all tests that need no account and no Docker: JOBS=2 PYTEST_ARGS=...
	$(PY) -m pytest -q -n $(JOBS) --dist loadfile $(LOCAL_TESTS) $(PYTEST_ARGS)

simulate: setup ## each real adapter, then a million callers and every pair of faults; stop it, run it again to go on
	$(PY) -m tests.simulation.run adapters --jobs $(JOBS)
	$(PY) -m tests.simulation.run campaign --jobs $(JOBS)

crash: setup ## processes on the real local engine, killed again and again: MINUTES=10 SEED=1
	$(PY) -m tests.real_engine.run --minutes $(MINUTES) --seed $(SEED)

live: setup ## tests against real accounts; each names the variable it misses
	$(PY) -m pytest -q tests/live $(PYTEST_ARGS)

check: format-check lint types imports test infra e2e ## everything that CI runs

format: setup ## rewrite the sources as the formatter wants them
	.venv/bin/ruff format .

format-check: setup
	.venv/bin/ruff format --check .

lint: setup ## ruff
	.venv/bin/ruff check .

types: setup ## mypy, strict
	.venv/bin/mypy

imports: setup ## who may import whom
	.venv/bin/lint-imports

infra: setup node ## assertions on the synthesised stack
	$(PY) -m pytest -q tests/infra $(PYTEST_ARGS)

e2e: synth ## deploy the synthesised template to the local AWS engine and play a call
	$(PY) -m pytest -q tests/e2e $(PYTEST_ARGS)

bench: setup node ## the performance scoreboard
	$(PY) -m bench

synth: setup node ## write the CloudFormation template and its assets to cdk.out: STAGE=dev
	$(PY) app.py --context stage=$(STAGE) --output cdk.out

deploy: setup node ## deploy to the AWS account of your credentials: STAGE=dev
	$(CDK) deploy --no-notices --context stage=$(STAGE)

destroy: setup node ## remove the stack: STAGE=dev
	$(CDK) destroy --no-notices --context stage=$(STAGE)

requirements: setup ## compile the locks anew from requirements/*.in; UPGRADE=--upgrade takes newer versions
	$(COMPILE) $(UPGRADE) --python-version 3.13 requirements/runtime.in -o requirements/runtime.txt
	$(COMPILE) $(UPGRADE) --python-version 3.12 requirements/dev.in -o requirements/dev.txt
	$(COMPILE) $(UPGRADE) --python-version 3.12 requirements/local-aws.in -o requirements/local-aws.txt

node:
	@node --version >/dev/null || { echo "CDK needs Node 20 or newer: install it, then run make again" >&2; exit 1; }

clean: ## remove everything that make built
	rm -rf .venv .local .cache cdk.out build *.egg-info
