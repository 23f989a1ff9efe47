"""The card's page."""

from pathlib import Path

import pandas as pd

from srlib.card import claim, failures, sources
from srlib.card.facts import Facts
from srlib.evaluation import statistics
from srlib.evaluation.cells import figure
from srlib.evaluation.markdown import escape, pipe_table
from srlib.evaluation.metrics import left_out, scored
from srlib.evaluation.sentences import plural
from srlib.files import replacing

USE = (
    "Research on super-resolution, and a look at what it can and cannot give back. **Not for diagnosis**: "
    "what it restores is estimated from other patients' pictures, not measured; a finding may be missing, or "
    "be made up. It was not tested on a clinical question."
)


def write(path: str | Path, facts: Facts) -> None:
    """Write a model card as Markdown."""
    sections = {
        "Model": _model(facts),
        "Intended use": USE,
        "Data": f"{escape(facts.about)}\n\n{_sample(facts.sample)}\n\n{escape(_licence(facts))}",
        "Scores": _scores(facts),
        "Where it fails": failures.section(facts),
        "Limits": _limits(facts),
        "CLAIM 2024": claim.section(facts),
    }
    parts = [f"# {escape(facts.label)}, seed {facts.seed}"]
    parts += [f"## {title}\n\n{text}" for title, text in sections.items()]
    with replacing(path) as temporary:
        temporary.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _model(facts: Facts) -> str:
    spec, scale = facts.spec, facts.degradation["scale"]
    arguments = ", ".join(f"{key} {value}" for key, value in sorted(spec["arguments"].items())) or "none"
    first = scale / spec["scale"]
    enlarged = f" enlarged {first:g} times by bicubic interpolation first" if first != 1 else ""
    body = [
        ["File", "weights.safetensors"],
        ["sha256", facts.sha256],
        ["Network", f"{spec['network']} (arguments: {arguments})"],
        ["Takes", f"a gray LR picture{enlarged} (LR variant {spec['lr']})"],
        ["Gives", f"a gray picture, each side {scale} times that of the LR picture"],
    ]
    return pipe_table(["", ""], [[name, escape(text)] for name, text in body], words=2)


def _sample(sample: pd.DataFrame) -> str:
    """Images, patients, views and findings of each split."""
    body = []
    for split in ("train", "validation", "test"):
        images = sample[sample["split"] == split]
        findings = images["findings"].str.split("|").explode()
        if len(images):
            body.append(
                [
                    split,
                    str(len(images)),
                    str(images["patient"].nunique()),
                    _counted(images["view"]),
                    _counted(findings),
                ]
            )
    return pipe_table(["Split", "Images", "Patients", "Views", "Findings"], body, words=5)


def _counted(values: pd.Series) -> str:
    """The values with their counts, the most frequent first."""
    counts = values.replace("", failures.UNKNOWN).value_counts()
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    more = f", {len(ordered) - failures.GROUPS} more" if len(ordered) > failures.GROUPS else ""
    return escape(", ".join(f"{name} {count}" for name, count in ordered[: failures.GROUPS]) + more)


def _licence(facts: Facts) -> str:
    licence = f"Licence of the data: {sources.of(facts.origin['source']).licence}"
    if other := facts.origin["test_source"]:
        return f"{licence} Test images: {sources.of(other).licence}"
    return licence


def _scores(facts: Facts) -> str:
    metrics = scored(facts.scores)
    bounds = statistics.intervals(facts.scores, facts.patients)
    patients = facts.patients.nunique()
    body = [
        [
            metric.heading,
            figure(facts.scores[name].mean(), name),
            f"[{figure(bounds.loc[name, 'low'], name)}, {figure(bounds.loc[name, 'high'], name)}]",
            "larger" if metric.larger_is_better else "smaller",
        ]
        for name, metric in metrics.items()
    ]
    notes = [
        f"Mean over {len(facts.scores)} test images of {patients} {plural(patients, 'patient')}; 95 % "
        "bootstrap interval, patients resampled. What interpolation and other models reach on the same "
        "images: table.md of the run.",
        *(metric.note for metric in metrics.values() if metric.note),
        left_out(facts.scores),
    ]
    table = pipe_table(["Metric", "Mean", "95 % interval", "Better is"], body)
    return f"{table}\n\n{escape(' '.join(filter(None, notes)))}"


def _limits(facts: Facts) -> str:
    origin, source = facts.origin, sources.of(facts.origin["source"])
    side = facts.resized["side"]
    limits = [
        f"Trained on {source.name} alone; other machines, hospitals and patients may differ.",
        "Tested on images of the same source." if not origin["test_source"] else "",
        "Synthetic pictures say nothing about real X-rays." if origin["source"] == "phantom" else "",
        f"LR pictures were made from pictures of {side} x {side} pixels. Real X-rays of low resolution have "
        "other blur and noise, and full ones some 2500 pixels a side.",
        "The scores say how near a picture is to its original, not whether a finding can still be seen.",
        "One training: another seed gives another model." if facts.spec["training"] else "",
    ]
    return "\n".join(f"- {escape(limit)}" for limit in limits if limit)
