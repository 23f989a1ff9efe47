# The release's label table and archives, where the source is not a folder that has them,
# and the VGG weights of the content loss.

if config["dataset"]["source"] in ("nih", "mirror"):

    rule fetch_labels:
        output:
            "<results>/release/labels.csv",
        log:
            "<results>/logs/fetch_labels.log",
        benchmark:
            "<results>/benchmarks/fetch_labels.tsv"
        localrule: True
        conda:
            "../environment.yaml"
        message:
            "Fetching the NIH label table"
        script:
            "../workflow_scripts/fetch_labels.py"

    rule fetch_list:
        output:
            "<results>/release/{list}",
        log:
            "<results>/logs/fetch_list/{list}.log",
        benchmark:
            "<results>/benchmarks/fetch_list/{list}.tsv"
        localrule: True
        conda:
            "../environment.yaml"
        message:
            "Fetching {wildcards.list} of the NIH release"
        script:
            "../workflow_scripts/fetch_list.py"


if config["dataset"]["source"] == "nih":

    rule fetch_archive:
        output:
            temp("<results>/release/{archive}.tar.gz"),
        log:
            "<results>/logs/fetch_archive/{archive}.log",
        benchmark:
            "<results>/benchmarks/fetch_archive/{archive}.tsv"
        localrule: True
        conda:
            "../environment.yaml"
        resources:
            download=1,
        message:
            "Fetching {wildcards.archive} of the NIH release (2 to 4 GB)"
        script:
            "../workflow_scripts/fetch_archive.py"


if config["dataset"]["source"] == "phantom":

    rule make_phantom_labels:
        output:
            "<results>/release/labels.csv",
        log:
            "<results>/logs/make_phantom_labels.log",
        benchmark:
            "<results>/benchmarks/make_phantom_labels.tsv"
        localrule: True
        conda:
            "../environment.yaml"
        params:
            code=code("make_phantom_labels"),
            spec=as_json(settings.phantom_spec(config)),
        message:
            "Inventing the label table of synthetic X-rays"
        script:
            "../workflow_scripts/make_phantom_labels.py"

    rule make_phantom_archive:
        input:
            labels="<results>/release/labels.csv",
        output:
            "<results>/release/{archive}.tar.gz",
        log:
            "<results>/logs/make_phantom_archive/{archive}.log",
        benchmark:
            "<results>/benchmarks/make_phantom_archive/{archive}.tsv"
        conda:
            "../environment.yaml"
        resources:
            mem_mb=1500,
            runtime=minutes(0.1 * sum(COUNTS.values())),
        params:
            code=code("make_phantom_archive"),
            seed=config["dataset"]["seed"],
        message:
            "Rendering the synthetic X-rays of {wildcards.archive}"
        script:
            "../workflow_scripts/make_phantom_archive.py"


rule fetch_vgg:
    output:
        "<results>/release/{network}.pth",
    log:
        "<results>/logs/fetch_vgg/{network}.log",
    benchmark:
        "<results>/benchmarks/fetch_vgg/{network}.tsv"
    localrule: True
    conda:
        "../environment.yaml"
    resources:
        download=1,
    message:
        "Fetching the ImageNet weights of {wildcards.network} (0.6 GB)"
    script:
        "../workflow_scripts/fetch_vgg.py"
