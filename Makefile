# Two commands do everything on a machine with python3 (3.11, 3.12 or 3.13) and make: `make run` and `make test`.
# CORES and ARGS pass through to Snakemake: make run CORES=8 ARGS="-n"

PYTHON ?= python3
CORES ?= all
ARGS ?=

VENV := .venv
comma := ,
BIN := $(VENV)/bin
# uv installs the same in a tenth of the time, where there is one; `make run UV=` takes pip.
UV := $(shell command -v uv)
INSTALLER := $(if $(UV),UV='$(UV)' $(BIN)/python envs/uv.py pip install --python $(BIN)/python,$(BIN)/pip install)
# Wheels only, or it may compile for long; connection-pool is a page of pure Python that comes as source alone.
PIP := $(INSTALLER) --only-binary=:all: --no-binary=connection-pool --constraint envs/constraints.txt
# What it says stands in its log, and is shown when it fails.
LOG := $(VENV)/pip.log
install = @echo "installing $(1) into $(VENV) by $(if $(UV),uv,pip) (its log: $(LOG))"; \
	$(PIP) --editable '$(1)' > $(LOG) 2>&1 || { cat $(LOG); echo "error: it failed, as said above"; exit 1; }
HAS_GENERATOR := $(shell $(PYTHON) -c 'import platform, sys; \
	print(int(sys.platform == "darwin" or platform.machine() == "x86_64"))')
EXTRA := $(if $(filter 1,$(HAS_GENERATOR)),generate)
# The XRootD client, for its tests, where there surely are wheels of it.
HAS_XROOTD := $(filter Linux,$(shell uname))
NO_GENERATOR := No wheels of pythia8mc and fastjet for this machine (there are none for aarch64 Linux): all but the samples with 'generate:' works. Name your own ntuples with 'files:'.

# What is long by its nature: processes that are killed and started again, benchmarks, drawing, generating, compiling,
# exporting, fits, and commands in processes of their own, which import PyTorch or Matplotlib each.
LONG := apply bench block_figures compiled docs export fat_jets figures generate kinds_figures launch page parallel \
	remote_web resources resume run search_figures template_fit threads tune_samplers tune_trials
# With a file that is begun early if it stands early in the alphabet: those of tests/end_to_end before the short units.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

# The executor plugins, in an environment beside, and HTCondor's programs.
CLUSTER := $(abspath $(VENV))/cluster

# What looks at the packages, in an environment that is not of them.
AUDIT := $(abspath $(VENV))/audit

.PHONY: run crate test test-fast test-cluster test-records test-faults lint types bench bench-cluster bench-device bench-scale results docs site lock \
	upgrade audit sbom clean help

run: $(VENV)/run.stamp ## the default tasks, end to end
	@$(BIN)/snakeroot run --cores $(CORES) $(ARGS)

crate: $(VENV)/crate.stamp ## the finished run as an RO-Crate, for Zenodo or WorkflowHub: crate.zip
	@$(BIN)/snakeroot crate $(ARGS)

test: lint types ## everything that must hold: style, types, units, the DAG, end to end
	$(PYTEST) --durations=20 $(ARGS)

test-fast: $(VENV)/test.stamp ## units and the DAG on small inputs, without what is long: while one works on the code
	$(PYTEST) tests/dag tests/unit $(LONG:%=--ignore=tests/unit/test_%.py) $(ARGS)

test-cluster: $(CLUSTER)/plugins.stamp ## the same on a real SLURM and a real HTCondor, booted here: as root, with apt
	$(BIN)/python tests/cluster/install.py $(CLUSTER) schedulers
	SNAKEROOT_HTCONDOR=$(CLUSTER) $(CLUSTER)/bin/python -m pytest tests/cluster $(ARGS)

test-records: $(VENV)/records.stamp ## that MLflow's and TensorBoard's own readers find what is recorded for them
	$(BIN)/python -m pytest tests/unit/test_records.py tests/end_to_end/test_records.py $(ARGS)

test-faults: $(VENV)/test.stamp ## the accidents of docs/reliability.md, each done and counted, into results/faults (ARGS: names of some)
	$(BIN)/python tests/faults $(ARGS)

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/Snakefile workflow/rules
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/weekly.yaml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.gitlab-ci .gitlab-ci.yml
	$(BIN)/snakemake --lint

types: $(VENV)/test.stamp
	$(BIN)/mypy

bench: $(VENV)/test.stamp ## the measurements quoted in docs/performance.md, into results/bench
	$(BIN)/python tests/bench $(ARGS)

