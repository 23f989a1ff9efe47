"""The jobs of a config are known before anything runs."""

import re

import pytest
import yaml
from runs import SMALL, dry_run, plan, planned, snakemake

DEMO = ["--configfile", "config/demo.yaml"]

# Rules whose number of jobs depends on the models: 6 models, 4 of them trained, on 3 LR variants.
MODELS = {"train": 4, "infer": 6, "score": 6, "write_card": 4}
SHARED = {
    "sample": 1,
    "summarise": 1,
    "draw_comparison": 1,
    "draw_metrics": 1,
    "draw_curves": 1,
    "all": 1,
} | dict.fromkeys(
    ["summarise_subgroups", "draw_perception", "draw_spectrum", "draw_errors", "build_viewer"], 1
)


def test_paper_protocol(workflow):
    jobs = plan(workflow)
    assert jobs == SHARED | MODELS | {
        "fetch_labels": 1,
        "fetch_archive": 12,
        "fetch_vgg": 1,
        "extract": 12,
        "resize": 3,
        # the LR picture for four models; one more variant each for VDSR and the new method
        "degrade": 9,
    }


def test_demo_needs_no_network(workflow):
    jobs = plan(workflow, "--configfile", "config/demo.yaml")
    assert jobs == SHARED | MODELS | {
        "make_phantom_labels": 1,
        "make_phantom_archive": 2,
        "extract": 2,
        "resize": 3,
        "degrade": 9,
    }


def test_more_seeds_train_more_runs_of_trained_models_only(workflow):
    jobs = plan(workflow, "--config", "seeds=[0,1,2]")
    assert jobs["train"] == 3 * 3 + 1  # what is solved in closed form knows no chance
    assert jobs["infer"] == 3 * 3 + 3


@pytest.mark.parametrize(
    ("names", "more"),
    [
        (["baselines"], 3),
        (["ablation"], 4),
        (["baselines", "modern"], 5),
        (["baselines", "modern", "extended"], 5),
    ],
)
def test_an_overlay_that_is_shipped_trains_its_models(workflow, names, more):
    jobs = plan(workflow, "--configfile", *(f"config/{name}.yaml" for name in names))
    assert jobs["train"] == MODELS["train"] + more


def test_braces_in_a_label_are_no_wildcards(workflow):
    labels = {"vdsr": "V {x}", "srgan": "{{y}} of {model}", "bicubic": "{", "hybrid": "a } b"}
    overlay = {"models": {model: {"label": label} for model, label in labels.items()}}
    (workflow / "labels.yaml").write_text(yaml.safe_dump(overlay))
    assert plan(workflow, *DEMO, "labels.yaml")["train"] == MODELS["train"]


@pytest.mark.parametrize(
    ("scale", "variants"),
    [(2, {"down2", "down2_up2"}), (3, {"down3", "down3_up1.5", "down3_up3"})],
)
def test_another_scale_is_a_number_of_the_config(workflow, scale, variants):
    succeeded, output = dry_run(workflow, "--config", f"scale={scale}")
    assert succeeded, output[-5000:]
    assert set(re.findall(r"the LR variant (\S+) of", output)) == variants
    jobs = planned(output)
    assert {rule: jobs[rule] for rule in MODELS} == MODELS
    assert jobs["degrade"] == 3 * len(variants)


def test_an_overlay_or_the_command_line_leaves_a_model_out(workflow):
    (workflow / "fewer.yaml").write_text("models: {hybrid: null}\n")
    for given in (["--configfile", "fewer.yaml"], ["--config", "models={hybrid: null}"]):
        jobs = plan(workflow, *given)
        assert (jobs["train"], jobs["infer"], jobs["degrade"]) == (3, 5, 6)


def test_a_model_that_one_overlay_adds_another_leaves_out(workflow):
    (workflow / "fewer.yaml").write_text("models: {edsr: null, hybrid: null}\n")
    snakemake(workflow, *DEMO, "config/modern.yaml", "fewer.yaml", "--until", "make_phantom_labels")
    # the config that a run keeps is read without the overlays
    assert plan(workflow, "--configfile", "results/demo/config.yaml")["train"] == MODELS["train"]


def test_a_plan_never_imports_torch(workflow):
    (workflow / "torch.py").write_text("raise RuntimeError('torch was imported while planning')\n")
    assert plan(workflow)


@pytest.mark.parametrize(
    ("setting", "key"),
    [
        ("dataset={trian: 3}", "dataset.trian"),
        ("datasets={train: 3}", "datasets"),
        ("dataset={train: many}", "dataset.train"),
        ("dataset={source: no/such/folder}", "dataset.source"),
        ("dataset={train: 200000}", "dataset.train"),
        ("dataset={size: 160}", "dataset.size"),
        ("models={vdsr: {lr: small}}", "models.vdsr.lr"),
        ("models={vdsr: {network: vdrs}}", "models.vdsr.network"),
        ("models={vdsr: {optimizer: adam}}", "models.vdsr.optimizer"),
        ("models={bicubic: {schedule: step}}", "models.bicubic.schedule"),
        ("models={x/y: {network: bicubic, lr: small}}", "models"),
        ("training={crop: 512}", "training.crop"),
        ("scale=5", "scale"),
        ("training={crop: 66}", "training.crop"),
        ("models={vdsr: {lr: down4_up4}}", "write full"),
        ("models={vdsr: null}", "reference"),
        ("models={hybird: null}", "did you mean hybrid?"),
        ("seeds=[0, 0]", "seeds"),
        ("adversarial={weights: no/such/file.pth}", "adversarial.weights"),
        ("models={srgan: {arguments: {init: rand}}}", "models.srgan.arguments.init"),
        ("models={NO: {network: bicubic, lr: small}}", "models.False"),
        ("models={vdsr: {optimizer: {learning_rate: .nan}}}", "models.vdsr.optimizer.learning_rate"),
        ('results="a{b}"', "results"),
        ("results=config.yaml/mine", "results"),
    ],
)
def test_a_wrong_config_stops_before_any_job_and_names_the_key(workflow, setting, key):
    name, _, value = setting.partition("=")
    (workflow / "wrong.yaml").write_text(f"{name}: {value}\n")
    succeeded, output = dry_run(workflow, "--configfile", "wrong.yaml")
    assert not succeeded
    assert key in output
    assert "Traceback" not in output


