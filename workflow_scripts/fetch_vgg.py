"""Fetch the ImageNet weights of a VGG network and check them."""

from srlib.data.download import download
from srlib.jobs import job
from srlib.objectives.vgg_variants import VGGS

with job(snakemake):
    published = VGGS[snakemake.wildcards.network]
    download(published.url, snakemake.output[0], size=published.size, sha256=published.sha256)
