# `snakemake --cores 1 verify`: are all pictures still as they were made?


rule verify:
    log:
        "<results>/logs/verify.log",
    localrule: True
    conda:
        "../environment.yaml"
    message:
        "Checking every picture against its manifest"
    script:
        "../workflow_scripts/verify.py"
