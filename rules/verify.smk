# `snakemake --cores 1 verify`: are all pictures still as they were made?


rule verify:
    log:
        "<results>/logs/verify.log",
    localrule: True
    conda:
        "../environment.yaml"
    params:
        results=RESULTS,
    message:
        "Checking the pictures in {params.results} against their manifests"
    script:
        "../workflow_scripts/verify.py"
