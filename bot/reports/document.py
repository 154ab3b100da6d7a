"""A report as a list of blocks, rendered to Markdown and to one self-contained HTML file."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Heading:
    """A title of level 1 to 3."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `strong` sets it off from the others."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first column is text, the others are figures."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with its caption; Markdown shows the caption only."""

    caption: str
    png: bytes


Block = Heading | Text | Table | Picture

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 80rem; margin: 2rem auto; padding: 0 1rem;
  overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
table { border-collapse: collapse; margin: .6rem 0; display: block; overflow-x: auto; }
th { overflow-wrap: normal; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); text-align: right;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { background: var(--soft); white-space: normal; vertical-align: bottom; }
.strong { padding: .7rem 1rem; border-left: 4px solid #c33; background: var(--soft); }
figure { margin: 1rem 0; } figcaption { opacity: .7; font-size: .9em; }
img { max-width: 100%; background: #fff; border-radius: 4px; }
"""


def to_markdown(blocks: Sequence[Block]) -> str:
    """Return the report as Markdown."""
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def to_html(title: str, blocks: Sequence[Block]) -> str:
    """Return the report as one HTML page that needs nothing else."""
    body = "\n".join(_html(block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )


def _markdown(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {text}"
        case Text(text, strong):
            return f"**{text}**" if strong else text
        case Picture(caption, _):
            return f"*{caption}* (picture in the HTML card)"
        case Table(head, rows):
            ruler = ["---", *["---:"] * (len(head) - 1)]
            lines = [head, ruler, *rows]
            return "\n".join(
                "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |"
                for line in lines
            )


def _html(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Text(text, strong):
            return f'<p class="strong">{escape(text)}</p>' if strong else f"<p>{escape(text)}</p>"
        case Picture(caption, png):
            data = base64.b64encode(png).decode()
            return (
                f'<figure><img alt="{escape(caption)}" src="data:image/png;base64,{data}">'
                f"<figcaption>{escape(caption)}</figcaption></figure>"
            )
        case Table(head, rows):
            top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
            lines = "".join(
                "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
                for row in rows
            )
            return f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
