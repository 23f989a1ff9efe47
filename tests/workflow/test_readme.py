"""What the README shows of the workflow is what the workflow is."""

import re

from runs import ROOT, snakemake

README = (ROOT / "README.md").read_text()


def edges(graph: str) -> set[tuple[str, str]]:
    """Pairs of rules of a Mermaid graph, whatever numbers they have in it."""
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", graph))
    return {(names[a], names[b]) for a, b in re.findall(r"(id\d+) --> (id\d+)", graph)}


def test_the_rule_graph_is_up_to_date(workflow):
    shown = re.search(r"```mermaid\n(.*?)```", README, flags=re.DOTALL)[1]
    actual = snakemake(workflow, "--rulegraph", "mermaid-js").stdout
    assert edges(shown)
    assert edges(shown) == edges(actual)


def test_every_file_that_it_links_to_is_there():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []
