# The figures, each as PNG and PDF.


rule draw_comparison:
    input:
        hr="<results>/hr/test.manifest.csv",
        lr="<results>/lr/down4/test.manifest.csv",
        sr=first_runs("sr.manifest.csv"),
        scores=first_runs("scores.csv"),
        boxes=hr_boxes(),
    output:
        png=report(
            "<results>/figures/comparison.png",
            caption="../report/comparison.rst",
            category="Figures",
        ),
        pdf="<results>/figures/comparison.pdf",
    log:
        "<results>/logs/draw_comparison.log",
    localrule: True
    conda:
        "../environment.yaml"
    params:
        code=code("draw_comparison"),
        labels=labels(),
        reference=settings.label(config, config["reference"]),
    message:
        "Drawing the visual comparison"
    script:
        "../workflow_scripts/draw_comparison.py"


rule draw_metrics:
    input:
        scores=first_runs("scores.csv"),
    output:
        png=report(
            "<results>/figures/metrics.png",
            caption="../report/metrics.rst",
            category="Figures",
        ),
        pdf="<results>/figures/metrics.pdf",
    log:
        "<results>/logs/draw_metrics.log",
    localrule: True
    conda:
        "../environment.yaml"
    params:
        code=code("draw_metrics"),
        labels=labels(),
    message:
        "Drawing box plots of the metrics"
    script:
        "../workflow_scripts/draw_metrics.py"


rule draw_curves:
    input:
        histories=first_runs("history.csv", TRAINED),
    output:
        png=report(
            "<results>/figures/curves.png",
            caption="../report/curves.rst",
            category="Figures",
        ),
        pdf="<results>/figures/curves.pdf",
    log:
        "<results>/logs/draw_curves.log",
    localrule: True
    conda:
        "../environment.yaml"
    params:
        code=code("draw_curves"),
        labels=labels(TRAINED),
    message:
        "Drawing the training curves"
    script:
        "../workflow_scripts/draw_curves.py"


rule draw_perception:
    input:
        table="<results>/table.csv",
    output:
        png=report(
            "<results>/figures/perception.png",
            caption="../report/perception.rst",
            category="Figures",
        ),
        pdf="<results>/figures/perception.pdf",
    log:
        "<results>/logs/draw_perception.log",
    localrule: True
    conda:
        "../environment.yaml"
    params:
        code=code("draw_perception"),
    message:
        "Drawing the perception-distortion plane"
    script:
        "../workflow_scripts/draw_perception.py"


rule draw_spectrum:
    input:
        hr="<results>/hr/test.manifest.csv",
        sr=first_runs("sr.manifest.csv"),
    output:
        png=report(
            "<results>/figures/spectrum.png",
            caption="../report/spectrum.rst",
            category="Figures",
        ),
        pdf="<results>/figures/spectrum.pdf",
    log:
        "<results>/logs/draw_spectrum.log",
    localrule: True
    conda:
        "../environment.yaml"
    params:
        code=code("draw_spectrum"),
        labels=labels(),
        scale=config["scale"],
    message:
        "Drawing the spectra"
    script:
        "../workflow_scripts/draw_spectrum.py"


rule draw_errors:
    input:
        hr="<results>/hr/test.manifest.csv",
        sr=first_runs("sr.manifest.csv"),
    output:
        png=report(
            "<results>/figures/errors.png",
            caption="../report/errors.rst",
            category="Figures",
        ),
        pdf="<results>/figures/errors.pdf",
    log:
        "<results>/logs/draw_errors.log",
    localrule: True
    conda:
        "../environment.yaml"
    params:
        code=code("draw_errors"),
        labels=labels(),
    message:
        "Drawing the mean error maps"
    script:
        "../workflow_scripts/draw_errors.py"


rule build_viewer:
    input:
        hr="<results>/hr/test.manifest.csv",
        lr="<results>/lr/down4/test.manifest.csv",
        sr=first_runs("sr.manifest.csv"),
        scores=first_runs("scores.csv"),
    output:
        report(
            "<results>/viewer.html", caption="../report/viewer.rst", category="Figures"
        ),
    log:
        "<results>/logs/build_viewer.log",
    localrule: True
    conda:
        "../environment.yaml"
    params:
        code=code("build_viewer", *viewer_parts()),
        labels=labels(),
        reference=settings.label(config, config["reference"]),
        caption=caption.describe(config),
    message:
        "Building the page to look at"
    script:
        "../workflow_scripts/build_viewer.py"
