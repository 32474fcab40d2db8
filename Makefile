# `make lab` to learn; `make quick` while you change something, `make test` before you send it.
# `make` alone lists the rest.
# Everything lives in .venv; only Python, make and git are needed beforehand.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUN    := $(BIN)/python -m
PIP    := $(RUN) pip --disable-pip-version-check install -c constraints.txt
ROOT   := $(if $(filter 0,$(shell id -u)),--allow-root)
# Groups, and their order, are those of tests/conftest.py.
PYTEST := $(RUN) pytest --dist loadscope --no-loadscope-reorder
unexport PYTHONDONTWRITEBYTECODE  # two workers and all kernels share what one has compiled
NBVAL  := --nbval-lax --nbval-current-env --nbval-cell-timeout=120 -n 2 --dist loadscope

.DEFAULT_GOAL := help
.PHONY: help lab quick not-slow test lint types unit notebooks exercises classroom lessons teacher pictures site \
        bench seed adaptation differences readme constraints clean

help:  ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

lab: $(VENV)/.lab  ## install if needed, and open the course in JupyterLab
	$(RUN) jupyterlab $(ROOT) notebooks/index.ipynb

quick: lint  ## while you change something: style, types, the tests that are not slow
	$(MAKE) --no-print-directory -j 2 types not-slow  # side by side: types need one core only

not-slow:
	$(PYTEST) -n 2 -q -m "not slow" --ignore tests/browser

test: lint types unit notebooks  ## install if needed, and run every check

lint: $(VENV)/.dev  ## style and form
	$(RUN) ruff check
	$(RUN) ruff format --check

types: $(VENV)/.dev  ## types
	$(RUN) mypy

unit: $(VENV)/.dev  ## unit tests, doctests, README code, widgets in a browser
	$(PYTEST) -n 3 -rs  # one of the three waits for a browser most of the time

notebooks: $(VENV)/.dev  ## every notebook, top to bottom; those of the exercises run in the unit tests
	$(RUN) pytest $(NBVAL) --ignore notebooks/exercises --ignore notebooks/solutions \
	  --ignore notebooks/teacher notebooks

exercises: $(VENV)/.dev  ## the exercise notebooks, with solutions and without
	$(RUN) tools.exercises
	$(RUN) tools.teacher

classroom: $(VENV)/.dev  ## for a class: the students' zip, the teacher's folder, nbgrader's course
	$(RUN) tools.classroom

lessons: $(VENV)/.dev  ## measure every lesson, refresh its header, the links and the pages made from all
	$(RUN) tools.lessons --measure --links
	$(RUN) tools.teacher

teacher: $(VENV)/.dev  ## the teacher pack: a page for each lesson, sample submissions and their grades
	$(RUN) tools.teacher --grade

pictures: $(VENV)/.dev  ## the pictures of the README, taken from the real thing
	$(RUN) tools.pictures

site: $(VENV)/.dev  ## every notebook as an HTML page, run, offline, with a gallery: site/index.html
	$(RUN) tools.site

bench: $(VENV)/.dev  ## every promise of speed as a ratio, in one table; an hour
	$(RUN) tools.bench $(BENCH)

seed: $(VENV)/.dev  ## the protocol this project starts from, on MNIST; hours
	$(RUN) mas_edu reproduce seed --jobs 2

adaptation: $(VENV)/.dev  ## what is kept with Ω from chosen images, on MNIST, into its page; some minutes
	$(RUN) tools.experiments.adaptation --page

differences: $(VENV)/.dev  ## why some published numbers come out otherwise, into its page; an hour or two
	$(RUN) tools.experiments.differences --page

readme: $(VENV)/.dev  ## the README's Binder badge, and the tables of published experiments
	$(RUN) tools.readme.badge
	$(RUN) tools.readme.reproduced

constraints:  ## the newest versions that work together, into constraints.txt (then: make test)
	$(PYTHON) -m venv build/fresh
	build/fresh/bin/python -m pip install -e '.[dev]'
	{ grep '^#' constraints.txt; build/fresh/bin/python -m pip freeze --exclude-editable \
	  | grep -vE '^(cuda|nvidia|triton)'; } > build/constraints.txt
	mv build/constraints.txt constraints.txt
	rm -rf build/fresh

clean:  ## remove .venv and everything else that can be made again
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist site

# ---- the environment ------------------------------------------------------------------------
# A stamp is newer than what it depends on, or the installation runs again. It is written last, so
# an installation that failed or was stopped is repeated.

$(VENV)/.lab: pyproject.toml constraints.txt $(BIN)/python
	@echo "Installing into $(VENV), once. PyTorch is large: this takes minutes, not seconds."
	$(PIP) -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt $(BIN)/python
	@echo "Installing into $(VENV), once. PyTorch is large: this takes minutes, not seconds."
	$(PIP) -e '.[dev]'
	@touch $(VENV)/.lab $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "mas_edu needs Python 3.11 or newer, and $(PYTHON) is:" \
	    "$$($(PYTHON) --version 2>&1 || echo missing). Name another: make lab PYTHON=python3.12" >&2; \
	  exit 1; }
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu this helps:" \
	    "sudo apt-get install python3-venv" >&2; \
	  exit 1; }
