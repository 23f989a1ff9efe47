"""Another Snakefile can import the workflow."""

import shutil

import yaml
from runs import ROOT, planned, snakemake

IMPORTING = """\
configfile: "mine.yaml"

module superresolution:
    snakefile: "elsewhere/Snakefile"
    config: config["superresolution"]

use rule * from superresolution as sr_*

rule mine:
    default_target: True
    input: rules.sr_all.input
    output: "mine.txt"
    shell: "touch {output}"
"""


def test_module_import_runs_from_another_folder(workflow, tmp_path_factory):
    folder = tmp_path_factory.mktemp("importing")
    shutil.copytree(workflow, folder / "elsewhere")
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    config["dataset"] |= {"source": "phantom", "train": 4, "test": 2, "validation": 0, "size": 176}
    config["models"] = {"bicubic": config["models"]["bicubic"]}
    config |= {"results": "out", "reference": "bicubic"}
    (folder / "mine.yaml").write_text(yaml.safe_dump({"superresolution": config}))
    (folder / "Snakefile").write_text(IMPORTING)
    assert planned(snakemake(folder, "-n").stdout)["sr_infer"] == 1
    snakemake(folder, "--until", "sr_sample")
    assert (folder / "out" / "split.csv").is_file()
