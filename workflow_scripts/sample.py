"""Sample the images of each split from those of the source, and test images from their own source."""

import json

from srlib import specs
from srlib.data import folder, pool, sampling
from srlib.data.source import LISTS, archive_name
from srlib.data.split import check_archives, write_split
from srlib.jobs import job
from srlib.specs.sample import SampleSpec

with job(snakemake):
    spec = specs.from_json(SampleSpec, snakemake.params.spec)
    archives, test_archives = json.loads(snakemake.params.archives)
    files, choice = snakemake.input, {"view": spec.view, "findings": spec.findings}
    lists = dict(zip(LISTS, map(pool.read_list, files.official), strict=True)) if files.official else None
    images = pool.read_pool(files.labels, archives, list(map(archive_name, spec.archives)))
    images = pool.select(images, **choice, official=lists)
    if test_archives:
        tests = pool.read_tests(files.test_labels, test_archives)
        images = pool.with_tests(images, pool.select(tests, **choice, official=None))
    held = archives | test_archives
    split = sampling.sample(images, spec.counts, spec.seed, spec.one_per_patient, folder.digests(held))
    check_archives(split, list(held))
    write_split(split, snakemake.output[0], specs.to_json(vars(spec) | {"patients": pool.origins(images)}))
