# The figures, each as PNG and PDF, and the page to look at.

# A figure is a file in srlib/figures with a function `draw`, a caption in report/, and an entry here: the
# files that `draw` takes, by the names of its arguments (a list has one of each of `models`, which are all
# where nothing else is said), and its other arguments.
HR_AND_SR = {
    "hr_manifest": "<results>/hr/test.manifest.csv",
    "sr_manifests": first_runs("sr.manifest.csv"),
}
FIGURES = {
    "comparison": {
        "files": HR_AND_SR
        | {
            "lr_manifest": f"<results>/lr/{LR}/test.manifest.csv",
            "scores": first_runs("scores.csv"),
            "boxes": hr_boxes(),
        },
        "settings": {"reference": settings.label(config, config["reference"])},
    },
    "metrics": {"files": {"scores": first_runs("scores.csv")}},
    "curves": {
        "files": {"histories": first_runs("history.csv", STEPPED)},
        "models": STEPPED,
    },
    "perception": {"files": {"table": "<results>/table.csv"}},
    "spectrum": {"files": HR_AND_SR, "settings": {"scale": config["scale"]}},
    "errors": {"files": HR_AND_SR},
}


# Of a figure that has a model to show: without a trained one there are no training curves.
FIGURE_FILES = expand(
    "<results>/figures/{name}.{kind}",
    name=[name for name, about in FIGURES.items() if about.get("models", MODELS)],
    kind=["png", "pdf"],
)


for figure, about in FIGURES.items():

    rule:
        name:
            f"draw_{figure}"
        input:
            **about["files"],
        output:
            png=shown(f"<results>/figures/{figure}.png", "Figures"),
            pdf=f"<results>/figures/{figure}.pdf",
        log:
            f"<results>/logs/draw_{figure}.log",
        benchmark:
            f"<results>/benchmarks/draw_{figure}.tsv"
        localrule: True
        conda:
            "../environment.yaml"
        params:
            code=code("draw", f"srlib/figures/{figure}.py"),
            figure=figure,
            labels=labels(about.get("models", MODELS)),
            settings=as_json(about.get("settings", {})),
        message:
            "Drawing the figure {params.figure}"
        script:
            "../workflow_scripts/draw.py"


rule build_viewer:
    input:
        unpack(described),
        hr="<results>/hr/test.manifest.csv",
        sr=first_runs("sr.manifest.csv"),
        scores=first_runs("scores.csv"),
    output:
        shown("<results>/viewer.html", "Figures"),
    log:
        "<results>/logs/build_viewer.log",
    benchmark:
        "<results>/benchmarks/build_viewer.tsv"
    localrule: True
    conda:
        "../environment.yaml"
    params:
        code=code("build_viewer", *viewer_parts()),
        words=words_of_training(),
        labels=labels(),
        names=as_json({model: settings.label(config, model) for model in MODELS}),
        reference=lambda wildcards: settings.label(config, config["reference"]),
    message:
        "Building the page to look at"
    script:
        "../workflow_scripts/build_viewer.py"
