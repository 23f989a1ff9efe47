"""Sample the images of each split from those of the source."""

import json

from srlib.data import pool, sampling
from srlib.data.source import LISTS
from srlib.jobs import job

with job(snakemake):
    spec, archives = json.loads(snakemake.params.spec), json.loads(snakemake.params.archives)
    labels, lists = snakemake.input.labels or None, snakemake.input.official
    images = pool.select(
        pool.read_pool(labels, archives, spec["archives"]),
        view=spec["view"],
        findings=spec["findings"],
        official=dict(zip(LISTS, map(pool.read_list, lists), strict=True)) if lists else None,
    )
    split = sampling.sample(images, spec["counts"], spec["seed"], spec["one_per_patient"])
    sampling.check_archives(split, list(archives))
    patients = "of the label table" if labels else "of DICOM headers or names; each image its own otherwise"
    note = json.dumps(spec | {"patients": patients}, sort_keys=True)
    sampling.write_split(split, snakemake.output[0], note)
