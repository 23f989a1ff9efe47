"""The jobs of a config are known before anything runs."""

import pytest
from runs import planned, snakemake

# Rules whose number of jobs depends on the models: 5 models, 3 of them trained, on 3 LR variants.
MODELS = {"train": 3, "infer": 5, "score": 5}
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
    jobs = planned(snakemake(workflow, "-n").stdout)
    assert jobs == SHARED | MODELS | {
        "fetch_labels": 1,
        "fetch_archive": 12,
        "fetch_vgg": 1,
        "extract": 12,
        "resize": 3,
        # down4 for bicubic, lanczos and SRGAN; one more variant each for VDSR and the new method
        "degrade": 9,
    }


def test_demo_needs_no_network(workflow):
    jobs = planned(snakemake(workflow, "-n", "--configfile", "config/demo.yaml").stdout)
    assert jobs == SHARED | MODELS | {
        "make_phantom_labels": 1,
        "make_phantom_archive": 2,
        "extract": 2,
        "resize": 3,
        "degrade": 9,
    }


def test_more_seeds_train_more_runs_of_trained_models_only(workflow):
    jobs = planned(snakemake(workflow, "-n", "--config", "seeds=[0,1,2]").stdout)
    assert jobs["train"] == 3 * 3
    assert jobs["infer"] == 3 * 3 + 2


def test_a_plan_never_imports_torch(workflow):
    (workflow / "torch.py").write_text("raise RuntimeError('torch was imported while planning')\n")
    assert planned(snakemake(workflow, "-n").stdout)


@pytest.mark.parametrize(
    ("setting", "key"),
    [
        ("dataset={trian: 3}", "dataset.trian"),
        ("datasets={train: 3}", "datasets"),
        ("dataset={train: many}", "dataset.train"),
        ("dataset={source: no/such/folder}", "dataset.source"),
        ("dataset={train: 200000}", "dataset.train"),
        ("dataset={size: 250}", "dataset.size"),
        ("models={vdsr: {lr: down4}}", "models.vdsr.lr"),
        ("models={vdsr: {network: vdrs}}", "models.vdsr.network"),
        ("models={vdsr: {optimizer: adam}}", "models.vdsr.optimizer"),
        ("models={bicubic: {schedule: step}}", "models.bicubic.schedule"),
        ("models={x/y: {network: bicubic, lr: down4}}", "models"),
        ("training={crop: 512}", "training.crop"),
        ("scale=3", "scale"),
        ("seeds=[0, 0]", "seeds"),
        ("adversarial={weights: no/such/file.pth}", "adversarial.weights"),
    ],
)
def test_a_wrong_config_stops_before_any_job_and_names_the_key(workflow, setting, key):
    name, _, value = setting.partition("=")
    (workflow / "wrong.yaml").write_text(f"{name}: {value}\n")
    done = snakemake(workflow, "-n", "--configfile", "wrong.yaml", check=False)
    assert done.returncode != 0
    assert key in done.stdout
    assert "Traceback" not in done.stdout
