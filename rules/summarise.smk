# The results in numbers: one row per model, every two models compared, and where it matters.


rule summarise:
    input:
        unpack(described),
        scores=runs("scores.csv"),
        hr="<results>/hr/test.manifest.csv",
    output:
        csv=shown("<results>/table.csv", "Table"),
        tests=shown("<results>/tests.csv", "Table"),
        md="<results>/table.md",
        html=shown("<results>/table.html", "Table"),
    log:
        "<results>/logs/summarise.log",
    benchmark:
        "<results>/benchmarks/summarise.tsv"
    localrule: True
    conda:
        "../environment.yaml"
    params:
        code=code("summarise", "srlib/evaluation/table.html"),
        words=words_of_training(),
        models=as_json([settings.table_row(config, model) for model in MODELS]),
    message:
        "Summarising the scores of all models"
    script:
        "../workflow_scripts/summarise.py"


rule summarise_subgroups:
    input:
        scores=runs("scores.csv"),
        box_scores=runs("box_scores.csv") if BOXES else [],
        split="<results>/split.csv",
    output:
        csv=shown("<results>/subgroups.csv", "Table"),
        md="<results>/subgroups.md",
    log:
        "<results>/logs/summarise_subgroups.log",
    benchmark:
        "<results>/benchmarks/summarise_subgroups.tsv"
    localrule: True
    conda:
        "../environment.yaml"
    params:
        code=code("summarise_subgroups"),
        models=as_json([settings.run_row(config, model) for model in MODELS]),
    message:
        "Summarising the scores by view and inside the radiologists' boxes"
    script:
        "../workflow_scripts/summarise_subgroups.py"
