# What a run remembers of itself; no rule stands here.
import json
import shlex
from pathlib import Path
from types import SimpleNamespace

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.io import IOFile

from srlib import record
from srlib.files import replacing


def keep_config():
    """Leave the run's config in its folder, for `make report`: what each result was made with lies beside it."""
    with replacing(f"{RESULTS}/config.yaml") as path:
        # what an overlay adds and another leaves out, this config alone does not know
        known = settings.default_models(ROOT / "config.yaml")
        models = config["models"] | {name: None for name in LEFT_OUT if name in known}
        kept = json.loads(json.dumps(config | {"models": models}))
        text = yaml.safe_dump(kept, sort_keys=False)
        path.write_text(f"# The config of the last run.\n{text}")


def trained_by(wildcards):
    """The training that the weights of a model must come from; nothing for one that is not trained."""
    if wildcards.model not in TRAINED:
        return None
    return as_json(settings.train_spec(config, wildcards.model))


def asked(path):
    """What the config makes a file with: its rule's params, but for the code and the places of archives."""
    maker = next(rule for rule in workflow.rules if rule.is_producer(path))
    wildcards = SimpleNamespace(**maker.get_wildcards(path))
    return {
        name: value(wildcards) if callable(value) else value
        for name, value in maker.params.items()
        if name not in ("code", "archive", "archives")
    }


def recollected(wildcards):
    """No input, but a refusal where a result was made with other settings and nothing else would tell.

    Snakemake plans a rerun by its metadata. Where that is lost, or the results were copied to here, it
    would take any result for that of the config. An input of the target rule: elsewhere Snakemake takes
    the refusal for a rule that does not apply.
    """
    target = next(rule for rule in workflow.rules if recollected in rule.input)
    tables = map(IOFile, LAYOUT.labels if LAYOUT.is_made else [])
    forgotten = {
        path: others
        for path in [*target.input, *tables]
        if path is not recollected
        and Path(path).exists()
        and record.read(path)
        and not workflow.persistence.metadata(path)
        and (others := record.differences(path, asked(path)))
    }
    if forgotten:
        said = "".join(
            f"\n  {path}: {'; '.join(others)}" for path, others in forgotten.items()
        )
        raise WorkflowError(
            f"{RESULTS}: made with other settings than the config's, and Snakemake has no memory of how:{said}\n"
            f"To have them made anew: rm {shlex.join(forgotten)}"
        )
    return []


def described(wildcards):
    """What a caption is made from besides scores and test images: the records beside these files."""
    return {
        "split": f"{RESULTS}/split.csv",
        "train_hr": f"{RESULTS}/hr/train.manifest.csv",
        "lr": f"{RESULTS}/lr/{LR}/test.manifest.csv",
        "weights": runs("weights.safetensors", TRAINED),
    }


def shown(path, category):
    """An output that the report shows, with the caption of its name; not if a run has not made it."""
    made = Path(path.replace("<results>", RESULTS))
    if Path(RESULTS).is_dir() and not made.exists():
        return path
    return report(path, caption=f"../report/{made.stem}.rst", category=category)
