# Files that rules depend on, as the config says; no rule stands here.


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


def unlabelled_archives():
    """Archives that are read for the names in them, for want of a label table."""
    return [
        ancient(given(place))  # pool_digest tells of their content
        for layout in (LAYOUT, TESTS)
        for name, place in layout.archives.items()
        if not layout.labels and not name.endswith(source.LOOSE)
    ]


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


def content_weights(wildcards):
    """File of the VGG weights in a model's content loss, if it uses any."""
    weights = settings.content_weights(config, wildcards.model)
    if weights is None:
        return []
    if isinstance(weights, str):
        return given(weights)
    return f"{RESULTS}/release/{weights.name}.pth"


def network_files(wildcards):
    """The files that a model's network is built from."""
    return list(map(given, settings.network_files(config, wildcards.model).values()))


def initial_weights(wildcards):
    """The weights that a model's training starts from, where the config gives any."""
    initial = config["models"][wildcards.model].get("initial")
    if not isinstance(initial, dict):
        return given(initial) if initial else []
    model = initial["model"]
    seed = settings.initial_seed(config, model, int(wildcards.seed))
    return f"{RESULTS}/models/{model}/seed{seed}/weights.safetensors"


def metric_files(wildcards):
    """The files that metrics need, in the order of the config."""
    return [given(path) for path in config["metric_files"].values()]


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


def restoring_weights(wildcards):
    """A model's weights; of one that is not trained, the file that they are in."""
    return weights(wildcards) or network_files(wildcards)[0]


def restored_pictures():
    """One's own pictures, restored, where the config asks for it: by the model's first seed."""
    if not config["restore"]:
        return []
    models = [config["restore"]["model"]]
    return first_runs("restored", models) + first_runs("restored.csv", models)


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
