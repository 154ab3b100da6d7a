# One verb a line; each prepares its own environment on a machine that has only Python and make.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: help run test check bench prove test-browser texts lock clean

help:          ## list the verbs
	@grep -E '^[a-z-]+: .*##' Makefile | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 24

run: $(VENV)/.run          ## the whole bot with its chat page, no keys needed (ARGS="--help")
	@$(BIN)/python -m bot run $(ARGS)

test: $(VENV)/.dev         ## the tests, a few minutes (ARGS="-k sizing")
	@$(BIN)/python -m pytest -q -n 2 -m "not prove and not browser" $(ARGS)

check: $(VENV)/.dev        ## format, lint, types, layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

prove: $(VENV)/.dev        ## the long proofs
	@SMCBOT_TEST_PROFILE=prove $(BIN)/python -m pytest -q -m prove $(ARGS)

test-browser: $(VENV)/.dev ## the chat page in headless Chromium
	@$(BIN)/python -m pytest -q -rs -m browser tests/browser $(ARGS)

bench: $(VENV)/.dev        ## the numbers the README quotes, measured here
	@$(BIN)/python -m bot bench $(ARGS)

texts: $(VENV)/.dev        ## bring the languages of the chat up to date with its texts
	@mkdir -p build
	@$(BIN)/pybabel -q extract --no-wrap --sort-by-file --add-location=file --omit-header -o build/chat.pot bot
	@for po in bot/locales/*.po; do \
	  $(BIN)/pybabel -q update --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
	    -i build/chat.pot -o $$po -l $$(basename $$po .po) || exit 1; done
	@echo "Now fill in every empty msgstr of bot/locales, then: make test ARGS=\"-k locales\""

lock: $(VENV)/.dev         ## resolve the dependencies anew into both lock files
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" -o requirements.txt
	@$(BIN)/uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" -c requirements.txt -o requirements-dev.txt

clean:         ## remove the environment and caches, never the data folder
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info

$(VENV)/bin/python:
	@echo "Preparing the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "Installing the pinned dependencies ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing the pinned development dependencies ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.run
