# The verbs of the project; .ci/run calls the same ones. Each makes what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# No index, host or link goes into a lock file: they differ from machine to machine.
COMPILE := $(BIN)/pip-compile --quiet --no-strip-extras --generate-hashes --allow-unsafe --no-header \
  --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

.PHONY: serve test coverage lint wheel bench generate lock clean

serve: $(VENV)/.run  ## install and serve the graph with its embedded data
	$(BIN)/clausegraph serve

# One process more than there are processors: many tests wait for servers, engines and commands.
PROCESSES := $(shell $(PYTHON) -c 'import os; print(1 + (os.cpu_count() or 1))')
TESTS := $(BIN)/pytest -q --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

test: $(VENV)/.dev  ## run every test
	$(TESTS)

coverage: $(VENV)/.dev  ## run every test and report which lines were run; takes twice as long
	$(TESTS) --cov --cov-report term:skip-covered

lint: $(VENV)/.dev  ## style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

wheel: $(VENV)/.dev  ## build the wheel and try it in an environment of its own
	PYTHON="$(PYTHON)" tests/wheel.sh $(BIN)

bench: $(VENV)/.dev  ## run every benchmark into one report; ARGS=--quick for small sizes
	$(BIN)/python -m benchmarks $(ARGS)

generate: $(VENV)/.dev  ## write again what is generated and committed
	$(BIN)/python -m tests.generated

lock: $(VENV)/.dev  ## resolve the dependencies anew and pin them by hash
	$(PIP) install pip-tools
	$(COMPILE) --extra build --output-file requirements.txt pyproject.toml
	$(COMPILE) --extra build --extra dev --output-file requirements-dev.txt pyproject.toml

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python requirements.txt pyproject.toml
	$(PIP) install --require-hashes --only-binary :all: -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(BIN)/python requirements-dev.txt pyproject.toml
	$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage* .mypy_cache .pytest_cache .ruff_cache
