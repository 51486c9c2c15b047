# Two commands do everything, set-up included: `make review` and `make test`. `make help` lists the rest.
# Needed: Python 3.11 or later (another one: make PYTHON=python3.13 review), make, git.

PYTHON ?= python3
JOBS   ?= 2
BIN    := .venv/bin
STAMP  := .venv/.set-up
# .venv/bin first: kernels and tools are those of the environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Without compiled bytecode every kernel compiles the libraries again, three times slower.
unexport PYTHONDONTWRITEBYTECODE
# A library of the reader's own must not stand in for a pinned one.
unexport PYTHONPATH
unexport PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help review test torture lab check stale site pdf test-browser test-r lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

review: $(STAMP) ## set up, check the tables, execute every page, build the site
	@$(BIN)/reviewlib check
	@$(BIN)/reviewlib render --jobs $(JOBS)

test: $(STAMP) ## set up, run all tests that need nothing but Python
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not browser and not r and not slow"

torture: $(STAMP) ## what takes long: kill -9 at every write, two whole clones compared
	@$(BIN)/python -m pytest -n $(JOBS) -m slow

lab: $(STAMP) ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --ServerApp.root_dir=. notebooks

check: $(STAMP) ## check the evidence tables only
	@$(BIN)/reviewlib check

stale: $(STAMP) ## execute every page on a copy and compare with what is committed
	@$(BIN)/reviewlib render --stale --jobs $(JOBS)

site: $(STAMP) ## build the site from the outputs as they stand
	@$(BIN)/reviewlib render --no-execute

pdf: site ## print every page, and one PDF of everything (needs Chromium)
	@$(BIN)/python -m reviewlib.site.pdf

# A folder without such a test is no failure (pytest says 5); a test that fails is.
test-browser: site ## pages in Chromium: accessibility, network, phone, print
	@$(BIN)/python -m pytest -m browser -rs || test $$? -eq 5

test-r: $(STAMP) ## our numbers beside R's
	@$(BIN)/python -m pytest -m r -rs || test $$? -eq 5

lock: $(STAMP) ## pin the versions anew after pyproject.toml changed
	@$(BIN)/uv pip compile --universal --python-version 3.11 --fork-strategy fewest --extra dev \
		--no-header --no-annotate --quiet pyproject.toml -o requirements.lock

clean: ## remove everything that was made here, the environment included
	rm -rf .venv _site _pdf .cache .pytest_cache .hypothesis .ruff_cache build dist reviewlib.egg-info
	find reviewlib tests -name __pycache__ -type d -prune -exec rm -rf {} +

# uv sets up in seconds and is itself fetched with pip; where it cannot reach its index, pip does all the work.
UV_PIN  = $(shell grep '^uv==' requirements.lock)
INSTALL = $$pip install --quiet --requirement requirements.lock \
	&& $$pip install --quiet --no-deps --no-build-isolation --editable .

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed: make PYTHON=python3.13 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up .venv: seconds with uv, two to three minutes with pip"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "Python came without its venv module: on Debian and Ubuntu, apt install python3-venv"; exit 1; }
	@export SSL_CERT_FILE="$${SSL_CERT_FILE:-$$PIP_CERT}"; test -n "$$SSL_CERT_FILE" || unset SSL_CERT_FILE; \
		export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$PIP_INDEX_URL}"; test -n "$$UV_DEFAULT_INDEX" || unset UV_DEFAULT_INDEX; \
		export UV_LINK_MODE=copy PIP_DISABLE_PIP_VERSION_CHECK=1; \
		$(BIN)/python -m pip install --quiet "$(UV_PIN)" \
		&& { pip="$(BIN)/uv pip"; export VIRTUAL_ENV="$(CURDIR)/.venv"; $(INSTALL); } \
		|| { echo "uv cannot be used here, pip does the work"; pip="$(BIN)/python -m pip"; $(INSTALL); }
	@touch $@
