"""Fetch the ImageNet weights of VGG-19 and check them."""

from srlib.data.download import download
from srlib.jobs import job
from srlib.objectives.vgg import BYTES, SHA256, URL

with job(snakemake):
    download(URL, snakemake.output[0], size=BYTES, sha256=SHA256)
