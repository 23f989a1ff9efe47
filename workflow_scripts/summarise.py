"""Summarise the scores of all models in one table."""

from srlib import specs
from srlib.evaluation import summary
from srlib.jobs import job
from srlib.specs.table import ModelRow

with job(snakemake):
    rows = specs.from_json(list[ModelRow], snakemake.params.models)
    scores = iter(snakemake.input.scores)
    summary.summarise(
        {row.model: [next(scores) for _ in range(row.runs)] for row in rows},
        labels={row.model: row.label for row in rows},
        paper={row.model: row.paper for row in rows},
        hr_manifest=snakemake.input.hr,
        caption=snakemake.params.caption,
        csv_path=snakemake.output.csv,
        tests_path=snakemake.output.tests,
        md_path=snakemake.output.md,
        html_path=snakemake.output.html,
    )
