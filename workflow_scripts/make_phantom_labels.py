"""Invent the label table of synthetic X-rays."""

import json

from srlib import phantom
from srlib.jobs import job

with job(snakemake):
    phantom.write_labels(snakemake.output[0], **json.loads(snakemake.params.spec))
