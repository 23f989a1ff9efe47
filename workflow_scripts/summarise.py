"""Summarise the scores of all models in one table."""

from srlib import caption, specs
from srlib.evaluation import summary
from srlib.jobs import job
from srlib.specs.table import ModelRow

with job(snakemake):
    rows = specs.from_json(list[ModelRow], snakemake.params.models)
    files, labels = snakemake.input, {row.model: row.label for row in rows}
    scores = iter(files.scores)
    summary.summarise(
        {row.model: [next(scores) for _ in range(row.runs)] for row in rows},
        labels=labels,
        paper={row.model: row.paper for row in rows},
        hr_manifest=files.hr,
        caption=caption.describe(
            files.split,
            {"train": files.train_hr, "test": files.hr},
            files.lr,
            files.weights,
            labels,
            files.scores,
        ),
        csv_path=snakemake.output.csv,
        tests_path=snakemake.output.tests,
        md_path=snakemake.output.md,
        html_path=snakemake.output.html,
    )
