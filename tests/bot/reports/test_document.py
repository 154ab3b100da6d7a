"""Tests of bot/reports/document.py."""

import base64

from bot.reports.document import Heading, Picture, Table, Text, to_html, to_markdown

BLOCKS = [
    Heading("A < B", 1),
    Text("plain & simple"),
    Text("beware", strong=True),
    Table(("name", "n|m"), [("x", "1"), ("<y>", "2")]),
    Picture("a picture", b"\x89PNG"),
]


def test_markdown_when_rendered_has_every_block_and_escapes_bars() -> None:
    assert to_markdown(BLOCKS) == (
        "# A < B\n\nplain & simple\n\n**beware**\n\n"
        "| name | n\\|m |\n| --- | ---: |\n| x | 1 |\n| <y> | 2 |\n\n"
        "*a picture* (picture in the HTML card)\n"
    )


def test_html_when_rendered_needs_nothing_else_and_escapes() -> None:
    page = to_html("T & T", BLOCKS)
    assert "<h1>A &lt; B</h1>" in page
    assert "<td>&lt;y&gt;</td>" in page
    assert '<p class="strong">beware</p>' in page
    assert base64.b64encode(b"\x89PNG").decode() in page
    assert "<title>T &amp; T</title>" in page
    assert "http" not in page
