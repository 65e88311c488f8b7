# make demo    render a simulated focus sweep and do everything with it (pictures go to demo/)
# make test    run the whole test suite
# make check   types, lint, import rules; of the page too
# make bench-smoke   a small run of the benchmarks
# Each makes its own environment in .venv first; only Python 3.11 or newer is needed.

VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo
JOBS ?= 2
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test check check-page bench-smoke clean

demo: $(VENV)/.runtime
	$(BIN)/postfocus demo $(DEMO)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadgroup

check: $(VENV)/.dev check-page
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/basedpyright
	$(BIN)/lint-imports

# With node and npm as installed, else with those that came with basedpyright.
check-page: node_modules/.dev
	.ci/with-node node_modules/.bin/tsc --project tsconfig.json
	.ci/with-node node_modules/.bin/biome check --error-on-warnings

bench-smoke: $(VENV)/.runtime
	$(BIN)/python benchmarks/speed.py --smoke

clean:
	rm -rf $(VENV) demo node_modules

$(BIN)/python:
	@for try in python3.13 python3.12 python3.11 python3 python; do \
	  if $$try -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "making $(VENV) with $$($$try --version)"; \
	    if $$try -m venv $(VENV); then exit 0; fi; \
	    rm -rf $(VENV); \
	  fi; \
	done; \
	echo "postfocus needs Python 3.11 or newer with its venv module; install it and run make again." >&2; \
	exit 1

$(VENV)/.runtime: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing postfocus"
	@$(PIP) --upgrade 'pip>=25.1'
	@$(PIP) --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt $(VENV)/.runtime
	@echo "installing the tools for tests"
	@$(PIP) --constraint constraints.txt --group dev
	@touch $@

node_modules/.dev: package.json $(VENV)/.dev
	@echo "installing the tools that check the page"
	@.ci/with-node npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@
