# Mingzhang 明账. Needs Python 3.11 or newer and nothing else; everything made here stays in this folder.
#
#   make run          the demo company on http://127.0.0.1:8501 (or the ledger at MINGZHANG_LEDGER)
#   make serve        the same without a demo: an empty ledger asks for its administrator
#   make test         the whole suite          make check    format, lint, types, tests, and the store on the next engine
#   make bench        speed and memory         make models   how well models foretell; make screenshots, make demo, make pins

SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
VENV := .venv
PY := $(VENV)/bin/python
NEXT := .venv-next
NEXT_ENGINE := 2.0.0
PORT ?= 8501
BENCH ?= S
# One process more than there are cores: those that drive a browser mostly wait. Files stay in their order: by number of tests the longest
# journeys, of one test each, would all be left for the end.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
PARALLEL := -n $(shell expr $(CORES) + 1) --dist loadfile --no-loadscope-reorder
# Small matrices gain nothing by threads that wait for each other in a loop: one fit of texts took eight times the processor.
export OPENBLAS_NUM_THREADS := 1

.PHONY: run serve test check bench models demo screenshots pins browser clean

run: $(VENV)/.runtime
	@$(PY) -m lib welcome --address http://127.0.0.1:$(PORT)
	@exec $(PY) -m streamlit run app.py --server.port $(PORT)

serve: $(VENV)/.runtime
	@$(PY) -m lib welcome --no-demo --address http://127.0.0.1:$(PORT)
	@exec $(PY) -m streamlit run app.py --server.port $(PORT)

demo: $(VENV)/.runtime
	@$(PY) -m lib demo

test: $(VENV)/.tests browser
	$(PY) -m pytest $(PARALLEL)

check: $(VENV)/.tests $(NEXT)/.tests browser
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pytest $(PARALLEL)
	$(NEXT)/bin/python -m pytest $(PARALLEL) -p no:cacheprovider --ignore-glob='*test_ui*' --ignore-glob='*test_pages*' --ignore-glob='*test_journ*' \
		--ignore-glob='*test_matrix*' --ignore-glob='*test_attacks*'

bench: $(VENV)/.tests
	$(PY) tests/bench/run.py --size $(BENCH)

# What the models reach on public data sets that lie beside the repository: writes docs/MODELS.md.
models: $(VENV)/.tests
	$(PY) tests/models.py

screenshots: $(VENV)/.tests browser
	$(PY) tests/screenshots.py --readme

# A browser and Chinese fonts for the tests that need them: installed where that is possible, else said.
browser:
	@sh .ci/browser

# What exactly is installed, written down after requirements.txt was changed by hand.
pins:
	rm -rf $(VENV)-pins && $(PYTHON) -m venv $(VENV)-pins
	sed '/^-c /d' requirements.txt > $(VENV)-pins/requirements.txt
	$(VENV)-pins/bin/pip install -q -r $(VENV)-pins/requirements.txt
	(echo '# Made by `make pins`: every package the ones in requirements.txt bring along.'; \
		$(VENV)-pins/bin/pip freeze --exclude pip --exclude setuptools) > .constraints.txt
	rm -rf $(VENV)-pins

clean:
	rm -rf $(VENV) $(NEXT) .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(VENV)/bin/python:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed: https://www.python.org/downloads/' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo 'Python cannot make environments here. On Debian or Ubuntu: apt-get install python3-venv' >&2; \
		rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements.txt .constraints.txt | $(VENV)/bin/python
	$(PY) -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.tests: tests/requirements.txt $(VENV)/.runtime
	$(PY) -m pip install -q --disable-pip-version-check -r tests/requirements.txt
	@touch $@

$(NEXT)/.tests: tests/requirements.txt requirements.txt .constraints.txt
	$(PYTHON) -m venv $(NEXT)
	$(NEXT)/bin/python -m pip install -q --disable-pip-version-check -r tests/requirements.txt
	$(NEXT)/bin/python -m pip install -q --disable-pip-version-check duckdb==$(NEXT_ENGINE)
	@touch $@
