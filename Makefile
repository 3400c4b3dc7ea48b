# Two commands for a newcomer: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: venv demo test test-all lint bench model clean

venv: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("tagger needs Python 3.11 or later; set PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

demo: venv
	mkdir -p out
	$(BIN)/tagger tag corpus/articles -o out/articles.jsonl -o out/articles.html --table
	@echo "Results: out/articles.jsonl   Report: out/articles.html (open it in a browser)"

test: venv
	$(BIN)/python -m pytest -m 'not slow'

test-all: venv
	$(BIN)/python -m pytest

lint: venv
	$(BIN)/ruff check .

bench: venv
	$(BIN)/python benchmarks/quality.py

# The released model, from the authored cases and the codings in ../shared (which a user does not have).
SHARED := ../shared
model: venv
	$(BIN)/tagger train corpus/cases.jsonl $(SHARED)/p2pwiki $(SHARED)/wikipedia $(SHARED)/others --dump $(SHARED)/p2pwiki/p2pwiki-pages-articles.xml.bz2 -o models --name 2026.11

clean:
	rm -rf $(VENV) out build dist
