# make run: set up, index seeds/ where there is no store yet (a database gets none), serve the chat page.  make test: set up, run all checks.
HOST ?= 127.0.0.1
PORT ?= 8000
STORE ?= store
PYTHON ?= python3
DATA ?= ../shared/data
WORKERS ?= 3
BIN := .venv/bin

.PHONY: setup develop run test bench wheel

setup: .venv/installed
develop: .venv/developed

.venv/installed: pyproject.toml setup.py constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[transformers,eval]'
	touch $@

.venv/developed: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[transformers,eval,oidc,otel,postgres,ray,dev]'
	touch $@

run: setup
	case '$(STORE)' in *://*) ;; *) test -e $(STORE)/footnote.sqlite3 || $(BIN)/footnote --store $(STORE) add seeds ;; esac
	$(BIN)/footnote --store $(STORE) serve --host $(HOST) --port $(PORT)

test: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

bench: develop
	for script in tests/benchmarks/bench_*.py; do $(BIN)/python $$script --data $(DATA) || exit 1; done

wheel: develop
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w dist .
