"""Draw each model's mean error map."""

import json

from srlib.figures import errors
from srlib.jobs import job

with job(snakemake):
    labels = json.loads(snakemake.params.labels)
    sr_manifests = dict(zip(labels, snakemake.input.sr, strict=True))
    errors.draw(snakemake.input.hr, sr_manifests, snakemake.output.png, snakemake.output.pdf)
