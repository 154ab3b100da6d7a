import re

import pytest
from aiohttp import web

from bot.localchat.page import Page
from tests.bot.localchat.support import Running


def sources() -> dict[str, str]:
    return {name: data.decode() for name, data in Page()._files.items()}


def test_page_when_weighed_is_below_100_kb() -> None:
    assert 10_000 < Page().weight < 100_000


async def test_page_when_opened_is_html_that_names_its_files(running: Running) -> None:
    async with running.http.get(running.urls.api_base_url + "/") as answer:
        text = await answer.text()
        assert answer.content_type == "text/html"
    for path in re.findall(r'(?:src|href)="(/[^"]*)"', text):
        async with running.http.get(running.urls.api_base_url + path) as answer:
            assert answer.status == 200, path
            assert await answer.read()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("main.js", "text/javascript"), ("chat.css", "text/css"), ("icon.svg", "image/svg+xml")],
)
async def test_static_file_when_asked_has_its_media_type(
    running: Running, name: str, kind: str
) -> None:
    async with running.http.get(f"{running.urls.api_base_url}/static/{name}") as answer:
        assert (answer.status, answer.content_type) == (200, kind)


@pytest.mark.parametrize("path", ["/static/none.js", "/static/..%2Fserver.py", "/static/", "/x"])
async def test_static_file_when_unknown_is_404(running: Running, path: str) -> None:
    async with running.http.get(running.urls.api_base_url + path) as answer:
        assert answer.status == 404


def test_page_when_read_asks_nothing_of_other_hosts() -> None:
    for name, text in sources().items():
        found = [u for u in re.findall(r"https?://[^\s\"'`)]+", text) if "www.w3.org" not in u]
        assert found == [], name


def test_page_when_read_never_parses_text_as_markup() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|onclick=\""
    )
    for name, text in sources().items():
        assert not forbidden.search(text), name


def test_page_when_read_has_no_inline_script_or_style() -> None:
    html = sources()["index.html"]
    assert re.findall(r"<script(?![^>]*src=)", html) == []
    assert " style=" not in html
    assert "<style" not in html


def test_page_when_read_names_every_icon_button() -> None:
    for tag in re.findall(r'<button class="round[^>]*>', sources()["index.html"]):
        assert "aria-label" in tag or 'id="jump"' in tag, tag


def test_page_when_routed_serves_get_only() -> None:
    assert all(isinstance(r, web.RouteDef) and r.method == "GET" for r in Page().routes())