def test_a_results_folder_that_cannot_be_made_is_named(workflow):
    done = snakemake(workflow, "sample", *DEMO, "--config", "results=/proc/none", check=False)
    assert done.returncode != 0
    assert "config key results: /proc/none" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("options", "limits"),
    [
        (["--resources", "gpu=4"], {"gpu": 4, "download": 2}),
        (["--resources", "download=3"], {"gpu": 1, "download": 3}),
        (["--workflow-profile", "none"], {"gpu": 1, "download": 2}),
    ],
)
def test_limits_of_gpu_jobs_and_downloads_outlive_other_options(workflow, options, limits):
    run = snakemake(workflow, *DEMO, "--until", "make_phantom_labels", *options).stdout
    provided = re.search(r"Provided resources: (.*)", run)[1]
    found = {name: int(value) for name, value in re.findall(r"(\w+)=\D*(\d+)", provided)}
    assert found == limits


def test_planned_from_another_folder_with_its_own_defaults(workflow, tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "mine.yaml").write_text("dataset: {source: phantom, train: 12}\nresults: here\n")
    snakefile = ["--snakefile", str(workflow / "Snakefile")]
    assert plan(folder, *snakefile)["fetch_archive"] == 12
    assert plan(folder, *snakefile, "--configfile", "mine.yaml")["train"] == MODELS["train"]
    assert plan(workflow, *DEMO, "--directory", str(folder))["train"] == MODELS["train"]
    # paths of the config are relative to the folder that it runs in
    snakemake(workflow, "sample", "--directory", str(folder), "--configfile", str(folder / "mine.yaml"))
    assert (folder / "here/split.csv").is_file()


def jobs_in_full(workflow, *arguments):
    """Rule and all that a plan says of each job of three rules: it does of rules without a message."""
    for rule in ("train", "infer", "score"):
        file = workflow / "rules" / f"{rule}.smk"
        file.write_text(re.sub(r"    message:\n.*\n", "", file.read_text()))
    _, text = dry_run(workflow, *arguments)
    return re.findall(r"rule (train|infer|score):\n((?: {4}.*\n)+)", text)


def test_files_that_models_are_made_of_are_inputs(workflow):
    (workflow / "mine.safetensors").touch()
    models = yaml.safe_load((workflow / "config.yaml").read_text())["models"]
    second = models["srgan"] | {"initial": {"model": "srgan"}, "label": "Second"}
    other = {"network": "spandrel", "arguments": {"file": "other.pth"}, "lr": "small"}
    (workflow / "other.pth").touch()
    models = {"vdsr": {"initial": "mine.safetensors"}, "second": second, "other": other}
    models["hybrid"] = {"adversarial": {"content": "vgg", "network": "vgg16", "layer": [5, 3]}}
    (workflow / "lpips.ckpt").touch()
    overlay = {"seeds": [0, 1], "models": models, "metric_files": {"lpips": "lpips.ckpt"}}
    (workflow / "starts.yaml").write_text(yaml.safe_dump(overlay))
    jobs = jobs_in_full(workflow, *DEMO, "starts.yaml")
    pattern = r"input: (.*)\n +output: results/demo/models/(\w+/seed\d)/(?:weights|sr)\b"
    found = [(rule, *re.search(pattern, job).groups()) for rule, job in jobs if rule != "score"]
    starts = {run: files.split(", ")[-1] for rule, files, run in found if rule == "train"}
    restored = {run: files.split(", ")[-1] for rule, files, run in found if rule == "infer"}
    assert restored["other/seed0"] == "other.pth"
    scored = [re.search(r"input: .* (\S+)\n", job)[1] for rule, job in jobs if rule == "score"]
    assert set(scored) == {"lpips.ckpt"}
    for seed in (0, 1):
        assert starts[f"vdsr/seed{seed}"] == "mine.safetensors"
        assert starts[f"hybrid/seed{seed}"] == "results/demo/release/vgg16.pth"
        assert starts[f"second/seed{seed}"] == f"results/demo/models/srgan/seed{seed}/weights.safetensors"
        assert starts[f"srgan/seed{seed}"].endswith(".manifest.csv")


def requests(workflow, *arguments):
    """Memory and run time that the first job of each of three rules asks for."""
    asked = {}
    for rule, job in jobs_in_full(workflow, *arguments):
        asked[rule] = {key: float(value) for key, value in re.findall(r"(mem_mb|runtime)=([0-9.]+)", job)}
    return asked


def test_memory_and_time_follow_the_count_and_size_of_the_pictures(workflow):
    few = requests(workflow, *SMALL)
    size = "dataset={train: 20000, test: 1000, size: 1024}"
    many = requests(workflow, *SMALL, "--config", size)
    # MB that were measured: 2.5 bytes a training pixel; one restored piece; a scored picture
    needed = {"train": 2.5 * 20_000 + 3000, "infer": 1900, "score": 60 + 0.1e-3 * 1024**2}
    for rule in needed:
        assert needed[rule] < many[rule]["mem_mb"] > few[rule]["mem_mb"], rule
        assert few[rule]["mem_mb"] < 6000, rule
        assert many[rule]["runtime"] > 10 * few[rule]["runtime"], rule
