# Which images: random, seeded, train and test disjoint by patient; or as someone else has drawn them.

if config["dataset"]["split"]:

    rule adopt_split:
        input:
            split=given(config["dataset"]["split"]),
        output:
            "<results>/split.csv",
        log:
            "<results>/logs/adopt_split.log",
        benchmark:
            "<results>/benchmarks/adopt_split.tsv"
        localrule: True
        conda:
            "../environment.yaml"
        params:
            code=code("adopt_split"),
            counts=as_json(COUNTS),
            archives=as_json(ARCHIVES),
            origin=as_json(settings.origin(config)),
        message:
            "Using the split {input.split}"
        script:
            "../workflow_scripts/adopt_split.py"

else:

    if workflow.is_main_process:
        pool_digest()  # a source without pictures is told of while planning

    rule sample:
        input:
            labels=label_tables(LAYOUT),
            test_labels=label_tables(TESTS),
            unlabelled=unlabelled_archives(),
            official=[given(path) for path in OFFICIAL],
        output:
            "<results>/split.csv",
        log:
            "<results>/logs/sample.log",
        benchmark:
            "<results>/benchmarks/sample.tsv"
        localrule: True
        conda:
            "../environment.yaml"
        params:
            code=code("sample", *label_readers()),
            spec=lambda wildcards: sample_spec(),
            archives=as_json([LAYOUT.archives, TESTS.archives]),
            origin=as_json(settings.origin(config)),
            pool=lambda wildcards: pool_digest(),
        message:
            "Sampling images"
        script:
            "../workflow_scripts/sample.py"
