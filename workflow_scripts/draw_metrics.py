"""Draw box plots of every metric over the test images."""

import json

from srlib.figures import metrics
from srlib.jobs import job

with job(snakemake):
    labels = json.loads(snakemake.params.labels)
    scores = dict(zip(labels, snakemake.input.scores, strict=True))
    metrics.draw(scores, snakemake.output.png, snakemake.output.pdf)
