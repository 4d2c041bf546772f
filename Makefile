# Everything runs in .venv; the stamp file says that it matches pyproject.toml and constraints.txt.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
export HF_HUB_OFFLINE = 1

.PHONY: serve test test-long check lint eval bench build screenshots clean

serve: $(STAMP)
	$(BIN)/python -m server

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadfile

# The tests that take half a minute or more each, which `make test` leaves out.
test-long: $(STAMP)
	LONG_TESTS=1 $(BIN)/python -m pytest -n 2 --dist loadfile -m long

check: lint test

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m evals docs --check

eval: $(STAMP)
	$(BIN)/python -m evals check

bench: $(STAMP)
	$(BIN)/python -m evals.bench.speed
	$(BIN)/python -m evals docs

build: $(STAMP)
	$(BIN)/python -m index build

screenshots: $(STAMP)
	PYTHONPATH=. $(BIN)/python tests/screenshots.py

# torch goes first and by its exact pin: unpinned, the newest build brings several GB of CUDA packages.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Footnote needs Python 3.11 or newer; this is %d.%d. Set PYTHON=python3.11 (or newer)." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $(STAMP)

clean:
	rm -rf .venv .data
