"""Summarise the scores by view and inside the radiologists' boxes."""

from srlib import specs
from srlib.evaluation import subgroups
from srlib.jobs import job
from srlib.specs.table import ModelRow

with job(snakemake):
    rows = specs.from_json(list[ModelRow], snakemake.params.models)
    scores, box_scores = iter(snakemake.input.scores), iter(snakemake.input.box_scores)
    subgroups.write(
        {row.model: [next(scores) for _ in range(row.runs)] for row in rows},
        {row.model: [next(box_scores) for _ in range(row.runs)] for row in rows}
        if snakemake.input.box_scores
        else {},
        labels={row.model: row.label for row in rows},
        split=snakemake.input.split,
        csv_path=snakemake.output.csv,
        md_path=snakemake.output.md,
    )
