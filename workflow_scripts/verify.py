"""Check all pictures of the results against their manifests."""

from srlib.jobs import job
from srlib.verify import verify

with job(snakemake.log[0]):
    print(f"{verify(snakemake.params.results)} pictures are as they were made")
