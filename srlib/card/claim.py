"""What a run can answer of CLAIM 2024: Tejani et al., "Checklist for Artificial Intelligence in Medical
Imaging (CLAIM): 2024 Update", Radiology: Artificial Intelligence 6(4), 2024, e240300.
"""

from srlib.card import sources
from srlib.card.facts import Facts
from srlib.evaluation.markdown import escape, pipe_table
from srlib.evaluation.metrics import scored
from srlib.evaluation.statistics import DRAWS
from srlib.objectives import catalog as objectives

INTRODUCTION = (
    "Items of the Checklist for Artificial Intelligence in Medical Imaging, 2024 update (Radiology: "
    "Artificial Intelligence 6(4), e240300), as far as a run can answer them."
)
# Neither a run nor its settings tell these.
OPEN = {
    "2": "Abstract",
    "4": "Aims and hypotheses",
    "6": "Study goal",
    "34": "Clinical trial registration",
    "44": "Funding",
}


def section(facts: Facts) -> str:
    """The items, their topics and the answers, as a table; then the items without an answer."""
    answers = [*_study(facts), *_reference(facts), *_model(facts), *_evaluation(facts), *_rest(facts)]
    body = [[number, topic, escape(answer[:1].upper() + answer[1:])] for number, topic, answer in answers]
    unanswered = ", ".join(f"{number} ({topic.lower()})" for number, topic in OPEN.items())
    table = pipe_table(["Item", "Topic", "Answer"], body, words=3)
    return f"{INTRODUCTION}\n\n{table}\n\nFor the authors of a study: {unanswered}."


Answers = list[tuple[str, str, str]]


def _study(facts: Facts) -> Answers:
    origin, source = facts.origin, sources.of(facts.origin["source"])
    side, scale = facts.resized["side"], facts.degradation["scale"]
    view = "any view" if origin.get("view", "any") == "any" else f"view {origin['view']}"
    chosen = f"images of {view}, findings: {', '.join(origin.get('findings') or ['any'])}"
    if origin.get("one_per_patient"):
        chosen += ", one image for each patient"
    return [
        ("1", "AI methodology", f"Super-resolution of images by {_kind(facts)}"),
        ("3", "Background, intended use", "Intended use, above"),
        ("5", "Prospective or retrospective", source.design),
        ("7", "Data sources", source.name),
        ("8", "Inclusion, exclusion", "As in the split that was given" if origin["split"] else chosen),
        (
            "9",
            "Pre-processing",
            f"Gray, 8 bit, {side} x {side} pixels; LR pictures: x{scale} smaller (Data, above)",
        ),
        ("10", "Data subsets", _drawn(facts)),
        ("11", "De-identification", source.identity),
        ("12", "Missing data", "No image left out for a missing view or finding; counted as unknown"),
        ("13", "Image acquisition", "Not recorded, besides the view position"),
    ]


def _drawn(facts: Facts) -> str:
    origin = facts.origin
    if origin["split"]:
        return f"As in {origin['split']}"
    lists = " from the release's official lists" if origin["official"] else ""
    return f"Drawn at random{lists}, seed {origin['seed']}"


def _reference(facts: Facts) -> Answers:
    test = facts.test
    return [
        ("14", "Reference standard", "The picture itself, before it was made smaller"),
        (
            "15",
            "Its rationale",
            "Exact in every pixel; real pictures of low resolution differ from made ones",
        ),
        ("16-18", "Annotations", "None: nobody annotated for this"),
        ("19", "Partitions", _drawn(facts)),
        ("20", "Disjoint by", "Patient, as far as the source tells patients"),
        (
            "21",
            "Sample size",
            f"{len(test)} test images of {test['patient'].nunique()} patients; not calculated",
        ),
    ]


def _kind(facts: Facts) -> str:
    spec = facts.spec
    kind = "a neural network (deep learning)" if spec["training"] else "filters solved for in closed form"
    return f"{kind}, {spec['network']}"


def _model(facts: Facts) -> Answers:
    spec, run = facts.spec, facts.run
    versions = (
        f"PyTorch {run['torch']} on {run['device']}" if "torch" in run else "this workflow's; no version kept"
    )
    given = (
        "given weights (Data, above)"
        if spec.get("initial")
        else f"the network's own start, seed {facts.seed}"
    )
    stepped = spec["training"] is not None
    return [
        ("22", "Model", f"srlib/networks/{spec['network']}.py and docs/paper.md of this workflow"),
        ("23", "Software", versions),
        ("24", "Initialization", given if stepped else "None: solved for in closed form"),
        ("25", "Training", f"{objectives.caption(spec['objective'], spec['settings'])} (Data, above)"),
        ("26", "Final model", "The last step's; no score chose it" if stepped else "The only solution"),
        ("27", "Ensembling", "None"),
    ]


def _evaluation(facts: Facts) -> Answers:
    other, source = facts.origin["test_source"], facts.origin["source"]
    external = f"Test images from {other}, training images from {source}" if other else "Not done"
    metrics = ", ".join(metric.label for metric in scored(facts.scores).values())
    return [
        ("28", "Metrics", metrics),
        (
            "29",
            "Statistics",
            f"95 % bootstrap intervals, patients resampled {DRAWS} times; tests.csv of the run",
        ),
        ("30", "Robustness", "By view and finding (Where it fails, above); other seeds: table.md of the run"),
        ("31", "Explainability", "None"),
        (
            "32",
            "Internal data",
            "None: see 33" if other else "Test images of the same source, other patients",
        ),
        ("33", "External data", external),
    ]


def _rest(facts: Facts) -> Answers:
    counts = facts.sample.groupby("split")["image"].count()
    by_split = ", ".join(
        f"{split} {counts[split]}" for split in ("train", "validation", "test") if split in counts
    )
    return [
        ("35", "Numbers", f"Images: {by_split}; those that the source has besides are not counted"),
        ("36", "Characteristics", "Views and findings (Data, above); age and sex are not kept"),
        ("37", "Performance", "Scores, above"),
        ("38", "Diagnostic performance", "Not measured"),
        ("39", "Failure analysis", "Where it fails, above"),
        ("40", "Limitations", "Limits, above"),
        ("41", "Implications for practice", "Intended use, above: none yet"),
        ("42", "Protocol", "config.yaml of the run; weights.safetensors.made.json beside the weights"),
        ("43", "Availability", "This workflow (MIT licence), these weights; the images as said above"),
    ]
