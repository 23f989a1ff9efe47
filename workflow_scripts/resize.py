"""Resize the images of one split to the HR size."""

from srlib.data import prepare
from srlib.jobs import job

with job(snakemake):
    prepare.resize_split(
        snakemake.input.split,
        snakemake.wildcards.split,
        snakemake.input.raw,
        int(snakemake.params.size),
        snakemake.output.manifest,
    )
