"""Fetch the sampled images of one archive out of the mirror."""

from srlib import sampling
from srlib.jobs import job
from srlib.mirror import extract_remote

with job(snakemake.log[0]):
    split = sampling.read_split(snakemake.input.split)
    images = split[split["archive"] == snakemake.wildcards.archive]
    extract_remote(
        snakemake.params.archive,
        zip(images["image"], images["patient"], strict=True),
        snakemake.output.manifest,
    )
