# The results in numbers: one row per model, every two models compared, and where it matters.


rule summarise:
    input:
        scores=runs("scores.csv"),
        hr="<results>/hr/test.manifest.csv",
    output:
        csv=report(
            "<results>/table.csv", caption="../report/table.rst", category="Table"
        ),
        tests=report(
            "<results>/tests.csv", caption="../report/tests.rst", category="Table"
        ),
        md="<results>/table.md",
        html="<results>/table.html",
    log:
        "<results>/logs/summarise.log",
    localrule: True
    conda:
        "../environment.yaml"
    params:
        code=code("summarise", "srlib/evaluation/table.html"),
        models=as_json([settings.table_row(config, model) for model in MODELS]),
        caption=caption.describe(config),
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
        csv=report(
            "<results>/subgroups.csv",
            caption="../report/subgroups.rst",
            category="Table",
        ),
        md="<results>/subgroups.md",
    log:
        "<results>/logs/summarise_subgroups.log",
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
