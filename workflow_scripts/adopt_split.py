"""Use a split that someone handed over."""

import json

from srlib.data import sampling
from srlib.jobs import job

with job(snakemake):
    counts, held = json.loads(snakemake.params.counts), json.loads(snakemake.params.held)
    split = sampling.adopt(snakemake.input.split, counts, held)
    sampling.write_split(split, snakemake.output[0], f"from {snakemake.input.split}")
