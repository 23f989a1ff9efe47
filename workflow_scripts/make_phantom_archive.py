"""Render the synthetic X-rays of one archive."""

from srlib import phantom
from srlib.jobs import job

with job(snakemake):
    phantom.write_archive(
        snakemake.output[0], snakemake.input.labels, snakemake.wildcards.archive, int(snakemake.params.seed)
    )
