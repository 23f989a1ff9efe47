"""Fetch the NIH label table."""

from srlib.data import nih
from srlib.data.download import download
from srlib.jobs import job

with job(snakemake):
    download(nih.LABELS_URL, snakemake.output[0])
