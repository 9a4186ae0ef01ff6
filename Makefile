.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test check bench lint format clean

help: ## what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/run: requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/python -m pip install -q --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/run
	$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/run ## a whole call-up on a synthetic register, in under a minute; the dossier is in out/demo
	$(BIN)/callup demo --out out/demo

test: $(VENV)/dev ## pass the tests
	$(BIN)/python -m pytest -n 2

check: $(VENV)/dev lint test ## what CI runs: lint, types, floors, tests, demo, verify, replay

lint: $(VENV)/dev ## format, lint, types, floors
	$(BIN)/ruff format --check src tests verifier
	$(BIN)/ruff check src tests verifier
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev ## write the format
	$(BIN)/ruff format src tests verifier
	$(BIN)/ruff check --fix src tests verifier

bench: $(VENV)/run ## benchmarks, each beside its peer and its limit
	$(BIN)/callup bench

clean: ## remove what was made
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
