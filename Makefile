# make demo · make table-from-scores · make test · make test-slurm · make lint · make report; each makes .venv first if it is missing or stale.
# make slurm · make tensorboard · make onnx · make spandrel: add what profiles/slurm, `training.tensorboard`, the
# command `export` and the network `spandrel` need.
# TORCH=cpu (or cu126, ...) takes PyTorch from its own index of that name: for a CPU without 3 GB of CUDA's libraries.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(SUPPORTED)' 2> /dev/null && echo $$python && break; done)
BIN := .venv/bin
INDEX := $(TORCH:%=--extra-index-url https://download.pytorch.org/whl/%)
export MPLBACKEND := Agg
# Snakemake and pip keep caches in HOME; Snakemake stops where it cannot.
ifeq ($(or $(XDG_CACHE_HOME),$(shell test -w "$$HOME" && echo writable)),)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
endif

.PHONY: demo table-from-scores test test-slurm lint report slurm tensorboard onnx spandrel pins

demo: .venv/installed
	$(BIN)/snakemake --cores all --configfile config/demo.yaml
	@echo; cat results/demo/table.md; echo; echo "Figures:"; ls results/demo/figures/*.png
	@echo "The table to sort is results/demo/table.html; to look at every image, open results/demo/viewer.html"

test: .venv/developing
	OMP_NUM_THREADS=1 $(BIN)/pytest --ignore tests/slurm --numprocesses 2 --dist worksteal

# Needs root and Debian's SLURM packages; says what is missing.
test-slurm: .venv/developing
	$(BIN)/pytest -rs tests/slurm

lint: .venv/developing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint --configfile config/demo.yaml

# The table of a run from its scores alone, compared with its table.csv.
SCORES ?= docs/results/whole-images
table-from-scores: .venv/installed
	$(BIN)/python -m srlib table "$(SCORES)" --output results/from-scores

# The HTML report of what there is of the run in RESULTS, by its own records.
RESULTS ?= results/demo
report: .venv/installed
	@test -f "$(RESULTS)/config.yaml" || { \
		echo "$(RESULTS): no run has left its config.yaml here; make report RESULTS=folder/of/a/run" >&2; exit 1; }
	$(BIN)/snakemake --configfile "$(RESULTS)/config.yaml" --config "results=$(RESULTS)" \
		--report "$(RESULTS)/report.html"

ADDED_slurm := snakemake-executor-plugin-slurm
ADDED_tensorboard := tensorboard
ADDED_onnx := onnx onnxruntime onnxscript
ADDED_spandrel := spandrel
slurm tensorboard onnx spandrel: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint requirements-dev.txt $(ADDED_$@)

.venv/installed: requirements.txt
	@$(or $(PYTHON),false) -c '$(SUPPORTED)' || { \
		echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=path/of/one ..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet $(INDEX) --requirement requirements.txt
	touch $@

.venv/developing: requirements-dev.txt .venv/installed
	$(BIN)/python -m pip install --quiet $(INDEX) --requirement requirements-dev.txt
	touch $@

# The exact versions, from pyproject.toml; those of the files stay where they fit. Needs uv.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --no-annotate pyproject.toml \
	--custom-compile-command 'make pins'
pins:
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --all-extras --constraint requirements.txt --output-file requirements-dev.txt
	sed -i -E '/^(nvidia|cuda|triton)[-=]/d' requirements.txt requirements-dev.txt
