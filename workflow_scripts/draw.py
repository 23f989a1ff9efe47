"""Draw a figure."""

import importlib
import json

from srlib.jobs import job

with job(snakemake):
    labels = json.loads(snakemake.params.labels)
    files = {
        name: value if isinstance(value, str) else dict(zip(labels, value, strict=True)) if value else None
        for name, value in snakemake.input.items()
    }
    figure = importlib.import_module(f"srlib.figures.{snakemake.params.figure}")
    figure.draw(
        **files,
        **json.loads(snakemake.params.settings),
        png=snakemake.output.png,
        pdf=snakemake.output.pdf,
    )
