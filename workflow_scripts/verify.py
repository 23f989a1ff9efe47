"""Check all pictures of the results against their manifests."""

from pathlib import Path

from srlib.data.verify import verify
from srlib.jobs import job

with job(snakemake):
    print(f"{verify(Path(snakemake.log[0]).parents[1])} pictures are as they were made")
