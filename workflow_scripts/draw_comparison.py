"""Draw the visual comparison of all models on picked test images."""

import json

from srlib.figures import comparison
from srlib.jobs import job

with job(snakemake):
    labels = json.loads(snakemake.params.labels)
    comparison.draw(
        snakemake.input.hr,
        snakemake.input.lr,
        sr_manifests=dict(zip(labels, snakemake.input.sr, strict=True)),
        scores=dict(zip(labels, snakemake.input.scores, strict=True)),
        reference=snakemake.params.reference,
        boxes=snakemake.input.get("boxes") or None,
        png=snakemake.output.png,
        pdf=snakemake.output.pdf,
    )
