"""Score the restored images of one run against the originals."""

from srlib.evaluation import scores
from srlib.jobs import job

with job(snakemake):
    scores.score(snakemake.input.sr, snakemake.input.hr, snakemake.output[0])
