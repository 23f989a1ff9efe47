"""Fetch one archive of the NIH release and check it."""

from srlib.data import nih
from srlib.data.download import download
from srlib.jobs import job

with job(snakemake):
    archive = next(archive for archive in nih.ARCHIVES if archive.name == snakemake.wildcards.archive)
    download(archive.url, snakemake.output[0], size=archive.bytes, md5=archive.md5)
