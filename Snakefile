# From raw NIH chest X-rays to a table that says how well each model restores them.
# The rules stand in rules/, one file per stage, in the order the data flows.
from snakemake.utils import min_version

min_version("9.27")


# The defaults, wherever snakemake runs; what --configfile and --config give is laid over them.
configfile: f"{workflow.current_basedir}/config.yaml"


include: "rules/common.smk"


pathvars:
    results=config["results"],


onstart:
    keep_others_out()


report: "report/workflow.rst"


include: "rules/acquire.smk"
include: "rules/sample.smk"
include: "rules/extract.smk"
include: "rules/resize.smk"
include: "rules/degrade.smk"
include: "rules/train.smk"
include: "rules/infer.smk"
include: "rules/score.smk"
include: "rules/summarise.smk"
include: "rules/draw.smk"
include: "rules/verify.smk"


rule all:
    default_target: True
    input:
        "<results>/table.csv",
        "<results>/table.md",
        "<results>/table.html",
        "<results>/subgroups.md",
        "<results>/viewer.html",
        figures(),
        runs("weights.safetensors", TRAINED),
        runs("sr.manifest.csv"),
        runs("scores.csv"),
