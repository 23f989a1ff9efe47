# make demo · make test · make test-slurm · make lint · make report; each makes .venv first if it is missing or stale.
PYTHON ?= python3
BIN := .venv/bin
export MPLBACKEND := Agg

.PHONY: demo test test-slurm lint report

demo: .venv/installed
	$(BIN)/snakemake --cores all --configfile config/demo.yaml
	@echo; cat results/demo/table.md; echo; echo "Figures:"; ls results/demo/figures/*.png
	@echo "To look at every image, open results/demo/viewer.html"

test: .venv/installed
	$(BIN)/pytest --ignore tests/slurm

# Needs root and Debian's SLURM packages; says what is missing.
test-slurm: .venv/installed
	$(BIN)/pytest -rs tests/slurm

lint: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint --configfile config/demo.yaml

# The HTML report of the run in RESULTS, by the config overlay it was made with.
CONFIG ?= config/demo.yaml
RESULTS ?= results/demo
report: .venv/installed
	$(BIN)/snakemake --configfile $(CONFIG) --config results=$(RESULTS) --report $(RESULTS)/report.html

.venv/installed: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	touch $@
