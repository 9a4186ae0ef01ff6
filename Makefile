# callup: what each target does is printed by `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/sh

# The first Python from 3.11 to 3.13 that is here; another one: make demo PYTHON=/path/to/python
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := -m pip install -q --disable-pip-version-check
PEERS := $(patsubst requirements/%.txt,.venv-%/ready,$(wildcard requirements/bench-*.txt))
SOURCES := src tests verifier scripts

.PHONY: help demo test check nightly bench bench-nightly walk mutants lint format map clean hooks

help: ## what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# ---- set-up: hash-pinned, made once, made again when the pins change

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "callup needs Python 3.11, 3.12 or 3.13; none was found" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv is missing: on Debian, apt-get install python3-venv" >&2; exit 2; }

$(VENV)/run: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "setting up $(VENV) (once; some minutes on a slow line)" >&2
	@$(BIN)/python $(PIP) --require-hashes -r requirements/run.txt
	@$(BIN)/python $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/run
	@$(BIN)/python $(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

.venv-bench-%/ready: requirements/bench-%.txt
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(PIP) --require-hashes -r $<
	@touch $@

# the identity provider of the tests (ADR 0029)
.oidc-provider/ready: tests/app/oidc/package-lock.json
	@mkdir -p $(@D) && cp tests/app/oidc/package.json tests/app/oidc/package-lock.json $(@D)
	@cd $(@D) && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

# ---- what people type

demo: $(VENV)/run ## a whole call-up on a synthetic register, in about a minute after set-up; the result is in out/demo
	@$(BIN)/callup demo --out out/demo

test: $(VENV)/dev ## pass the tests: three at a time, since browsers, databases and disks are waited for
	@$(BIN)/python -m pytest -n 3 --dist worksteal

check: ## what CI runs: set-up, lint, tests, demo, verify, replay; prints the seconds of each beside its budget
	@test -n "$(PYTHON)" || { echo "callup needs Python 3.11, 3.12 or 3.13; none was found" >&2; exit 2; }
	@$(PYTHON) scripts/check.py

lint: $(VENV)/dev ## format, lint, types, floors
	@$(BIN)/ruff format --check $(wildcard $(SOURCES))
	@$(BIN)/ruff check $(wildcard $(SOURCES))
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/dev ## write the format
	@$(BIN)/ruff format $(wildcard $(SOURCES))
	@$(BIN)/ruff check --fix $(wildcard $(SOURCES))

map: $(VENV)/run ## write the generated pages again: the table in ARCHITECTURE.md, docs/commands.md, docs/facts.md
	@$(BIN)/python scripts/pages.py

nightly: $(VENV)/dev ## the tests with every byte, seed and guard, where `make test` tries one in three, and a quarter of all crashes
	@CALLUP_WHOLE=$$(date +%-j) $(BIN)/python -m pytest -n 3 --dist worksteal

walk: $(VENV)/dev ## walk the whole state space of a case, all kinds of facts at once; takes an hour
	@PYTHONPATH=src:tests $(BIN)/python tests/cases/walk.py

mutants: $(VENV)/dev ## change law and cases one small way at a time and count what no test notices: SAMPLE=100 SEED=1, hours
	@$(BIN)/python scripts/mutants.py --sample $(or $(SAMPLE),100) --seed $(or $(SEED),1)

bench: $(VENV)/run $(PEERS) ## benchmarks, each beside its peer and its limit
	@$(BIN)/callup bench

bench-nightly: $(VENV)/run $(PEERS) ## benchmarks as medians of three, into out/bench; fails where a ratio is a fifth worse than in docs/benches
	@$(BIN)/callup bench --runs 3 --out out/bench --against docs/benches

hooks: ## have git run the quick checks before each commit, from this folder; nothing is fetched
	@git config core.hooksPath scripts/hooks

clean: ## remove what was made
	@rm -rf $(VENV) .venv-* out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
