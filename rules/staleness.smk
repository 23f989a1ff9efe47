# What decides a result besides its files, as params of the rules (docs/staleness.md); no rule stands here.
import functools

from srlib import code as meaning
from srlib.networks import catalog as networks
from srlib.objectives import catalog as objectives


def code(script, *files):
    """A param of a rule: what its script means, other files that no import names, and what they import."""
    return lambda wildcards: meaning.digest(f"workflow_scripts/{script}.py", *files)


def code_of_training(wildcards):
    """What the code means that trains a model."""
    model = config["models"][wildcards.model]
    files = meaning.of_training(model["network"], model["objective"])
    return code("train", *files)(wildcards)


def words_of_training(models=TRAINED):
    """What captions say of how models were trained: no code of the training, and found by name."""
    specs = [settings.train_spec(config, model) for model in models]
    return as_json(
        [objectives.caption(spec.objective, spec.settings) for spec in specs]
    )


def code_of_inference(wildcards):
    """What the code means that restores pictures with a model."""
    network = config["models"][wildcards.model]["network"]
    return code("infer", f"srlib/networks/{network}.py")(wildcards)


def code_of_restoring(wildcards):
    """What the code means that restores pictures of one's own with a model."""
    network = config["models"][wildcards.model]["network"]
    return code("restore", f"srlib/networks/{network}.py")(wildcards)


def precision_of_inference(wildcards):
    """In what a model's convolutions restore; some stay in float32 whatever is asked for."""
    network = networks.traits(config["models"][wildcards.model]["network"])
    return config["inference"]["precision"] if network.may_round else "float32"


@functools.cache
def restored_digest(model, seed):
    """What changes when a picture that is to be restored comes, goes, moves or holds something else."""
    from srlib.restore import tracking  # here, because most jobs need not wait for it

    table = f"{RESULTS}/models/{model}/seed{seed}/restored.csv"
    try:
        return tracking.digest(config["restore"]["pictures"], table)
    except InputError as error:
        raise WorkflowError(f"config key restore.pictures: {error}")


def label_readers():
    """The readers of label tables, which are found by name, so that no import shows them."""
    return sorted(
        f"srlib/data/labels/{file.name}"
        for file in (ROOT / "srlib/data/labels").glob("*.py")
    )


def viewer_parts():
    """The viewer's page, style and script, which no import shows."""
    return sorted((ROOT / "srlib" / "viewer").glob("page.*"))


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
    # The rule's own paths, which a module's `prefix:` moves. As arguments `input` and `output` of the
    # param they would make Snakemake take it for derived from them, and not compare it.
    split, manifest = rules.extract.input.split, rules.extract.output.manifest
    manifest = manifest.format(archive=archive)
    return tracking.pictures_digest(split, archive, ARCHIVES[archive], manifest)
