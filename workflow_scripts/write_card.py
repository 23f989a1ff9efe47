"""Write the model card of one trained model."""

import json

from srlib.card import page
from srlib.card.facts import gather
from srlib.jobs import job

with job(snakemake):
    files = snakemake.input
    facts = gather(
        weights=files.weights,
        scores=files.scores,
        split=files.split,
        hr={"train": files.train_hr, "test": files.test_hr},
        lr=files.lr,
        labels=json.loads(snakemake.params.labels),
    )
    page.write(snakemake.output[0], facts)
