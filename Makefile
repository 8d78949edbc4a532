# LeadFlow's commands; `make` alone lists them. Needs only make and Python 3.11 or newer with venv.

PYTHON ?= python3
PORT ?= 8000
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

# A stamp carries the checksum of what it installed: a changed lock file has another stamp, so it is installed anew.
RUNTIME := $(VENV)/.runtime-$(shell cksum < requirements.txt | cut -d ' ' -f 1)
DEVELOPMENT := $(VENV)/.development-$(shell cat requirements.txt requirements-dev.txt | cksum | cut -d ' ' -f 1)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check fix lock serve bench pictures

help:  ## This list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: $(RUNTIME)  ## Try LeadFlow with demo data on http://127.0.0.1:8000 (PORT= moves it, LEADFLOW_DATA_DIR= moves its data)
	@exec $(MANAGE) up --port $(PORT) --with-parent

test: $(DEVELOPMENT)  ## The whole test suite (ARGS="tests/funnel -k flag" for a part of it)
	@$(BIN)/python -m tests.run $(ARGS)

check: $(DEVELOPMENT)  ## Everything that can be judged without running it: style, types, imports, settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --lint .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	DATABASE_URL=sqlite://:memory: $(MANAGE) makemigrations --check --dry-run
	$(MANAGE) lifecycle_diagram --check
	LEADFLOW_PRODUCTION=1 ALLOWED_HOSTS=leadflow.example DATABASE_URL=postgres://nobody@127.0.0.1/none \
		REDIS_URL=redis://127.0.0.1/0 SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
		$(MANAGE) check --deploy --fail-level WARNING

fix: $(DEVELOPMENT)  ## Repair what `make check` can repair by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(MANAGE) lifecycle_diagram

lock:  ## Pin requirements*.in into requirements*.txt, with hashes (needs uv)
	@command -v uv > /dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt

# With extras: pip, given hashes, looks for the newest of a package that is asked for with an extra and pinned without.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--no-strip-extras

serve: $(RUNTIME)  ## Production web server; needs DATABASE_URL, REDIS_URL, SECRET_KEY, ALLOWED_HOSTS
	@exec $(MANAGE) serve --bind 127.0.0.1:$(PORT)

bench: $(DEVELOPMENT)  ## The measurements that the README and docs quote
	$(BIN)/python -m benchmarks $(ARGS)

pictures: $(DEVELOPMENT)  ## The screenshots of README and docs, made anew (needs Chromium)
	$(BIN)/python -m benchmarks.pictures

$(RUNTIME): | $(BIN)/python
	@echo "Installing LeadFlow's packages into $(VENV)…"
	@$(call install,requirements.txt)
	@rm -f $(VENV)/.runtime-* $(VENV)/.development-*
	@touch $@

$(DEVELOPMENT): | $(BIN)/python
	@echo "Installing LeadFlow's packages and test tools into $(VENV)…"
	@$(call install,requirements-dev.txt)
	@rm -f $(VENV)/.runtime-* $(VENV)/.development-*
	@touch $(RUNTIME) $@

# uv, where there is one, does the same in a fifth of the time.
define install
if command -v uv > /dev/null; then uv pip install --quiet --python $(BIN)/python --require-hashes --requirement $(1); \
else $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(1); fi
endef

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || \
		{ echo "There is no $(PYTHON) here. On Debian or Ubuntu: apt-get install -y python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "LeadFlow needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version). Name a newer one: PYTHON=python3.12"; exit 1; }
	@if command -v uv > /dev/null; then uv venv --quiet --python $(PYTHON) $(VENV); \
	elif $(PYTHON) -c 'import ensurepip, venv' 2> /dev/null; then $(PYTHON) -m venv $(VENV); \
	else echo "$(PYTHON) has no venv. On Debian or Ubuntu: apt-get install -y python3-venv"; exit 1; fi
