"""Score the restored images of one run inside the radiologists' boxes."""

from srlib.evaluation import scores
from srlib.jobs import job

with job(snakemake):
    files = snakemake.input
    scores.score_boxes(files.sr, files.hr, files.boxes, snakemake.output[0])
