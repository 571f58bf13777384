# Milepost from one command. `make` alone lists what there is.
# Needed on the machine: Python 3.11 or newer with pip. Everything else goes into .venv and var.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
export PYTHONUNBUFFERED := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test check lint bench shell demo-reset requirements browser clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/base.stamp ## Start the site on http://127.0.0.1:8000 (another port: make run PORT=8123)
	@exec $(PY) manage.py run --with-parent

test: $(VENV)/dev.stamp browser ## Run all tests
	@$(PY) -m pytest -rs $(ARGS)

check: lint test ## Run what CI runs: linters, types, layers, production settings, migrations, tests

lint: $(VENV)/dev.stamp ## Run the checks without the tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	$(VENV)/bin/lint-imports --no-logo
	git ls-files -z 'templates/*.html' | xargs -0 $(VENV)/bin/djade --target-version 5.2 --check
	$(PY) -m djlint templates --lint --quiet
	env $(PRODUCTION_LIKE) $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) manage.py makemigrations --check --dry-run

# The settings of a real site, for `check --deploy`; no server of these names is asked for anything.
PRODUCTION_LIKE = PRODUCTION=1 ALLOWED_HOSTS=milepost.example SITE_URL=https://milepost.example \
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') \
	DATABASE_URL=postgresql://milepost@database.example/milepost \
	PAYMENT_GATEWAY=stripe STRIPE_SECRET_KEY=sk_none STRIPE_WEBHOOK_SECRET=whsec_none

bench: $(VENV)/bench.stamp ## Measure, print a table, write var/bench.json
	@$(PY) -m benchmarks $(ARGS)

shell: $(VENV)/base.stamp ## Open a Python shell with the models at hand
	@$(PY) manage.py shell

demo-reset: $(VENV)/base.stamp ## Throw the demo data away and make it anew
	@$(PY) manage.py demo --reset

requirements: $(VENV)/dev.stamp ## Compile requirements/*.txt from pyproject.toml (newest: ARGS=--upgrade)
	@$(COMPILE) --output-file requirements/base.txt pyproject.toml
	@$(COMPILE) --extra dev --constraint requirements/base.txt --output-file requirements/dev.txt pyproject.toml
	@$(COMPILE) --extra dev --extra bench --constraint requirements/dev.txt --output-file requirements/bench.txt pyproject.toml

COMPILE = $(PY) -m piptools compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options $(ARGS)

clean: ## Remove the environment and caches, keep var with all data
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

browser: # The browser journeys need Chromium; without it they are skipped, loudly.
	@command -v chromium >/dev/null || test -n "$$CHROMIUM" || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		{ apt-get install -qq -y --no-install-recommends chromium || { apt-get update -qq && \
		apt-get install -qq -y --no-install-recommends chromium; }; } >/dev/null 2>&1; } || \
		printf '\n%s\n%s\n%s\n\n' '!!! NO CHROMIUM: ALL BROWSER TESTS ARE SKIPPED !!!' \
		'!!! The journeys, the accessibility checks and the screenshots are not tested now.' \
		'!!! Install it (Debian: apt-get install chromium) or set CHROMIUM to its path.' >&2

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Milepost needs Python 3.11 or newer.")'
	@echo "Making the environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip $(VENV)

# The environment's own pip, or the machine's where Debian's python3-venv is not installed.
INSTALL = if test -x $(VENV)/bin/pip; then set -- $(PY) -m pip; else set -- $(PYTHON) -m pip --python $(PY); fi; \
	"$$@" install --quiet --require-hashes --prefer-binary --requirement

$(VENV)/%.stamp: requirements/%.txt | $(PY)
	@echo "Installing $< …"
	@$(INSTALL) $<
	@touch $@
