"""Make one LR variant of the HR pictures of one split."""

from srlib.data import prepare
from srlib.jobs import job

with job(snakemake):
    prepare.degrade_split(snakemake.input.hr, snakemake.wildcards.variant, snakemake.output.manifest)
