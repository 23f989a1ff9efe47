"""Resize the images of one split to the HR size."""

from srlib.data import prepare
from srlib.jobs import job

with job(snakemake):
    prepare.resize_split(
        snakemake.input.split,
        snakemake.wildcards.split,
        snakemake.input.raw,
        snakemake.output.manifest,
        snakemake.output.sizes,
        size=snakemake.params.size,
        side=snakemake.params.side,
        fit=snakemake.params.fit,
        enlarge=snakemake.params.enlarge,
        threads=snakemake.threads,
    )
