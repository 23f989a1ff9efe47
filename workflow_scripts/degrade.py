"""Make one LR variant of the HR pictures of one split."""

from srlib import specs
from srlib.data import degrade
from srlib.jobs import job
from srlib.specs.degradation import Degradation

with job(snakemake):
    degrade.degrade_split(
        snakemake.input.hr,
        snakemake.params.variant,
        specs.from_json(Degradation, snakemake.params.degradation),
        snakemake.output.manifest,
        snakemake.threads,
    )
