import pytest

from bot.localchat.content.markup import Button, has_button, keyboard_json, parse_keyboard
from bot.localchat.errors import BotApiError


def one_button(**fields: object) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": "Go", **fields}]]}


def refusal_of(markup: object) -> str:
    with pytest.raises(BotApiError) as caught:
        parse_keyboard(markup)
    return caught.value.description


def test_keyboard_when_parsed_and_written_is_the_same() -> None:
    markup = {
        "inline_keyboard": [
            [{"text": "A", "callback_data": "a"}, {"text": "B", "callback_data": "b"}],
            [{"text": "Web", "url": "https://a.example"}],
        ]
    }
    keyboard = parse_keyboard(markup)
    assert keyboard[1] == (Button("Web", url="https://a.example"),)
    assert keyboard_json(keyboard) == markup


@pytest.mark.parametrize("markup", [None, {}, {"inline_keyboard": []}, {"inline_keyboard": [[]]}])
def test_keyboard_when_there_is_none_is_empty(markup: object) -> None:
    assert parse_keyboard(markup) == ()


@pytest.mark.parametrize("data", ["x" * 64, "ü" * 32])
def test_callback_data_when_64_bytes_is_accepted(data: str) -> None:
    assert has_button(parse_keyboard(one_button(callback_data=data)), data)


@pytest.mark.parametrize("data", ["", "x" * 65, "ü" * 33])
def test_callback_data_when_empty_or_above_64_bytes_is_refused(data: str) -> None:
    assert refusal_of(one_button(callback_data=data)) == "Bad Request: BUTTON_DATA_INVALID"


def test_button_when_it_does_nothing_is_refused() -> None:
    assert "Text buttons are unallowed" in refusal_of(one_button())


@pytest.mark.parametrize("text", ["", "   "])
def test_button_when_its_text_is_empty_is_refused(text: str) -> None:
    assert "text must be non-empty" in refusal_of(one_button(text=text, callback_data="x"))


def test_button_when_its_link_is_a_script_is_refused() -> None:
    assert "Unsupported URL protocol" in refusal_of(one_button(url="javascript:alert(1)"))


@pytest.mark.parametrize(
    "markup",
    [
        [],
        "x",
        {"keyboard": [["a"]]},
        {"inline_keyboard": {}},
        {"inline_keyboard": ["x"]},
        {"inline_keyboard": [["x"]]},
    ],
)
def test_markup_when_it_is_something_else_is_refused(markup: object) -> None:
    assert refusal_of(markup).startswith("Bad Request: ")


def test_keyboard_when_above_a_hundred_buttons_is_refused() -> None:
    row = [{"text": "x", "callback_data": "x"}] * 8
    assert len(parse_keyboard({"inline_keyboard": [row] * 12})) == 12
    assert refusal_of({"inline_keyboard": [row] * 13}) == "Bad Request: reply markup is too long"


def test_has_button_when_data_is_not_there_is_false() -> None:
    assert not has_button(parse_keyboard(one_button(callback_data="x")), "y")
