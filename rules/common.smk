# Functions of the config that the rules share; no rule stands here.
import re
import signal
import sys
import threading
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config

# Not workflow.basedir: that is the importing Snakefile's folder where this workflow is used as a module.
ROOT = Path(str(workflow.current_basedir)).parent
# For the lines below, and for the scripts, which inherit it.
sys.path.insert(0, str(ROOT))
from srlib import config as settings
from srlib import checks, lock, specs
from srlib.data import source
from srlib.data.variants import VARIANTS
from srlib.errors import InputError
from srlib.objectives.vgg_variants import VGGS


def complete(config):
    """Fill in the defaults: the config of a module (`config:`) gives what differs, or all of it.

    Of models it gives all or none, or those of config.yaml could not be left out. Returns the models that
    an overlay leaves out.
    """
    defaults = yaml.safe_load((ROOT / "config.yaml").read_text())
    if "models" in config:
        del defaults["models"]
    update_config(defaults, config)
    config.update(defaults)
    left_out = settings.left_out(config["models"])
    for name in left_out:
        del config["models"][name]
    return left_out


def limit(**resources):
    """What the whole run may use of these at a time where nothing else says so.

    Not in the profile: `--resources gpu=4` replaces all resources of a profile, the ones it does not name too.
    """
    for name, value in resources.items():
        if name not in workflow.global_resources:
            workflow.register_resource(name, value)


LEFT_OUT = complete(config)
limit(gpu=1, download=2)
try:
    settings.check_left_out(LEFT_OUT, ROOT / "config.yaml", workflow.configfiles)
    checks.check(config, ROOT / "schemas" / "config.schema.yaml")
    for key in ("source", "test_source"):
        config["dataset"][key] = source.spelled(config["dataset"][key])
    config["models"] = settings.in_order(config["models"], ROOT / "config.yaml")
    numbers, tables = config["dataset"]["archives"], config["dataset"]["labels"]
    LAYOUT = source.layout(
        config["dataset"]["source"], numbers, config["results"], tables
    )
    TESTS = source.of_test_source(
        config["dataset"]["test_source"], numbers, config["results"], tables
    )
    source.check_apart(config["dataset"]["source"], config["dataset"]["test_source"])
    OFFICIAL = source.official_lists(LAYOUT) if config["dataset"]["official"] else []
    source.check_split(config["dataset"]["split"], config["results"])
except InputError as error:
    raise WorkflowError(str(error))

RESULTS = config["results"]
MODELS = list(config["models"])
TRAINED = [model for model in MODELS if settings.is_trained(config, model)]
# Those of them that are trained step by step, and so have curves and use a GPU.
STEPPED = [model for model in TRAINED if not settings.is_closed_form(config, model)]
ARCHIVES = LAYOUT.archives | TESTS.archives
GPU = 0 if config["device"] == "cpu" else 1
BOXES = source.box_list(config["dataset"]["test_source"] or config["dataset"]["source"])
HR_SIDE = settings.hr_side(config)
# LR variants by their folders; where two are the same picture, they share one.
LR_FOLDERS = {settings.lr_folder(config, name): name for name in reversed(VARIANTS)}
LR = settings.lr_folder(config, "small")
HR_PIXELS = HR_SIDE**2  # of a picture
COUNTS = {split: config["dataset"][split] for split in ("train", "validation", "test")}
SPLITS = [
    split for split in ("train", "validation", "test") if config["dataset"][split]
]


wildcard_constraints:
    archive="|".join(ARCHIVES),
    list="|".join(source.LISTS.values()),
    split="train|validation|test",
    variant="|".join(map(re.escape, LR_FOLDERS)),
    model="|".join(MODELS),
    network="|".join(VGGS),
    seed=r"\d+",


def keep_others_out():
    """Let no second run into the results folder while this one lives.

    In place of Snakemake's own lock, which a killed run leaves behind for the user to remove.
    """
    global LOCK
    try:
        LOCK = lock.acquire(f"{RESULTS}/.lock", "running this workflow")
    except InputError as error:
        raise WorkflowError(str(error))
    except OSError as error:
        raise WorkflowError(
            f"config key results: {error.filename}: {error.strerror}; name a folder that can be written"
        )


def answer_sigterm():
    """Let Snakemake's handler of SIGTERM run in a thread of its own.

    It waits for a lock that the main thread, which it interrupts, may hold: then both would wait for good.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if callable(handler):
        signal.signal(
            signal.SIGTERM,
            lambda *args: threading.Thread(target=handler, args=args).start(),
        )


def as_json(value):
    """A rule's slice of the config as one value that changes exactly when the slice does.

    Snakemake compares params as a set of values: two keys that swap values would go unnoticed, and a
    dict in another order would look changed. A brace in a string (a label's) would be a wildcard to it:
    JSON has an escape for it.
    """
    return re.sub(r'"(?:[^"\\]|\\.)*"', escape_braces, specs.to_json(value))


def escape_braces(string):
    """The match of a string of JSON, with its braces as JSON's escapes."""
    return string[0].replace("{", r"\u007b").replace("}", r"\u007d")


def given(path):
    """A file as an input: the user's own lie where the config says, which a module's `prefix:` must not move."""
    return path if path.startswith(f"{RESULTS}/release/") else local(path)


def is_own(archive):
    """Whether an archive, or folder of pictures, is the user's and not made or fetched here."""
    return archive in TESTS.archives or not LAYOUT.is_made


def lr_folder(model):
    """The folder of the LR variant that a model takes."""
    return settings.lr_folder(config, config["models"][model]["lr"])


def runs(name, models=MODELS):
    """A file of every run (model and seed) of the given models, in the config's order."""
    return [
        f"{RESULTS}/models/{model}/seed{seed}/{name}"
        for model in models
        for seed in settings.seeds(config, model)
    ]


def first_runs(name, models=MODELS):
    """A file of the first seed's run of each of the given models."""
    return [
        f"{RESULTS}/models/{model}/seed{settings.seeds(config, model)[0]}/{name}"
        for model in models
    ]


def card_labels(wildcards):
    """What a card calls its model, and the model whose weights that one started from."""
    initial = config["models"][wildcards.model].get("initial")
    started_from = list(initial.values()) if isinstance(initial, dict) else []
    named = [wildcards.model, *started_from]
    return as_json({model: settings.label(config, model) for model in named})


def labels(models=MODELS):
    """What figures call the models, in the config's order."""
    return as_json([settings.label(config, model) for model in models])
