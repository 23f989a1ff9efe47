# From raw NIH chest X-rays to a table that says how well each model restores them.
# The rules stand in rules/, one file per stage, in the order the data flows.
from snakemake.utils import min_version

min_version("9.27")


# The defaults, wherever snakemake runs; what --configfile and --config give is laid over them.
configfile: f"{workflow.current_basedir}/config.yaml"


include: "rules/common.smk"
include: "rules/inputs.smk"
include: "rules/staleness.smk"
include: "rules/resources.smk"
include: "rules/memory.smk"


pathvars:
    results=config["results"],


onstart:
    keep_others_out()
    keep_config()
    answer_sigterm()


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
include: "rules/card.smk"
include: "rules/draw.smk"
include: "rules/restore.smk"
include: "rules/verify.smk"


# Every file and folder that a rule makes, or nobody would miss one that is deleted.
rule all:
    default_target: True
    input:
        recollected,
        "<results>/split.csv",
        expand("<results>/table.{kind}", kind=["csv", "md", "html"]),
        expand("<results>/subgroups.{kind}", kind=["csv", "md"]),
        "<results>/tests.csv",
        "<results>/viewer.html",
        FIGURE_FILES,
        picture_folders(),
        expand("<results>/hr/{split}.sizes.csv", split=SPLITS),
        hr_boxes(),
        runs("weights.safetensors", TRAINED),
        runs("history.csv", TRAINED),
        runs("sr.manifest.csv"),
        runs("sr"),
        runs("scores.csv"),
        runs("model.md", TRAINED),
        runs("box_scores.csv") if BOXES else [],
        restored_pictures(),
