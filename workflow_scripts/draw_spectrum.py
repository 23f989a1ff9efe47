"""Draw power spectra and their agreement with HR."""

import json

from srlib.figures import spectrum
from srlib.jobs import job

with job(snakemake):
    labels = json.loads(snakemake.params.labels)
    spectrum.draw(
        snakemake.input.hr,
        sr_manifests=dict(zip(labels, snakemake.input.sr, strict=True)),
        scale=snakemake.params.scale,
        png=snakemake.output.png,
        pdf=snakemake.output.pdf,
    )
