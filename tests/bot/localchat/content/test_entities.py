import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.localchat.content.entities import (
    Entity,
    RichText,
    finish,
    is_safe_url,
    plain,
    utf16_length,
)


@given(st.text())
def test_utf16_length_when_compared_with_the_codec_is_the_same(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start", [("bot_command", 0, 6)]),
        ("try /status@smcbot_local_bot now", [("bot_command", 4, 24)]),
        ("👍 /help", [("bot_command", 3, 5)]),
        ("1/2 and a/b", []),
        ("</script> and <b/>", []),
        ("see https://a.example/x?y=1.", [("url", 4, 23)]),
        ("https://a.example/help", [("url", 0, 22)]),
        ("/a /b", [("bot_command", 0, 2), ("bot_command", 3, 2)]),
    ],
)
def test_plain_text_when_it_holds_commands_or_links_marks_them(
    text: str, expected: list[tuple[str, int, int]]
) -> None:
    found = [(e.kind, e.offset, e.length) for e in plain(text).entities]
    assert found == expected


def test_finish_when_text_has_margins_trims_and_moves_entities() -> None:
    rich = finish("  \n bold  ", [Entity("bold", 4, 4), Entity("italic", 0, 3)])
    assert rich.text == "bold"
    assert rich.entities == (Entity("bold", 0, 4),)


def test_finish_when_entity_overhangs_the_end_cuts_it() -> None:
    rich = finish("abc   ", [Entity("bold", 1, 5)])
    assert rich.entities == (Entity("bold", 1, 2),)


def test_finish_when_code_holds_styles_or_commands_keeps_only_the_code() -> None:
    rich = finish("run /x now", [Entity("code", 0, 10), Entity("bold", 4, 2)])
    assert [e.kind for e in rich.entities] == ["code"]


def test_finish_when_code_lies_inside_bold_keeps_both_longer_first() -> None:
    rich = finish("run it", [Entity("code", 0, 3), Entity("bold", 0, 6)])
    assert [e.kind for e in rich.entities] == ["bold", "code"]


def test_finish_when_a_link_has_an_address_as_text_does_not_mark_it_twice() -> None:
    rich = finish("https://a.example", [Entity("text_link", 0, 17, url="https://b.example")])
    assert [e.kind for e in rich.entities] == ["text_link"]


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example", True),
        ("HTTP://a.example", True),
        ("tg://user?id=1", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://a b", False),
    ],
)
def test_is_safe_url_when_asked_allows_web_and_telegram_only(url: str, safe: bool) -> None:
    assert is_safe_url(url) is safe


def test_entity_when_written_as_json_leaves_out_what_is_not_set() -> None:
    assert Entity("bold", 1, 2).as_json() == {"type": "bold", "offset": 1, "length": 2}
    row = Entity("pre", 0, 1, language="python").as_json()
    assert row["language"] == "python"
    assert "url" not in row
    assert Entity("text_link", 0, 1, url="https://x").as_json()["url"] == "https://x"


def test_rich_text_when_asked_counts_units() -> None:
    assert RichText("a👍").units == 3


@given(st.text(max_size=60), st.data())
def test_finish_when_given_any_ranges_keeps_them_inside_the_text(
    text: str, data: st.DataObject
) -> None:
    bounds = st.integers(0, utf16_length(text) + 5)
    raw = data.draw(st.lists(st.tuples(st.sampled_from(["bold", "code"]), bounds, bounds)))
    rich = finish(text, [Entity(kind, start, size) for kind, start, size in raw])
    assert rich.text == text.strip()
    assert all(e.offset >= 0 and e.length > 0 and e.end <= rich.units for e in rich.entities)
    assert list(rich.entities) == sorted(rich.entities, key=lambda e: (e.offset, -e.length))
