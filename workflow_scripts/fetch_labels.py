"""Fetch the NIH label table."""

from srlib import nih
from srlib.download import download
from srlib.jobs import job

with job(snakemake.log[0]):
    download(nih.LABELS_URL, snakemake.output[0])
