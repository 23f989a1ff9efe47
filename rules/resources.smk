# Threads, memory and time that jobs ask for (docs/performance.md); no rule stands here.
import math

# What decoding takes of the largest picture that is accepted, and as much again for Snakemake and pandas.
DECODING_MB = 1500
# Of a job that goes through pictures. Jobs side by side are sooner done with a few.
PICTURE_THREADS = min(4, 1 + max(COUNTS.values()) // 1000)


def decoding_memory(wildcards, threads):
    """MB for as many of the largest pictures at a time as there are threads."""
    return DECODING_MB // 2 * (1 + threads)


def minutes(work):
    """Run time to ask a cluster for: some minutes to start, and what the work takes on two slow cores."""
    return math.ceil(10 + work)


def is_network(model):
    """Not interpolation, nor filters."""
    return model in STEPPED or bool(settings.network_files(config, model))


def gpus(wildcards):
    """GPUs, where there are any: one for a network."""
    return GPU if is_network(wildcards.model) else 0


def passes(wildcards):
    """How a training goes through its pictures; what is solved in closed form takes each once, one by one."""
    solved = {"epochs": 1, "batch": 1, "crop": None, "threads": 1}
    given = settings.train_spec(config, wildcards.model).training
    return vars(given) if given else solved


def training_threads(wildcards):
    """Cores for a training: as many as its settings ask for, which may be more than there are."""
    return passes(wildcards)["threads"] or 8


def inference_threads(wildcards):
    """Cores to restore pictures: a network's as its training's; the rest is done with one soon enough."""
    model = wildcards.model
    if not is_network(model):
        return 1
    return training_threads(wildcards) if model in STEPPED else 8


def training_work(wildcards):
    """Steps of a training, and HR pixels in one batch."""
    training = passes(wildcards)
    steps = training["epochs"] * math.ceil(COUNTS["train"] / training["batch"])
    side = training["crop"] or HR_SIDE
    return steps, training["batch"] * side**2


def training_memory(wildcards):
    """MB, measured on a CPU (docs/performance.md): the program and what it keeps, 3 GB; activations, 0.03
    an HR pixel of a batch; the discriminator's dense layer with its optimizer, 0.033 an HR pixel of one
    picture; and the pictures, three times as bytes where LR is as large as HR. Solving in closed form takes
    2 kB a pixel of one picture: 81 taps in float64, three times. A start at a linear filter takes up to
    4 kB, before the first step: VDSR's 225 taps.
    """
    _, pixels = training_work(wildcards)
    pictures = 3e-6 * (COUNTS["train"] + COUNTS["validation"]) * HR_PIXELS
    if wildcards.model not in STEPPED:
        return math.ceil(3000 + 0.002 * pixels + pictures)
    steps = 0.03 * pixels + 0.033 * pixels / passes(wildcards)["batch"]
    return math.ceil(3000 + max(steps, 0.004 * HR_PIXELS) + pictures)


def inference_memory(wildcards):
    """MB, measured on a CPU: 0.7 a thousand SR pixels of one piece, and the picture, with its copies, 40 bytes a pixel.

    What CUDA takes of the host's memory has not been measured.
    """
    return math.ceil(3000 + 0.0007 * min(HR_PIXELS, 1856**2) + 4e-5 * HR_PIXELS)


def restoring_minutes(wildcards):
    """Two minutes a picture: what SRGAN takes for one of 1024 x 1024 on a CPU."""
    from srlib.data.folder import files

    return minutes(2 * sum(1 for _ in files(config["restore"]["pictures"])))


def scoring_memory(wildcards):
    """MB, measured: 120 bytes a pixel of one picture; 1500 where a network looks at it (LPIPS)."""
    return math.ceil(1500 + (2e-3 if config["metric_files"] else 1.2e-4) * HR_PIXELS)


def training_minutes(wildcards):
    """Twice what two CPU cores took: 26 s for a batch of four 256-pixel images."""
    steps, pixels = training_work(wildcards)
    return minutes(steps * pixels * 2e-4 / 60)
