# The two commands that matter: `make demo` shows a day on a private PBX, `make test` checks everything.
# Each sets up what it needs in .venv first; nothing outside this folder is changed.

BIN := .venv/bin
# Tests stop after this many seconds in all, so that a hang is a failure and not a wait, also on a machine that is busy.
TEST_BUDGET ?= 3600
# Each worker has a private PBX of its own; most tests wait for calls and not for the processor.
WORKERS ?= 3
# Compiled modules are kept, as an installation keeps them: a service that compiles itself needs three more seconds and 100 MB.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup browser phone test demo bench faults mutants lint types docs screenshots soak lock vulnerabilities

help:
	@echo 'make demo [LIST=file.csv] [KEEP=1]   a day of calls on a private PBX, with a report'
	@echo 'make bench [ONLY=name]               the speed as figures, beside bare counterparts (docs/benchmarks.md)'
	@echo 'make faults [DAYS=1000] [MINUTES=60] [SEED=1]   what breaks when everything does: virtual days, strangers, the rig'
	@echo 'make mutants [ONLY=rule]             whether the tests of the rules notice small changes of them (docs/mutants.md)'
	@echo 'make test                            lint, types, all tests, coverage floors'
	@echo 'make setup | lint | types | docs | soak   the parts'
	@echo 'make screenshots DATA=folder [SIZES='683x384']   every page of a running rehearsal, into var/screenshots'
	@echo 'make lock                            resolve the dependencies anew into requirements/'
	@echo 'make vulnerabilities [OSV=1]         look the locked packages up in a database of known vulnerabilities'

setup:
	@PYTHON='$(PYTHON)' requirements/install.sh
	@$(BIN)/python requirements/icons.py || echo 'make setup: the pages show words without icons until they can be fetched.' >&2

# A browser and axe-core for the tests of the pages; as root it installs them, else it says how.
browser: setup
	@requirements/browser.sh

# A phone of another make for one of the tests, which is skipped without it.
phone: setup
	@requirements/phone.sh

test: lint types browser phone
	$(BIN)/coverage erase
	HYPOTHESIS_PROFILE=ci $(BIN)/coverage run -m pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder --session-timeout=$(TEST_BUDGET)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	@echo 'The rules themselves: every line and branch.'
	$(BIN)/coverage report --include='dialer/campaign/*' --fail-under=100

demo: setup
	$(BIN)/dialer demo $(if $(LIST),--list '$(LIST)') $(if $(filter-out 0 no,$(KEEP)),--keep)

bench: browser
	@mkdir -p var
	$(BIN)/python -m tests.bench --json var/bench.jsonl --markdown var/bench.md $(ONLY)

# About five minutes of virtual days, an hour of requests, an hour on the private PBXs; VIRTUAL=1, REQUESTS=1 or RIG=1 runs
# one of them alone.
faults: setup
	$(BIN)/python -m tests.faults $(if $(VIRTUAL),virtual,$(if $(RIG),rig,$(if $(STRANGERS),strangers,$(if $(REQUESTS),requests)))) $(if $(DAYS),--days $(DAYS)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(if $(JSON),--json '$(JSON)')

mutants: setup
	@requirements/mutants.sh
	$(BIN)/python -m tests.mutants $(ONLY)

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo

types: setup
	$(BIN)/mypy

# Diagrams and tables in the documents, made from the tables in the code; a test sees to it that they are up to date.
docs: setup
	$(BIN)/python -m tests.docs.diagrams README.md README.zh.md docs/*.md

# Pictures of every page, both languages, two sizes. DATA is the data folder of a rehearsal that `make demo KEEP=1` runs.
screenshots: browser
	$(BIN)/python -m tests.pictures.screenshots '$(DATA)' var/screenshots $(SIZES)

# Long runs under faults and load; never part of `make test`.
soak: setup
	$(BIN)/python -m pytest -m soak --timeout=7200

# `requirements/*.txt` name versions and hashes only: no index, no host, no path. One lock serves every Python from 3.11 on.
COMPILE = $(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

# Not after `setup`, which insists that what is installed fits pyproject.toml: here it does not yet.
lock:
	@test -x $(BIN)/python || $(MAKE) setup
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) --output-file requirements/runtime.txt pyproject.toml
	$(COMPILE) --constraints requirements/runtime.txt --extra test --extra build --output-file requirements/dev.txt pyproject.toml
	$(COMPILE) --output-file requirements/mutants.txt requirements/mutants.in
	$(COMPILE) --output-file requirements/npm.txt requirements/npm.in

# Known vulnerabilities of what is locked, by PyPI's database or that of osv.dev. The tool is nobody's dependency, so it has an
# environment of its own; --strict: a package that could not be looked up is a failure, not a good one.
vulnerabilities:
	@test -x var/pip-audit/bin/pip-audit || { $(BIN)/python -m venv var/pip-audit && var/pip-audit/bin/python -m pip install --quiet pip-audit; }
	var/pip-audit/bin/pip-audit --strict --disable-pip --require-hashes $(if $(OSV),--vulnerability-service osv) --requirement requirements/dev.txt
