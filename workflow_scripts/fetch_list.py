"""Fetch one of the release's own lists of images."""

from srlib.data import nih
from srlib.data.download import download
from srlib.jobs import job

with job(snakemake):
    download(nih.LIST_URLS[snakemake.wildcards.list], snakemake.output[0])
