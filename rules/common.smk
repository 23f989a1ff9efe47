# Functions of the config that the rules share; no rule stands here.
import functools
import math
import re
import sys
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config

# Not workflow.basedir: that is the importing Snakefile's folder where this workflow is used as a module.
ROOT = Path(str(workflow.current_basedir)).parent
# For the lines below, and for the scripts, which inherit it.
sys.path.insert(0, str(ROOT))
from srlib import code as meaning
from srlib import config as settings
from srlib import checks, lock, specs
from srlib.data import source
from srlib.data.variants import VARIANTS
from srlib.errors import InputError


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
    checks.check(config, ROOT / "schemas" / "config.schema.yaml")
    for key in ("source", "test_source"):
        config["dataset"][key] = source.spelled(config["dataset"][key])
    config["models"] = settings.in_order(config["models"], ROOT / "config.yaml")
    LAYOUT = source.layout(
        config["dataset"]["source"],
        config["dataset"]["archives"],
        config["results"],
        config["dataset"]["labels"],
    )
    TESTS = source.of_test_source(
        config["dataset"]["test_source"],
        config["dataset"]["archives"],
        config["results"],
        config["dataset"]["labels"],
    )
    OFFICIAL = source.official_lists(LAYOUT) if config["dataset"]["official"] else []
    source.check_split(config["dataset"]["split"], config["results"])
except InputError as error:
    raise WorkflowError(str(error))

RESULTS = config["results"]
MODELS = list(config["models"])
TRAINED = [model for model in MODELS if settings.is_trained(config, model)]
ARCHIVES = LAYOUT.archives | TESTS.archives
GPU = 0 if config["device"] == "cpu" else 1
BOXES = (
    local(boxes)
    if (
        boxes := source.box_list(
            config["dataset"]["test_source"] or config["dataset"]["source"]
        )
    )
    else None
)
HR_SIDE = settings.hr_side(config)
# LR variants by their folders; where two are the same picture, they share one.
LR_FOLDERS = {settings.lr_folder(config, name): name for name in reversed(VARIANTS)}
LR = settings.lr_folder(config, "small")
HR_PIXELS = HR_SIDE**2  # of a picture
COUNTS = {split: config["dataset"][split] for split in ("train", "validation", "test")}
SPLITS = [
    split for split in ("train", "validation", "test") if config["dataset"][split]
]
# What decoding takes of the largest picture that is accepted, and as much again for Snakemake and pandas.
DECODING_MB = 1500


wildcard_constraints:
    archive="|".join(ARCHIVES),
    list="|".join(source.LISTS.values()),
    split="train|validation|test",
    variant="|".join(map(re.escape, LR_FOLDERS)),
    model="|".join(MODELS),
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


def code(script, *files):
    """A param of a rule: what its script means, other files that no import names, and what they import."""
    return lambda wildcards: meaning.digest(f"workflow_scripts/{script}.py", *files)


def given(path):
    """A file as an input: the user's own lie where the config says, which a module's `prefix:` must not move."""
    return path if path.startswith(f"{RESULTS}/release/") else local(path)


def is_own(archive):
    """Whether an archive, or folder of pictures, is the user's and not made or fetched here."""
    return archive in TESTS.archives or not LAYOUT.is_made


def archive_file(wildcards):
    """The archive to extract from; nothing to depend on where images lie loose in a folder.

    A user's own counts by its content, which pictures_digest tells, and not by its time.
    """
    if wildcards.archive.endswith(source.LOOSE):
        return []
    place = given(ARCHIVES[wildcards.archive])
    return [ancient(place) if is_own(wildcards.archive) else place]


def label_tables(layout):
    """Label tables as inputs: a user's own by content alone, which pool_digest tells, whatever their time."""
    tables = map(given, layout.labels)
    return list(tables if layout.is_made else map(ancient, tables))


def label_readers():
    """The readers of label tables, which are found by name, so that no import shows them."""
    return sorted(
        f"srlib/data/labels/{file.name}"
        for file in (ROOT / "srlib/data/labels").glob("*.py")
    )


def unlabelled_archives():
    """Archives that are read for the names in them, for want of a label table."""
    return [
        ancient(given(place))  # pool_digest tells of their content
        for layout in (LAYOUT, TESTS)
        for name, place in layout.archives.items()
        if not layout.labels and not name.endswith(source.LOOSE)
    ]


def sample_spec():
    """What decides the sample besides the images there are."""
    from srlib.data import nih

    asked = nih.archives_asked(LAYOUT, config["dataset"]["archives"])
    return as_json(settings.sample_spec(config, asked))


@functools.cache
def pool_digest():
    """What changes when a picture comes, goes or moves in a folder, or its label tables say otherwise."""
    from srlib.data import tracking  # here, because most jobs need not wait for it

    try:
        return [
            (
                tracking.pool_digest([], {})
                if layout.is_made
                else tracking.pool_digest(layout.labels, layout.archives)
            )
            for layout in (LAYOUT, TESTS)
        ]
    except InputError as error:
        raise WorkflowError(str(error))


def pictures_digest(archive):
    """What changes when a user's archive, or a sampled picture of a folder, holds something else.

    Before there is a split, its absence makes Snakemake ask again when the job is about to run.
    """
    from srlib.data import tracking

    if not is_own(archive):
        return None
    if not archive.endswith(source.LOOSE):
        return tracking.archive_digest(ARCHIVES[archive])
    manifest = f"{RESULTS}/raw/{archive}.manifest.csv"
    return tracking.pictures_digest(
        f"{RESULTS}/split.csv", archive, ARCHIVES[archive], manifest
    )


