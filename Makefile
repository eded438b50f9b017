# Set-up happens by itself: every target makes .venv first, and again when pyproject.toml changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
COMPLETE := $(VENV)/.complete

export OMP_WAIT_POLICY := PASSIVE

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all lab course lint bench clean

help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with everything but torch

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; \
	sys.exit(None if v >= (3, 11) else f"imgkit needs Python 3.11 or newer, this is {v[0]}.{v[1]}: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

$(COMPLETE): $(READY)
	@echo "torch and the benchmarks' peers come in: gigabytes, once"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,networks,bench]'
	@touch $@

demo: setup ## a student is checked, a class is graded: about a minute
	$(BIN)/imgkit demo

test: $(COMPLETE) ## unit tests, doctests, all notebooks under nbval
	$(BIN)/pytest -n auto --dist loadscope
	$(BIN)/pytest -n auto --dist loadscope -o addopts= -p no:cacheprovider --nbval-lax notebooks solutions
	$(BIN)/imgkit course build --check

test-all: test ## the same today: `make test` leaves no notebook out

lab: setup ## open JupyterLab on the start page; ARGS=--no-browser and such go to it
	$(BIN)/imgkit lab $(ARGS)

course: setup ## build lessons, exercises and solutions that are out of date
	$(BIN)/imgkit course build

lint: setup ## style
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

bench: $(COMPLETE) ## routines and grading beside their peers
	$(BIN)/python -m benchmarks.routines
	$(BIN)/python -m benchmarks.grading

clean: ## remove what make and the demo made; your work/ stays
	rm -rf $(VENV) demo .pytest_cache .ruff_cache .hypothesis
