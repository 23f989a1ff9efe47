"""Extract the sampled images of one archive, or of a folder of pictures."""

from pathlib import Path

from srlib.data.extract import extract, extract_loose
from srlib.data.split import read_split
from srlib.jobs import job

with job(snakemake):
    split = read_split(snakemake.input.split)
    images = split[split["archive"] == snakemake.wildcards.archive]
    archive = snakemake.input.archive  # none where the pictures lie loose in a folder
    place = Path(archive[0] if archive else snakemake.params.archive)
    take = extract_loose if place.is_dir() else extract
    wanted = zip(images["image"], images["patient"], strict=True)
    take(place, wanted, snakemake.output.manifest, snakemake.threads)
