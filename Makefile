# `make run` starts FRCheck, `make test` checks all of it. Each sets up what it needs and does only what is left to do.

VENV ?= .venv
PORT ?= 8000
export VENV
# The development mode: a fixed key, debug pages, demo accounts. Production never sets it.
export FRCHECK_DEV = 1

.PHONY: help run setup setup-test test lint bench clean
.DEFAULT_GOAL := help

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Options: VENV=.venv (environment), PORT=8000 (make run), TEST_DATABASE_URL, TEST_WORKERS, CHROMIUM (make test)"

run: setup  ## Start FRCheck with demo data on http://127.0.0.1:8000/
	@$(VENV)/bin/python scripts/serve.py $(PORT)

setup:  ## Install what running needs
	@scripts/setup-system.sh
	@scripts/setup-venv.sh

setup-test:  ## Install what running and testing need
	@scripts/setup-system.sh
	@scripts/setup-venv.sh dev
	@scripts/setup-system.sh test

test: setup-test  ## Run every check, and every test on SQLite and on PostgreSQL
	@scripts/test.sh

lint: setup-test  ## Lint, format and types only
	@$(VENV)/bin/python -m ruff check
	@$(VENV)/bin/python -m ruff format --check
	@$(VENV)/bin/python -m mypy

bench: setup-test  ## Measure against the yardsticks in tests/bench/
	@set -e; for bench in tests/bench/bench_*.py; do $(VENV)/bin/python -m "tests.bench.$$(basename "$$bench" .py)"; done

clean:  ## Remove the environment and everything tools left behind; data stays
	@scripts/test-postgres.sh stop
	@rm -rf $(VENV) .coverage .coverage.* htmlcov test-results .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
