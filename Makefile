# `make preview` and `make test` do all the set-up on a machine that has Python and nothing else.

PYTHON ?= python3
STACK  ?= dev

VENV  := .venv
BIN   := $(VENV)/bin
BUILD := build
RUN   := $(VENV)/.installed
DEV   := $(VENV)/.installed-dev
# What cannot share an environment with us has one of its own.
MINISTACK := .venvs/ministack/.installed
LAMBDA    := .venvs/lambda/.installed
FUNCTIONS := .venvs/functions/.installed
POLICY    := .venvs/policy/.installed
AZURITE   := .venvs/azurite/.installed
LOCKS     := $(wildcard runtime/bulwark_runtime/requirements/*.txt)

.DEFAULT_GOAL := help
.PHONY: help setup preview teardown lint test e2e bench engine docs lock clean

help: ## what there is to do
	@sed -n 's/^\([a-z0-9]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(DEV) ## the virtual environment, with everything the checks need

preview: $(RUN) ## what a stack would deploy, and its drawing: make preview STACK=prod
	@$(BIN)/bulwark preview -s $(STACK) --drawing $(BUILD)/preview-$(STACK).html

teardown: $(RUN) ## take an environment away, after asking: make teardown STACK=dev
	@[ "$(origin STACK)" != file ] || { echo "which one? make teardown STACK=dev" >&2; exit 2; }
	@$(BIN)/bulwark teardown -s $(STACK)

lint: $(DEV) ## format, style, types, architecture, documentation links
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright --warnings
	$(BIN)/lint-imports --cache-dir $(BUILD)/import-linter
	$(BIN)/pytest -q tests/docs

test: $(DEV) $(MINISTACK) $(AZURITE) ## unit tests, on the preview engine
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder -m "not e2e"

e2e: $(DEV) $(POLICY) $(LAMBDA) $(FUNCTIONS) $(MINISTACK) $(AZURITE) ## the real Pulumi engine over stand-in providers, and Lambda's runtime
	@# Status 2: neither a CLI nor Go is here, and the tests say so as they are skipped.
	@$(PYTHON) engine/build.py || [ $$? -eq 2 ]
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder -m e2e

bench: $(DEV) $(LAMBDA) ## speed, memory and growth, with their limits
	$(BIN)/python benchmarks/preview.py
	$(BIN)/python benchmarks/rules.py
	$(BIN)/python benchmarks/input_guard.py
	$(BIN)/python benchmarks/credentials.py
	$(BIN)/python benchmarks/block_list.py
	@# Status 2: Go is not here to build the emulator with, and it has said so.
	$(BIN)/python benchmarks/functions.py || [ $$? -eq 2 ]

engine: ## the Pulumi CLI: the one installed, or built from source into build/engine
	@$(PYTHON) engine/build.py

docs: $(DEV) ## renew what the documentation repeats from the code
	@$(BIN)/python docs/generate.py

lock: $(DEV) $(LOCKS) ## renew requirements.txt from pyproject.toml, and the locks of the functions
	@mkdir -p $(BUILD)
	@{ sed -n '1,/^#/p' requirements.txt | head -1; \
	   $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header \
	     --no-annotate --extra aws --extra azure --extra drawing --extra package pyproject.toml; \
	   echo '-e ./runtime'; \
	   echo '-e .[aws,azure,drawing,package]'; } > $(BUILD)/requirements.txt
	@mv $(BUILD)/requirements.txt requirements.txt

# What each function carries: an extra of the runtime, with the hashes of all files for all machines.
# For one of them only: make runtime/bulwark_runtime/requirements/credentials.txt
$(LOCKS): %.txt: $(DEV) FORCE
	@{ sed -n 1p $@; \
	   $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header \
	     --no-annotate --generate-hashes --extra $(notdir $*) runtime/pyproject.toml; } > $@.new
	@mv $@.new $@
FORCE:

clean: ## remove everything that was made here
	rm -rf $(BUILD) $(VENV) .venvs

$(RUN): requirements.txt pyproject.toml runtime/pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit( \
	  "Bulwark runs on Python 3.11 to 3.13; this is %d.%d. Use make PYTHON=python3.12 …" % v)'
	@echo "making $(VENV): downloads about 50 MB, takes about a minute and 750 MB of disk" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@# As pip does with all that it does not install in place.
	@$(BIN)/python -m compileall -q components runtime toolkit
	@touch $@

# The library says that it wants 3.13, and runs on what there is.
$(FUNCTIONS): PIP_OPTIONS := --ignore-requires-python

.venvs/%/.installed: tools/%/requirements.txt
	@$(PYTHON) -m venv .venvs/$*
	@.venvs/$*/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) -r $<
	@touch $@

.venvs/%/.installed: tools/%/package-lock.json $(DEV)
	@echo "making .venvs/$*: takes about half a minute" >&2
	@$(BIN)/python tests/plugins/node.py $*
	@touch $@

$(DEV): $(RUN) requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
