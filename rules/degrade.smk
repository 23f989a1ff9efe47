# LR variants of the HR pictures.


rule degrade:
    input:
        hr="<results>/hr/{split}.manifest.csv",
    output:
        folder=directory("<results>/lr/{variant}/{split}"),
        manifest="<results>/lr/{variant}/{split}.manifest.csv",
    log:
        "<results>/logs/degrade/{variant}/{split}.log",
    benchmark:
        "<results>/benchmarks/degrade/{variant}/{split}.tsv"
    conda:
        "../environment.yaml"
    threads: PICTURE_THREADS
    resources:
        mem_mb=1000,
        runtime=minutes(0.01 * max(COUNTS.values())),
    params:
        code=code("degrade"),
        variant=lambda wildcards: LR_FOLDERS[wildcards.variant],
        degradation=as_json(settings.degradation(config)),
    message:
        "Making the LR variant {wildcards.variant} of the {wildcards.split} images"
    script:
        "../workflow_scripts/degrade.py"
