"""Draw the training curves."""

import json

from srlib.figures import curves
from srlib.jobs import job

with job(snakemake):
    labels = json.loads(snakemake.params.labels)
    histories = dict(zip(labels, snakemake.input.histories, strict=True))
    curves.draw(histories, snakemake.output.png, snakemake.output.pdf)