def code_of_training(wildcards):
    """What the code means that trains a model."""
    model = config["models"][wildcards.model]
    files = meaning.of_training(model["network"], model["objective"])
    return code("train", *files)(wildcards)


def code_of_inference(wildcards):
    """What the code means that restores pictures with a model."""
    network = config["models"][wildcards.model]["network"]
    return code("infer", f"srlib/networks/{network}.py")(wildcards)


def lr_folder(model):
    """The folder of the LR variant that a model takes."""
    return settings.lr_folder(config, config["models"][model]["lr"])


def training_pictures(wildcards):
    """Manifests that training reads: HR and LR of the training images and, where there are any, validation images."""
    folder = lr_folder(wildcards.model)
    splits = [split for split in SPLITS if split != "test"]
    return {f"{split}_hr": f"{RESULTS}/hr/{split}.manifest.csv" for split in splits} | {
        f"{split}_lr": f"{RESULTS}/lr/{folder}/{split}.manifest.csv" for split in splits
    }


def test_pictures(wildcards):
    """Manifest of the LR test images that a model restores."""
    return f"{RESULTS}/lr/{lr_folder(wildcards.model)}/test.manifest.csv"


def metric_files(wildcards):
    """The files that metrics need, in the order of the config."""
    return [given(path) for path in config["metric_files"].values()]


def content_weights(wildcards):
    """File of the VGG-19 weights in a model's content loss, if it uses any."""
    weights = settings.content_weights(config, wildcards.model)
    if weights is None:
        return []
    return given(f"{RESULTS}/release/vgg19.pth" if weights == "imagenet" else weights)


def hr_boxes():
    """The radiologists' boxes on the HR test images, where the source has any."""
    return f"{RESULTS}/hr/test.boxes.csv" if BOXES else []


def weights(wildcards):
    """A model's weights, if it is trained."""
    if not settings.is_trained(config, wildcards.model):
        return []
    return (
        f"{RESULTS}/models/{wildcards.model}/seed{wildcards.seed}/weights.safetensors"
    )


def minutes(work):
    """Run time to ask a cluster for: some minutes to start, and what the work takes on two slow cores."""
    return math.ceil(10 + work)


def training_threads(wildcards):
    """Cores for a training: as many as its settings ask for, which may be more than there are."""
    return settings.train_spec(config, wildcards.model).training.threads or 8


def training_work(wildcards):
    """Steps of a training, and HR pixels in one batch."""
    training = settings.train_spec(config, wildcards.model).training
    steps = training.epochs * math.ceil(COUNTS["train"] / training.batch)
    return (
        steps,
        training.batch * (training.crop or HR_SIDE) ** 2,
    )


def training_memory(wildcards):
    """MB, measured on a CPU (docs/performance.md): the program and what it keeps, 3 GB; activations, 0.03
    an HR pixel of a batch; the discriminator's dense layer with its optimizer, 0.033 an HR pixel of one
    picture; and the pictures, three times as bytes where LR is as large as HR.
    """
    training = settings.train_spec(config, wildcards.model).training
    _, pixels = training_work(wildcards)
    pictures = 3e-6 * (COUNTS["train"] + COUNTS["validation"]) * HR_PIXELS
    return math.ceil(3000 + 0.03 * pixels + 0.033 * pixels / training.batch + pictures)


def inference_memory(wildcards):
    """MB, measured on a CPU: 0.7 a thousand SR pixels of one piece, and the picture, with its copies, 40 bytes a pixel.

    What CUDA takes of the host's memory has not been measured.
    """
    return math.ceil(3000 + 0.0007 * min(HR_PIXELS, 1856**2) + 4e-5 * HR_PIXELS)


def scoring_memory(wildcards):
    """MB, measured: 120 bytes a pixel of one picture."""
    return math.ceil(1500 + 1.2e-4 * HR_PIXELS)


def training_minutes(wildcards):
    """Twice what two CPU cores took: 26 s for a batch of four 256-pixel images."""
    steps, pixels = training_work(wildcards)
    return minutes(steps * pixels * 2e-4 / 60)


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


def labels(models=MODELS):
    """What figures call the models, in the config's order."""
    return as_json([settings.label(config, model) for model in models])


def picture_folders():
    """The folders of raw, HR and LR pictures that a run makes, and their manifests."""
    variants = {
        split: set(map(lr_folder, models))
        for split, models in {
            "train": TRAINED,
            "validation": TRAINED,
            "test": MODELS,
        }.items()
    }
    variants["test"] |= {LR}  # which the figures show
    folders = [
        *(f"{RESULTS}/raw/{archive}" for archive in ARCHIVES),
        *(f"{RESULTS}/hr/{split}" for split in SPLITS),
        *(
            f"{RESULTS}/lr/{variant}/{split}"
            for split in SPLITS
            for variant in sorted(variants[split])
        ),
    ]
    return [*folders, *(f"{folder}.manifest.csv" for folder in folders)]


def figures():
    """Files of all figures that have a model to show: without a trained one there are no training curves."""
    drawn = [name for name, about in FIGURES.items() if about.get("models", MODELS)]
    return expand("<results>/figures/{name}.{kind}", name=drawn, kind=["png", "pdf"])


def viewer_parts():
    """The viewer's page, style and script, which no import shows."""
    return sorted((ROOT / "srlib" / "viewer").glob("page.*"))
