import contextlib
import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.localchat.content.entities import Entity
from bot.localchat.content.html_text import TAGS, parse_html
from bot.localchat.errors import BotApiError


def refusal_of(source: str) -> str:
    with pytest.raises(BotApiError) as caught:
        parse_html(source)
    assert caught.value.code == 400
    return caught.value.description.removeprefix("Bad Request: can't parse entities: ")


@pytest.mark.parametrize(
    ("tag", "kind"), [(t, k) for t, k in TAGS.items() if t not in {"a", "span"}]
)
def test_tag_when_closed_becomes_its_entity(tag: str, kind: str) -> None:
    rich = parse_html(f"x <{tag}>yes</{tag}> z")
    assert rich.text == "x yes z"
    assert rich.entities == (Entity(kind, 2, 3),)


def test_offsets_when_emoji_come_first_count_utf16_units() -> None:
    assert parse_html("👍👍<b>ok</b>").entities == (Entity("bold", 4, 2),)


def test_nested_tags_when_closed_in_order_give_both_entities() -> None:
    rich = parse_html("<b>bold <i>both</i></b>")
    assert rich.entities == (Entity("bold", 0, 9), Entity("italic", 5, 4))


def test_link_when_address_is_safe_keeps_it_decoded() -> None:
    rich = parse_html('<a href="https://a.example/?x=1&amp;y=2">go</a>')
    assert rich.entities == (Entity("text_link", 0, 2, url="https://a.example/?x=1&y=2"),)


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", "//a.example"])
def test_link_when_address_is_unsafe_becomes_plain_text(href: str) -> None:
    rich = parse_html(f'<a href="{href}">go</a>')
    assert (rich.text, rich.entities) == ("go", ())


def test_link_when_it_has_no_address_takes_its_text() -> None:
    rich = parse_html("<a>https://a.example</a>")
    assert rich.entities == (Entity("text_link", 0, 17, url="https://a.example"),)


def test_code_when_inside_pre_with_a_class_names_the_language() -> None:
    rich = parse_html('<pre><code class="language-python">x = 1</code></pre>')
    assert rich.entities == (Entity("pre", 0, 5, language="python"),)


def test_blockquote_when_expandable_is_its_own_kind() -> None:
    rich = parse_html("<blockquote expandable>long</blockquote>")
    assert rich.entities == (Entity("expandable_blockquote", 0, 4),)


@pytest.mark.parametrize("quote", ["'", '"'])
def test_span_when_it_has_the_spoiler_class_is_a_spoiler(quote: str) -> None:
    rich = parse_html(f"<span class={quote}tg-spoiler{quote}>x</span>")
    assert rich.entities == (Entity("spoiler", 0, 1),)


def test_tag_when_upper_case_is_understood() -> None:
    assert parse_html("<B>x</b>").entities == (Entity("bold", 0, 1),)


def test_empty_tag_when_closed_leaves_nothing() -> None:
    assert parse_html("a<b></b>b").entities == ()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a &lt;b&gt; &amp; &quot;", 'a <b> & "'),
        ("&#65;&#x42;", "AB"),
        ("&nbsp;&unknown;", "&nbsp;&unknown;"),
        ("&#0;&#xD800;", "&#0;&#xD800;"),
        ("R&D", "R&D"),
    ],
)
def test_references_when_known_are_decoded_and_others_kept(source: str, text: str) -> None:
    assert parse_html(source).text == text


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("é<script>x</script>", 'Unsupported start tag "script" at byte offset 2'),
        ("price < 5", 'Unsupported start tag "" at byte offset 6'),
        ("x <b", "Unclosed start tag at byte offset 2"),
        ("x <b ", 'Unclosed start tag "b" at byte offset 2'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b>x</b !>", "Unclosed end tag at byte offset 4"),
        ("<a =x>y</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        (
            "<a href>y</a>",
            'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0',
        ),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_markup_when_malformed_is_refused_in_telegrams_words(source: str, reason: str) -> None:
    assert refusal_of(source) == reason


def test_end_tag_when_it_has_spaces_is_accepted() -> None:
    assert parse_html("<b>x</b  >").entities == (Entity("bold", 0, 1),)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_escaped_text_when_parsed_comes_back_unchanged(text: str) -> None:
    assert parse_html(html.escape(text, quote=False)).text == text.strip()


@given(st.text(alphabet="<>/abi =\"'&;x", max_size=40))
def test_any_text_when_parsed_gives_entities_inside_or_is_refused(source: str) -> None:
    with contextlib.suppress(BotApiError):
        rich = parse_html(source)
        assert all(e.length > 0 and e.end <= rich.units for e in rich.entities)
