# How far each restored image is from its original.


rule score:
    input:
        sr="<results>/models/{model}/seed{seed}/sr.manifest.csv",
        hr="<results>/hr/test.manifest.csv",
        metric_files=metric_files,
    output:
        "<results>/models/{model}/seed{seed}/scores.csv",
    log:
        "<results>/logs/score/{model}/seed{seed}.log",
    benchmark:
        "<results>/benchmarks/score/{model}/seed{seed}.tsv"
    conda:
        "../environment.yaml"
    resources:
        mem_mb=scoring_memory,
        runtime=minutes(0.05 * COUNTS["test"] * HR_PIXELS / 256**2),
    params:
        scale=config["scale"],
        crop_border=config["crop_border"],
        metrics=as_json(list(config["metric_files"])),
        code=code("score"),
    message:
        "Scoring {wildcards.model}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/score.py"


rule score_boxes:
    input:
        sr="<results>/models/{model}/seed{seed}/sr.manifest.csv",
        hr="<results>/hr/test.manifest.csv",
        boxes=hr_boxes(),
        metric_files=metric_files,
    output:
        "<results>/models/{model}/seed{seed}/box_scores.csv",
    log:
        "<results>/logs/score_boxes/{model}/seed{seed}.log",
    benchmark:
        "<results>/benchmarks/score_boxes/{model}/seed{seed}.tsv"
    conda:
        "../environment.yaml"
    resources:
        mem_mb=scoring_memory,
        runtime=minutes(0.05 * COUNTS["test"] * HR_PIXELS / 256**2),
    params:
        scale=config["scale"],
        metrics=as_json(list(config["metric_files"])),
        code=code("score_boxes"),
    message:
        "Scoring {wildcards.model}, seed {wildcards.seed}, inside the radiologists' boxes"
    script:
        "../workflow_scripts/score_boxes.py"
