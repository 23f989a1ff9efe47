# Which images: random, seeded, train and test disjoint by patient; or as someone else has drawn them.

if config["dataset"]["split"]:

    rule adopt_split:
        input:
            split=given(config["dataset"]["split"]),
        output:
            "<results>/split.csv",
        log:
            "<results>/logs/adopt_split.log",
        localrule: True
        conda:
            "../environment.yaml"
        params:
            code=code("adopt_split"),
            counts=as_json(settings.sample_spec(config)["counts"]),
            held=as_json(list(LAYOUT.archives)),
        message:
            "Using the split {input.split}"
        script:
            "../workflow_scripts/adopt_split.py"

else:

    rule sample:
        input:
            labels=given(LAYOUT.labels) if LAYOUT.labels else [],
            unlabelled=[] if LAYOUT.labels else archive_files(),
            official=[given(path) for path in OFFICIAL],
        output:
            "<results>/split.csv",
        log:
            "<results>/logs/sample.log",
        localrule: True
        conda:
            "../environment.yaml"
        params:
            code=code("sample"),
            spec=as_json(settings.sample_spec(config)),
            archives=as_json(LAYOUT.archives),
            loose=as_json(loose_pictures()),
        message:
            "Sampling images"
        script:
            "../workflow_scripts/sample.py"
