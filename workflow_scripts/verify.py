"""Check all pictures of the results against their manifests."""

from srlib.data.verify import verify
from srlib.jobs import job

with job(snakemake):
    print(f"{verify(snakemake.params.results)} pictures are as they were made")
