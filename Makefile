# `make` alone says what there is. Needs nothing but make, Python 3.11 or newer with venv, and PyPI.

PORT ?= 8000
FRESH ?=
# One more than there are processors: browsers are waited for.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
ARGS ?=
UPGRADE ?=
NAME ?=

PYTHON := .venv/bin/python
export PORT UPGRADE

.PHONY: help demo run test bench check requirements lock migration clean for-serving for-tests

help:
	@echo "make demo           try it (PORT=8001 takes another port, FRESH=1 starts over)"
	@echo "make run            serve for real; the README says what to set before"
	@echo "make test           all tests, on SQLite, PostgreSQL and Chromium (ARGS='-k accept' for some)"
	@echo "make bench          measure what is promised about speed, in about ten minutes (ARGS='push idle' for some)"
	@echo "make check          style, formatting, types"
	@echo "make requirements   which tests stand for which requirement"
	@echo "make migration      write a migration from the models (NAME='Add a table')"
	@echo "make lock           resolve requirements.txt from pyproject.toml (UPGRADE=1 takes newer versions)"
	@echo "make clean          delete the environment and what tests and tools left"

demo: for-serving
	@exec $(PYTHON) -m helpdesk demo $(if $(FRESH),--fresh)

run: for-serving
	@exec $(PYTHON) -m helpdesk serve

test: for-tests
	@.ci/chromium
	@exec $(PYTHON) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

bench: for-tests
	@exec $(PYTHON) -m tests.bench $(ARGS)

check: for-tests
	$(PYTHON) -m ruff check --quiet
	$(PYTHON) -m ruff format --check --quiet
	$(PYTHON) -m mypy

requirements: for-tests
	@exec $(PYTHON) -m tests.support.requirements

migration: for-tests
	@test -n "$(NAME)" || { echo "Say what it does: make migration NAME='Add a table'" >&2; exit 2; }
	@exec $(PYTHON) -m tests.support.migration "$(NAME)"

lock: for-tests
	@exec .ci/lock

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis tests/output

for-serving:
	@.ci/environment run

for-tests:
	@.ci/environment test
