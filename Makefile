# Two commands on a fresh machine: `make demo` and `make test`. Each makes its own environment; Python >= 3.11 is all they need.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export OPENBLAS_NUM_THREADS ?= 1  # the arrays here are small: more threads only wait for each other

.PHONY: demo app test test-slow test-train lint bench-build bench-harness reference train clean

$(VENV)/.core: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[programs]'
	touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

$(VENV)/.app: pyproject.toml $(VENV)/.core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[app,llm,nonlinear]'
	touch $@

demo: $(VENV)/.core  ## word problems of different trades to checked, solved models and programs, offline
	$(BIN)/nl2opt demo

app: $(VENV)/.app  ## the page: a text to a model, an answer and programs, on this machine only
	$(BIN)/python app

test: $(VENV)/.dev lint  ## lint, types and every test but the slow ones
	$(BIN)/python -m pytest -q -n auto --dist loadfile --ignore=tests/conformance --ignore=tests/properties
	$(BIN)/python -m pytest -q tests/conformance tests/properties  # they fork, which workers with threads cannot

test-slow: $(VENV)/.dev  ## the long campaigns
	$(BIN)/python -m pytest -q -m slow

reference: $(VENV)/.core  ## docs/LANGUAGE.md and docs/TEMPLATES.md from what the program holds
	$(BIN)/python -m nl2opt.ir.reference docs/LANGUAGE.md
	$(BIN)/python -m nl2opt.explain.gallery docs/TEMPLATES.md

lint: $(VENV)/.dev
	$(BIN)/ruff check nl2opt app tests
	$(BIN)/ruff format --check nl2opt app tests
	$(BIN)/mypy
	MYPYPATH=app $(BIN)/mypy -p assistant

bench-build: $(VENV)/.dev  ## build times beside hand-written numpy, as ratios in one run
	$(BIN)/python tests/benchmarks/build_lp.py

bench-harness: $(VENV)/.dev  ## questions a second that the benchmark harness carries, with a provider that answers at once
	$(BIN)/python tests/benchmarks/bench_harness.py

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
