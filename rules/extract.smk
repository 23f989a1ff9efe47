# The sampled members of each archive, as published.

if config["dataset"]["source"] == "mirror":

    rule extract_remote:
        input:
            split="<results>/split.csv",
        output:
            folder=directory("<results>/raw/{archive}"),
            manifest="<results>/raw/{archive}.manifest.csv",
        log:
            "<results>/logs/extract_remote/{archive}.log",
        benchmark:
            "<results>/benchmarks/extract_remote/{archive}.tsv"
        wildcard_constraints:
            archive="|".join(LAYOUT.archives),
        localrule: True
        conda:
            "../environment.yaml"
        resources:
            download=1,
        params:
            archive=lambda wildcards: LAYOUT.archives[wildcards.archive],
        message:
            "Fetching the sampled images of {wildcards.archive} from the mirror"
        script:
            "../workflow_scripts/extract_remote.py"


if config["dataset"]["source"] != "mirror" or TESTS.archives:

    rule extract:
        input:
            archive=archive_file,
            split="<results>/split.csv",
        output:
            folder=directory("<results>/raw/{archive}"),
            manifest="<results>/raw/{archive}.manifest.csv",
        log:
            "<results>/logs/extract/{archive}.log",
        benchmark:
            "<results>/benchmarks/extract/{archive}.tsv"
        wildcard_constraints:
            archive="|".join(
                TESTS.archives if config["dataset"]["source"] == "mirror" else ARCHIVES
            ),
        conda:
            "../environment.yaml"
        threads: PICTURE_THREADS
        resources:
            mem_mb=decoding_memory,
            # an archive of 4 GB, or a folder of all pictures
            runtime=minutes(20 + 0.002 * sum(COUNTS.values())),
        params:
            archive=lambda wildcards: ARCHIVES[wildcards.archive],
            pictures=lambda wildcards: pictures_digest(wildcards.archive),
        message:
            "Extracting the sampled images of {params.archive}"
        script:
            "../workflow_scripts/extract.py"
