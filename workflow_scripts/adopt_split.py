"""Use a split that someone handed over."""

import json

from srlib.data import split
from srlib.data.folder import digests
from srlib.jobs import job

with job(snakemake):
    counts, archives = json.loads(snakemake.params.counts), json.loads(snakemake.params.archives)
    adopted = split.adopt(snakemake.input.split, counts, list(archives))
    split.check_twins(adopted, digests(archives))
    split.write_split(adopted, snakemake.output[0], f"from {snakemake.input.split}")
