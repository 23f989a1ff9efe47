"""Place the radiologists' boxes on the HR pictures of the test images."""

from srlib.data.boxes import place_boxes
from srlib.jobs import job

with job(snakemake):
    place_boxes(
        snakemake.input.boxes,
        snakemake.input.sizes,
        snakemake.output[0],
        size=snakemake.params.size,
        side=snakemake.params.side,
        fit=snakemake.params.fit,
    )
