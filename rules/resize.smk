# HR pictures: gray 8 bit, square, bicubic with antialiasing.


rule resize:
    input:
        split="<results>/split.csv",
        raw=expand("<results>/raw/{archive}.manifest.csv", archive=LAYOUT.archives),
        code=code("resize"),
    output:
        folder=directory("<results>/hr/{split}"),
        manifest="<results>/hr/{split}.manifest.csv",
    log:
        "<results>/logs/resize/{split}.log",
    conda:
        "../environment.yaml"
    resources:
        mem_mb=1000,
        runtime=minutes(0.01 * max(COUNTS.values())),
    params:
        size=config["dataset"]["size"],
    message:
        "Resizing the {wildcards.split} images to {params.size} x {params.size}"
    script:
        "../workflow_scripts/resize.py"
