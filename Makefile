# Two commands do everything, set-up included: `make review` and `make test`. `make help` lists the rest.
# Needed: Python 3.11 or later (another one: make PYTHON=python3.13 review), make, git.

PYTHON ?= $(if $(filter Windows_NT,$(OS)),python,python3)
JOBS   ?= 2
BIN    := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
STAMP  := .venv/.set-up
# The environment first: kernels and tools are those of the environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Without compiled bytecode every kernel compiles the libraries again, three times slower.
unexport PYTHONDONTWRITEBYTECODE
# A library of the reader's own must not stand in for a pinned one.
unexport PYTHONPATH
unexport PYTHONHOME
# In a container the reader is often root, and Jupyter then stops unless it is told that this is meant.
ROOT_MAY := $(if $(filter 0,$(shell id -u 2>/dev/null)),--allow-root)

.DEFAULT_GOAL := help
.PHONY: help review test types torture lab check stale site pdf docs test-browser test-r lowest newest licences sbom audit \
	lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

review: $(STAMP) ## set up, check the tables, execute every page, build the site
	@$(BIN)/reviewlib check
	@$(BIN)/reviewlib render --jobs $(JOBS)

test: $(STAMP) ## set up, run all tests that need nothing but Python
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not browser and not r and not slow"

types: $(STAMP) ## check the types of every public signature
	@$(BIN)/mypy

torture: $(STAMP) ## what takes long: slips, changes to the code, kill -9 at every write, whole clones compared
	@$(BIN)/python tests/mutation/reliability.py --jobs $(JOBS)
	@$(BIN)/python -m pytest -n $(JOBS) -m slow --deselect tests/site/test_killed.py::test_every_point

lab: $(STAMP) ## open the first lesson in JupyterLab
	@$(BIN)/jupyter trust $(wildcard notebooks/*.ipynb) >/dev/null
	@$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks/explore.ipynb $(ROOT_MAY)

check: $(STAMP) ## check the evidence tables only
	@$(BIN)/reviewlib check

stale: $(STAMP) ## execute every page on a copy and compare with what is committed
	@$(BIN)/reviewlib render --stale --jobs $(JOBS)

site: $(STAMP) ## build the site from the outputs as they stand
	@$(BIN)/reviewlib render --no-execute

pdf: site ## print every page, and one PDF of everything (needs Chromium)
	@$(BIN)/python -m reviewlib.site.pdf

docs: $(STAMP) ## build the manual in docs/_build/html, warnings are errors
	@$(BIN)/python -m sphinx -W --keep-going -q -j $(JOBS) -d docs/_build/doctrees docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

# A folder without such a test is no failure (pytest says 5); a test that fails is.
test-browser: site ## pages in Chromium: accessibility, network, phone, print
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m browser -rs || test $$? -eq 5

test-r: $(STAMP) ## our numbers beside R's
	@$(BIN)/python -m pytest -m r -rs || test $$? -eq 5

lowest: RESOLUTION = lowest-direct
lowest: other-versions ## tests on the oldest versions that pyproject.toml allows

newest: RESOLUTION = highest
newest: other-versions ## tests on the newest versions that pyproject.toml allows

.PHONY: other-versions
other-versions: $(STAMP)
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .cache/$(RESOLUTION)
	@$(BIN)/uv pip install --quiet --python .cache/$(RESOLUTION) --resolution $(RESOLUTION) --editable ".[all,docs,dev]"
	@.cache/$(RESOLUTION)/$(notdir $(BIN))/python -m pytest -n $(JOBS) --dist loadfile \
		-m "not browser and not r and not slow" $(if $(TESTS),$(TESTS),--ignore tests/site --deselect tests/test_setup.py)

licences: $(STAMP) ## the licence of every dependency, and whether it is allowed
	@$(BIN)/python .ci/dependencies.py licences

sbom: $(STAMP) ## a software bill of materials of the environment, as CycloneDX JSON
	@$(BIN)/python .ci/dependencies.py sbom

audit: $(STAMP) ## known weaknesses of the pinned versions, where the data can be reached
	@$(BIN)/python .ci/dependencies.py audit

lock: $(STAMP) ## pin the versions anew after pyproject.toml changed
	@$(BIN)/uv pip compile --universal --python-version 3.11 --fork-strategy fewest --extra all --extra docs \
		--extra dev --generate-hashes --no-header --no-annotate --quiet pyproject.toml -o requirements.lock
	@$(BIN)/python .ci/dependencies.py licences --write

clean: ## remove everything that was made here, the environment included
	rm -rf .venv _site _pdf docs/_build .cache .pytest_cache .hypothesis .ruff_cache build dist reviewlib.egg-info
	find reviewlib tests -name __pycache__ -type d -prune -exec rm -rf {} +

# uv sets up in seconds and is itself fetched with pip; where it cannot reach its index, pip does all the work.
# Every file that is installed is held against the hashes of the lock, that of uv itself too.
INSTALL = $$pip install --quiet --require-hashes --requirement requirements.lock \
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
		sed -n '/^uv==/,/[^\\]$$/p' requirements.lock >.venv/uv.lock; \
		$(BIN)/python -m pip install --quiet --require-hashes --requirement .venv/uv.lock \
		&& { pip="$(BIN)/uv pip"; export VIRTUAL_ENV="$(CURDIR)/.venv"; $(INSTALL); } \
		|| { echo "uv cannot be used here, pip does the work"; pip="$(BIN)/python -m pip"; $(INSTALL); }
	@touch $@
