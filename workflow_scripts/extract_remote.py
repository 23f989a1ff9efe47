"""Fetch the sampled images of one archive out of the mirror."""

from srlib.data.mirror import extract_remote
from srlib.data.split import read_split
from srlib.jobs import job

with job(snakemake):
    split = read_split(snakemake.input.split)
    images = split[split["archive"] == snakemake.wildcards.archive]
    extract_remote(
        snakemake.params.archive,
        zip(images["image"], images["patient"], strict=True),
        snakemake.output.manifest,
    )
