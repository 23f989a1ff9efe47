# HR pictures: gray 8 bit, square, bicubic with antialiasing.


rule resize:
    input:
        split="<results>/split.csv",
        raw=expand("<results>/raw/{archive}.manifest.csv", archive=ARCHIVES),
    output:
        folder=directory("<results>/hr/{split}"),
        manifest="<results>/hr/{split}.manifest.csv",
        sizes="<results>/hr/{split}.sizes.csv",
    log:
        "<results>/logs/resize/{split}.log",
    benchmark:
        "<results>/benchmarks/resize/{split}.tsv"
    conda:
        "../environment.yaml"
    threads: PICTURE_THREADS
    resources:
        mem_mb=decoding_memory,
        runtime=minutes(0.01 * max(COUNTS.values())),
    params:
        code=code("resize"),
        size=config["dataset"]["size"],
        side=HR_SIDE,
        fit=config["dataset"]["fit"],
        enlarge=config["dataset"]["enlarge"],
    message:
        "Resizing the {wildcards.split} images to {params.side} x {params.side}"
    script:
        "../workflow_scripts/resize.py"


if BOXES:

    rule place_boxes:
        input:
            boxes=local(BOXES),
            sizes="<results>/hr/test.sizes.csv",
        output:
            hr_boxes(),
        log:
            "<results>/logs/place_boxes.log",
        benchmark:
            "<results>/benchmarks/place_boxes.tsv"
        localrule: True
        conda:
            "../environment.yaml"
        params:
            code=code("place_boxes"),
            size=config["dataset"]["size"],
            side=HR_SIDE,
            fit=config["dataset"]["fit"],
        message:
            "Placing the radiologists' boxes on the HR images"
        script:
            "../workflow_scripts/place_boxes.py"
