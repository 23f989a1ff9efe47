"""What all figures share: type, sizes, colours, and how they are saved."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from srlib.files import replacing

COLUMN, PAGE = 3.5, 7.16  # width in inches of one column and of the page of a two-column paper
LETTER = 0.052  # width in inches of a letter in a tile's heading, on average
# Okabe & Ito's palette, dark to light enough in turn to be told apart in gray.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]
LINES = ["-", "--", "-.", ":"]
HATCHES = ["", "////", "....", "xxxx"]

# Decorator of every `draw`: the settings hold inside it and nowhere else.
paper = rc_context(
    {
        "font.family": "DejaVu Sans",
        "font.size": 7,
        "axes.titlesize": 7,
        "axes.labelsize": 7,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "grid.linewidth": 0.4,
        "grid.color": "0.88",
        "xtick.labelsize": 6.5,
        "ytick.labelsize": 6.5,
        "legend.fontsize": 6.5,
        "legend.frameon": False,
        "hatch.linewidth": 0.4,
        "lines.linewidth": 1.2,
        "lines.markersize": 3.5,
        "text.parse_math": False,  # a label may hold "$"; nothing here is a formula
        "pdf.fonttype": 42,  # TrueType: text stays text in the PDF
        "savefig.dpi": 300,
    }
)


def new(width: float, height: float) -> Figure:
    """An empty figure of the given size in inches, without pyplot and its global state."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, png: str | Path, pdf: str | Path) -> None:
    """Write the figure as PNG and PDF, laid out once; without the date, which would make every PDF new."""
    for path in (png, pdf):
        with replacing(path) as temporary:
            metadata = {"CreationDate": None} if Path(path).suffix == ".pdf" else {}
            figure.savefig(temporary, format=Path(path).suffix[1:], metadata=metadata)
        figure.set_layout_engine("none")


def wrapped(label: str, width: float) -> str:
    """A label in lines that fit `width` inches in the size of a tile's heading; long words are cut."""
    return textwrap.fill(label, max(4, int(width / LETTER)))


def legend(figure: Figure, handles: Sequence[Artist], labels: Sequence[str]) -> None:
    """One legend for the whole figure above its panels, in as many columns as its longest label allows."""
    labels = [wrapped(label, PAGE / 3) for label in labels]
    widest = max(len(line) for label in labels for line in label.splitlines()) * LETTER
    columns = max(1, int(PAGE / (widest + 0.5)))  # half an inch for the line and the gaps
    figure.legend(handles, labels, loc="outside upper center", ncols=min(columns, len(labels)))


def colour(i: int) -> str:
    """Colour of the i-th thing drawn; past the palette's end it begins again, and what else tells shifts."""
    return COLOURS[i % len(COLOURS)]


def marker(i: int) -> str:
    """Marker of the i-th thing drawn."""
    return MARKERS[(i + i // len(COLOURS)) % len(MARKERS)]


def line(i: int) -> str:
    """Line of the i-th thing drawn."""
    return LINES[(i + i // len(COLOURS)) % len(LINES)]


def hatch(i: int) -> str:
    """Hatch of the i-th area drawn."""
    return HATCHES[i // len(COLOURS) % len(HATCHES)]
