# What a contributor types. Needs Python 3.11 or newer with venv, and a package index; everything lands in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# More arguments for pytest, such as MIGGUARD_TEST_ARGS="-k MG401"
MIGGUARD_TEST_ARGS ?=
SAMPLE := sample_migrations/alembic.ini
SAMPLE_RELEASED := 5d2e9a41c7f0

.DEFAULT_GOAL := help
.PHONY: help demo test quick bench lint docs reference rule-pages clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.ready ## Install migguard and run the gate on sample_migrations/
	@echo 'migguard check -c $(SAMPLE) --since $(SAMPLE_RELEASED)'
	@echo
	@rm -f $(VENV)/demo.json
	@status=0; $(BIN)/migguard check -c $(SAMPLE) --since $(SAMPLE_RELEASED) -o json=$(VENV)/demo.json || status=$$?; \
	echo; \
	if [ $$status -ne 1 ] || [ ! -s $(VENV)/demo.json ]; then \
		echo "The gate ended with exit code $$status; on these migrations it should report and end with 1."; exit 1; \
	fi; \
	echo 'Exit code 1, as expected: some of these migrations must not be merged. See sample_migrations/README.md.'

test: lint ## Everything that must hold: ruff, mypy, import-linter, pytest (time and memory: make bench)
	$(BIN)/python -m pytest -n auto -m 'not bench' $(MIGGUARD_TEST_ARGS)

quick: $(VENV)/.ready-dev ## The tests of an edit: half a minute, without servers and other programs
	@# thousands of small projects are written: in memory, where the machine has such a folder
	if [ -w /dev/shm ]; then export TMPDIR=/dev/shm; fi; \
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'not (live or corpus or bench or docs or package_index or browser or thorough)' $(MIGGUARD_TEST_ARGS)

bench: $(VENV)/.ready-dev ## The tests that measure time and memory, one after the other
	$(BIN)/python -m pytest -n 0 -m bench $(MIGGUARD_TEST_ARGS)

lint: $(VENV)/.ready-dev ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.ready-dev ## Build the documentation site into build/docs; a warning is an error
	$(BIN)/python -m sphinx -W --keep-going -b html docs build/docs

reference: $(VENV)/.ready ## Write the reference pages of docs from commands, settings and the effects model
	$(BIN)/python tools/reference_pages.py
	$(BIN)/python tools/lock_tables.py

rule-pages: $(VENV)/.ready ## Write docs/rules from the rules
	$(BIN)/python tools/rule_pages.py

clean: ## Remove the virtual environment and all caches
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'migguard needs Python 3.11 or newer; name one: make PYTHON=python3.12 …' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[fast,postgresql]'
	$(BIN)/python -m compileall -q migguard
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@
