"""Draw the perception-distortion plane."""

from srlib.figures import perception
from srlib.jobs import job

with job(snakemake):
    perception.draw(snakemake.input.table, snakemake.output.png, snakemake.output.pdf)
