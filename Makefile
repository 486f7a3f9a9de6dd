# make run: the app. make test: all checks. Both set up what they need in .venv first; nothing is
# upgraded unless pyproject.toml or constraints.txt changed.

PYTHONS := python3.13 python3.12 python3.11 python3 python
VENV := .venv/bin
STAMPS := .venv/.installed .venv/.installed-dev

# The variables pin what pip builds with too (the second is read by newer versions). A relative
# path, since pip splits them at spaces. -qq: also no warnings.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP_INSTALL := $(VENV)/python -m pip install -qq --no-input -c constraints.txt

# Compiles the drawing loops once, so that the first pictures are drawn at full speed.
WARM_UP := $(VENV)/python -c "from breeder.rendering.cpu import prepare; prepare()"

# Two files of tests at a time, those that drive a browser last, as they are collected. One thread of
# torch for each: threads of two processes on two cores wait for each other.
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench clean

help:  ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

run: .venv/.installed  ## start the app and print its address
	@$(VENV)/breeder serve

test: lint  ## check format, lint and types, then run every test
	@scripts/browser
	@OMP_NUM_THREADS=1 $(VENV)/python -m pytest $(PARALLEL)

lint: .venv/.installed-dev  ## check format, lint and types
	@$(VENV)/ruff format --check .
	@$(VENV)/ruff check .
	@$(VENV)/mypy

format: .venv/.installed-dev  ## format the code and fix what can be fixed
	@$(VENV)/ruff format .
	@$(VENV)/ruff check --fix .

# make bench ONLY="drawing page" runs these; make bench SAVE=1 writes the table to RESULTS.md.
bench: .venv/.installed-bench  ## measure every promise, against peers, in one table
	@scripts/browser
	@$(VENV)/python -m benchmarks $(if $(SAVE),--save) $(ONLY)

clean:  ## remove .venv, caches and builds; databases and pictures stay
	@rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing breeder into .venv (several minutes the first time) ..."
	@$(PIP_INSTALL) -e .
	@$(WARM_UP)
	@touch $@

.venv/.installed-dev: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing breeder and its tools into .venv (several minutes the first time) ..."
	@$(PIP_INSTALL) -e ".[dev]"
	@$(WARM_UP)
	@touch $(STAMPS)

.venv/.installed-bench: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing breeder, its tools and the peers of its benchmarks into .venv ..."
	@$(PIP_INSTALL) -e ".[dev,bench]"
	@$(WARM_UP)
	@touch $(STAMPS) $@

# A name on PATH may be a shim that runs nothing, or a Python without venv: each is tried.
.venv/bin/python:
	@for python in $(PYTHON) $(PYTHONS); do \
		if "$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' \
			>/dev/null 2>&1; then \
			"$$python" -m venv .venv && exit 0; rm -rf .venv; exit 1; \
		fi; \
	done; \
	echo "breeder needs Python 3.11 or newer with its venv module; set PYTHON to its path." >&2; \
	exit 1
