"""Use a split that someone handed over."""

import json

from srlib.data import split
from srlib.jobs import job

with job(snakemake):
    counts, held = json.loads(snakemake.params.counts), json.loads(snakemake.params.held)
    adopted = split.adopt(snakemake.input.split, counts, held)
    split.write_split(adopted, snakemake.output[0], f"from {snakemake.input.split}")
