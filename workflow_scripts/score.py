"""Score the restored images of one run against the originals."""

import json

from srlib.evaluation import scores
from srlib.jobs import job

with job(snakemake):
    scores.score(
        snakemake.input.sr,
        snakemake.input.hr,
        snakemake.output[0],
        scale=snakemake.params.scale,
        crop_border=snakemake.params.crop_border,
        files=dict(zip(json.loads(snakemake.params.metrics), snakemake.input.metric_files, strict=True)),
    )