bench-cluster: $(CLUSTER)/plugins.stamp ## what SLURM and HTCondor add to each job, into results/bench
	$(BIN)/python tests/cluster/install.py $(CLUSTER) schedulers
	PYTHONPATH=tests:workflow SNAKEROOT_HTCONDOR=$(CLUSTER) $(CLUSTER)/bin/python tests/cluster/overhead.py $(ARGS)

results: $(VENV)/test.stamp ## what the shipped tasks reach, and those on the real test files, into docs/results.md
	$(BIN)/python tests/results

bench-device: $(VENV)/test.stamp ## events per second on the CPU and on a GPU, over batch sizes, with a figure
	$(BIN)/python tests/bench device

bench-scale: $(VENV)/test.stamp ## what each stage costs against the number of events, beside loops by hand and ROOT, with a figure
	$(BIN)/python tests/bench scale

docs: $(VENV)/test.stamp ## what is made of the code: table and schemas of all keys, pictures of workflow and house (needs graphviz)
	$(BIN)/python -m snakeroot.config.reference > docs/config.md
	$(BIN)/python -m snakeroot.config.json_schemas workflow/schemas
	$(BIN)/snakemake --quiet all --rulegraph | dot -Tsvg > docs/workflow.svg
	$(BIN)/python tests/house.py | tred | dot -Tsvg > docs/images/house.svg

site: $(VENV)/site.stamp ## README.md and docs/ as pages with a search: open site/index.html
	rm -rf site
	$(BIN)/sphinx-build --quiet --fail-on-warning --fresh-env -c docs -d $(VENV)/doctrees . site

lock: $(CLUSTER)/plugins.stamp $(VENV)/records.stamp $(VENV)/site.stamp $(VENV)/audit.stamp ## pin what the pinned packages pull in (needs uv for the file with hashes)
	{ $(CLUSTER)/bin/pip freeze --exclude-editable; $(AUDIT)/bin/pip freeze; } | sed 's/+cpu$$//' | sort -fu > envs/constraints.txt
	$(UV) pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		--default-index https://pypi.org/simple --constraint envs/constraints.txt --only-binary :all: \
		--no-binary connection-pool --extra generate pyproject.toml --output-file envs/lock.txt

# HELD names pins to leave as they are: make upgrade HELD="torch"
upgrade: ## pin the newest versions that fit together, lock them, and run all checks (needs uv)
	UV='$(UV)' $(PYTHON) envs/upgrade.py $(HELD)
	$(MAKE) lock
	$(MAKE) test

audit: $(VENV)/audit.stamp ## vulnerabilities that are known of the locked packages, where pip-audit reaches its database
	$(AUDIT)/bin/python envs/audit.py envs/lock.txt

sbom: $(VENV)/audit.stamp ## a software bill of materials of the locked packages: sbom.json (CycloneDX)
	$(AUDIT)/bin/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible \
		--output-file sbom.json envs/lock.txt

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

clean: ## remove the environment; results stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and \
		"Python 3.11, 3.12 or 3.13 is needed: make PYTHON=… (a package that Snakemake needs has no wheel for 3.14)")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "python3 has no venv; on Debian: apt install python3-venv"; exit 1; }

$(VENV)/run.stamp: pyproject.toml envs/constraints.txt | $(BIN)/pip
	$(call install,.$(if $(EXTRA),[$(EXTRA)]))
	$(if $(EXTRA),,@echo "$(NO_GENERATOR)")
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp
	$(call install,.[$(if $(EXTRA),$(EXTRA)$(comma))$(if $(HAS_XROOTD),remote$(comma))crate$(comma)fit$(comma)test])
	@touch $@

$(VENV)/crate.stamp: $(VENV)/run.stamp
	$(call install,.[crate])
	@touch $@

$(VENV)/records.stamp: $(VENV)/test.stamp
	$(call install,.[mlflow$(comma)tensorboard])
	@touch $@

$(VENV)/audit.stamp: pyproject.toml envs/constraints.txt | $(BIN)/pip
	@$(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/pip install --quiet --only-binary=:all: --constraint envs/constraints.txt \
		$$($(AUDIT)/bin/python -c 'import tomllib; \
		print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["audit"])')
	@touch $@

$(VENV)/site.stamp: $(VENV)/run.stamp
	$(call install,.[site])
	@touch $@

$(CLUSTER)/plugins.stamp: $(VENV)/test.stamp
	$(BIN)/python tests/cluster/install.py $(CLUSTER) plugins
	touch $@
