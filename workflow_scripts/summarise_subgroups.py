"""Summarise the scores by view and inside the radiologists' boxes."""

import json

from srlib.evaluation import subgroups
from srlib.jobs import job

with job(snakemake):
    rows = json.loads(snakemake.params.models)
    scores, box_scores = iter(snakemake.input.scores), iter(snakemake.input.box_scores)
    subgroups.write(
        {row["model"]: [next(scores) for _ in range(row["runs"])] for row in rows},
        {row["model"]: [next(box_scores) for _ in range(row["runs"])] for row in rows}
        if snakemake.input.box_scores
        else {},
        labels={row["model"]: row["label"] for row in rows},
        split=snakemake.input.split,
        csv_path=snakemake.output.csv,
        md_path=snakemake.output.md,
    )
