# What people and CI call. Each target builds what it needs; Python 3.11 or newer is all that must be there.
SHELL := /bin/sh
PORT ?= 8000
export VENV ?= .venv
BIN = $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo run test check style messages lock screenshots bench bench-full bench-import clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|' 2>/dev/null \
	  || grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST)

demo: ## Try Podatelna with a small Czech company and its own mail server (PORT=8000)
	@tools/venv.sh run
	@exec $(BIN)/podatelna demo --port $(PORT)

run: ## Start the real desk (PORT=8000; the data is in ./data, or where PODATELNA_DATA says)
	@tools/venv.sh run
	@PODATELNA_PORT=$${PODATELNA_PORT:-$(PORT)} exec $(BIN)/podatelna run

test: ## Run the tests: on SQLite, in Chromium, on PostgreSQL
	@tools/venv.sh dev
	@tools/services.sh tools/test.sh

check: style test ## Everything that CI checks: format, lint, types, layers, migrations, messages, tests

style:
	@tools/venv.sh dev
	@tools/style.sh

messages: ## Bring the Czech and English message catalogues up to date
	@tools/venv.sh dev
	@$(BIN)/python tools/messages.py

lock: ## Make the hashed lock files anew (needs uv)
	@tools/lock.sh

screenshots: ## Make docs/screenshots anew from the demo (needs Chromium)
	@tools/venv.sh dev
	@tools/services.sh $(BIN)/python tools/screenshots.py

bench: ## Measure reading, taking in, searching and storing of mail in small, in less than 5 minutes (FOLDER=…)
	@tools/venv.sh dev
	@tools/bench.sh quick $(FOLDER)

bench-full: ## Measure the same at full size, next to all the others (takes hours)
	@tools/venv.sh dev
	@tools/bench.sh full $(FOLDER)

bench-import: ## Import 6,046 real messages and compare every byte (needs npm)
	@tools/venv.sh dev
	@$(BIN)/python bench/import_spam.py

clean: ## Remove what the other targets made, but never ./data
	@rm -rf .venv .venv-* build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench/corpus
	@find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +
