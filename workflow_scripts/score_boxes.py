"""Score the restored images of one run inside the radiologists' boxes."""

import json

from srlib.evaluation import scores
from srlib.jobs import job

with job(snakemake):
    scores.score_boxes(
        snakemake.input.sr,
        snakemake.input.hr,
        snakemake.input.boxes,
        snakemake.output[0],
        scale=snakemake.params.scale,
        files=dict(zip(json.loads(snakemake.params.metrics), snakemake.input.metric_files, strict=True)),
    )
