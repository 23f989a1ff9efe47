"""Build the page to look at the restored images."""

import json

from srlib import caption
from srlib.jobs import job
from srlib.viewer import build

with job(snakemake):
    files, labels = snakemake.input, json.loads(snakemake.params.labels)
    hr, names = {"train": files.train_hr, "test": files.hr}, json.loads(snakemake.params.names)
    build.build(
        files.hr,
        files.lr,
        sr_manifests=dict(zip(labels, files.sr, strict=True)),
        scores=dict(zip(labels, files.scores, strict=True)),
        reference=snakemake.params.reference,
        caption=caption.describe(files.split, hr, files.lr, files.weights, names, files.scores),
        path=snakemake.output[0],
    )
