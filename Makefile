# What one does with a checkout. Needs git, make and Python 3.11 or later, nothing else: everything is
# installed into .venv, by the first target that needs it, and again when pyproject.toml has changed.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input

# Any Python that is new enough: `make test PYTHON=/opt/python/bin/python3` names one.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)

# More arguments for pytest: `make test PYTEST_ARGS="-k cursor"`.
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check bench-cold clean

help: ## list the targets
	@echo "Targets:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-13s%s\n", $$1, $$2 }'

demo: $(VENV)/.for-demo ## run the examples against an engine in memory; needs no AWS account
	@echo "== examples/movies: one table for each entity"
	@$(BIN)/python -m examples.movies
	@echo "== examples/forum: a table with a local index; then forums, threads, replies and users in one table"
	@$(BIN)/python -m examples.forum
	@echo "== examples/movies/infra: the head of the template that the model gives"
	@$(BIN)/python -m examples.movies.infra
	@echo "== examples/movies/handlers: a function URL, a stream and a queue, on the local Lambda"
	@$(BIN)/python -m examples.movies.handlers
	@echo "== examples/forum/handlers: pages with cursors, and a reply that is sent twice"
	@$(BIN)/python -m examples.forum.handlers

bench-cold: $(VENV)/.for-demo ## how long handlers take to their first answer, beside those of plain boto3
	@$(BIN)/python -m bench.cold_start

test: $(VENV)/.for-development ## run all tests
	@echo "== pytest"
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.for-development ## lint, formatting, types, import directions
	@echo "== ruff check"
	@$(BIN)/ruff check
	@echo "== ruff format --check"
	@$(BIN)/ruff format --check
	@echo "== mypy --strict"
	@$(BIN)/mypy --strict
	@echo "== pyright"
	@$(BIN)/pyright
	@echo "== lint-imports"
	@$(BIN)/lint-imports

clean: ## remove .venv and all caches
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "dynamodel needs Python 3.11 or later; none found. Name one: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "dynamodel needs Python 3.11 or later; this one is too old, or does not run: $(PYTHON)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "$(PYTHON) lacks the venv module (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@echo "== creating $(VENV) with $$($(PYTHON) --version)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.for-demo: pyproject.toml | $(BIN)/python
	@echo "== installing dynamodel and what the examples need into $(VENV)"
	@$(PIP) install --editable '.[local,cli,lambda]'
	@touch $@

$(VENV)/.for-development: pyproject.toml | $(BIN)/python
	@echo "== installing dynamodel and the development tools into $(VENV); this takes a minute"
	@$(PIP) install --upgrade 'pip>=25.1' # the first that knows dependency groups
	@$(PIP) install --editable '.[local,cli,cdk,lambda]' --group dev
	@touch $@ $(VENV)/.for-demo
