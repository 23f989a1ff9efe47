"""table.md and table.html: what is written is what is shown, and the page in a real browser."""

import math
import re

import pandas as pd
import pytest

from srlib.evaluation import markdown, webpage
from srlib.evaluation.metrics import METRICS, available

NASTY = [r"a|b \\ *c* _d_", "<script>alert(1)</script> & co. {{body}}", "$x$ `code` [link](y) ~~gone~~"]


def _table(labels=("A", "B", "C")):
    """Three models, of rising PSNR; the second has no LR consistency."""
    rows = []
    for i, label in enumerate(labels):
        means = dict.fromkeys(available([]), 0.1 * (i + 1)) | {"psnr": 9.5 + i, "lr_psnr": 40.0 - i}
        if i == 1:
            means["lr_psnr"] = math.nan
        bounds = {f"{name}_low": value - 0.05 for name, value in means.items()}
        bounds |= {f"{name}_high": value + 0.05 for name, value in means.items()}
        paper = {f"paper_{metric.paper}": math.nan for metric in METRICS.values() if metric.paper}
        counts = {"n": 2, "patients": 2, "seeds": 1, "infinite_psnr": 0}
        rows.append({"model": f"m{i}", "label": label} | means | bounds | paper | counts)
    return pd.DataFrame(rows)


def _tests():
    pairs = [("m0", "m1"), ("m0", "m2"), ("m1", "m2")]
    figures = {"difference": -1.0, "low": -1.5, "high": -0.5, "p": 0.2, "effect": -1.0, "p_holm": 0.6}
    return pd.DataFrame([{"metric": "psnr", "a": a, "b": b, "patients": 2} | figures for a, b in pairs])


def _shown(text):
    """What Markdown's own escapes leave: the reader's view of one line without markup."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)  # CommonMark 2.4: any ASCII punctuation


@pytest.mark.parametrize("text", [*NASTY, "snake_case < 3 & 4", "1 | 2", "two\nlines"])
def test_markdown_shows_text_as_it_stands(text):
    escaped = markdown.escape(text)
    assert _shown(escaped) == " ".join(text.split())
    assert not re.search(r"(?<!\\)(?:\\\\)*[|*`$~\[\]]|(?<!\\)<[a-z/]", escaped)


def test_plain_names_stay_readable():
    assert markdown.escape("vdsr_x2 (p < 0.05), 3 & 4") == "vdsr_x2 (p < 0.05), 3 & 4"


def test_no_label_breaks_the_markdown_table():
    text = markdown.table_page(_table(NASTY), _tests(), "Caption with | and <b>.")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == 10  # two tables of head, rule and three models
    cells = {len(re.findall(r"(?<!\\)\|", line.replace("\\\\", ""))) for line in lines}
    assert cells == {6}
    assert r"Caption with \| and \<b>." in text


def test_every_metric_is_in_the_page_and_nothing_from_elsewhere():
    text = webpage.table_page(_table(), _tests(), "Caption.")
    assert text.count("<button") == len(available([])) + 1
    assert not re.search(r"https?://|{{", text)


@pytest.fixture
def page(browser, tmp_path):
    (tmp_path / "table.html").write_text(
        webpage.table_page(_table(NASTY), _tests(), "Caption <i>x</i>."), encoding="utf-8"
    )
    page = browser.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    page.goto((tmp_path / "table.html").as_uri())
    yield page
    page.close()
    assert faults == []


def _labels(page):
    return page.locator("tbody th").all_text_contents()


def test_labels_and_caption_are_text(page):
    assert _labels(page) == NASTY
    assert "Caption <i>x</i>." in page.locator("#notes").text_content()
    assert NASTY[1] in page.locator("#verdict").text_content()


def test_a_click_sorts_the_best_first_and_another_the_worst(page):
    low, middle, high = NASTY
    psnr, gmsd = (page.get_by_role("button", name=name) for name in ("PSNR (dB)", "GMSD"))
    psnr.click()
    assert _labels(page) == [high, middle, low]  # 9.5 dB last: by number, not by letter
    psnr.click()
    assert _labels(page) == [low, middle, high]
    assert page.locator("th[aria-sort]").all_text_contents() == ["PSNR (dB)"]
    gmsd.press("Enter")
    assert _labels(page) == [low, middle, high]  # of GMSD the smallest is best


def test_a_model_without_a_value_stays_last(page):
    low, middle, high = NASTY
    consistency = page.get_by_role("button", name="LR consistency")
    consistency.click()
    assert _labels(page) == [low, high, middle]
    consistency.click()
    assert _labels(page) == [high, low, middle]


def test_the_best_is_bold_and_the_second_underlined(page):
    rows = page.locator("tbody tr")
    assert rows.nth(2).locator("td").nth(0).locator("strong").text_content() == "11.50"
    assert rows.nth(1).locator("td").nth(0).locator("u").text_content() == "10.50"
    sewar = available([]).index("uqi_sewar")
    assert rows.nth(2).locator("td").nth(sewar).locator("strong").count() == 0  # not ranked
