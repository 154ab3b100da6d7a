import pytest

from bot.localchat.botapi.body import (
    admit,
    check_chat,
    find_own_message,
    known_file,
    read_caption,
    read_file,
    read_reply,
    read_text,
)
from bot.localchat.botapi.params import Params, Upload
from bot.localchat.content.entities import Entity
from bot.localchat.content.messages import FileKind
from bot.localchat.errors import BotApiError
from bot.localchat.state.conversation import Conversation
from tests.bot.localchat.support import OPERATOR_ID, HandClock, png


@pytest.mark.parametrize(
    ("chat_id", "reason"),
    [("", "chat_id is empty"), ("5", "chat not found"), ("@name", "chat not found")],
)
def test_chat_when_not_the_operators_is_refused(
    conversation: Conversation, chat_id: str, reason: str
) -> None:
    check_chat(conversation, Params({"chat_id": OPERATOR_ID}))
    with pytest.raises(BotApiError, match=reason):
        check_chat(conversation, Params({"chat_id": chat_id}))


def test_admit_when_the_burst_is_spent_is_429_until_a_second_has_passed(
    conversation: Conversation, clock: HandClock
) -> None:
    admit(conversation, 5)
    with pytest.raises(BotApiError) as caught:
        admit(conversation)
    assert (caught.value.code, caught.value.retry_after) == (429, 1)
    clock.advance(1)
    admit(conversation)


@pytest.mark.parametrize("text", ["x" * 4096, "<b>" + "x" * 4096 + "</b>", "&lt;" * 4096])
def test_text_when_4096_after_parsing_is_accepted(text: str) -> None:
    assert read_text(Params({"text": text, "parse_mode": "HTML"})).units == 4096


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * 4097, "message is too long"),
        ("👍" * 2049, "message is too long"),
        ("", "message text is empty"),
        ("<b> </b>", "message text is empty"),
    ],
)
def test_text_when_empty_or_too_long_after_parsing_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BotApiError, match=reason):
        read_text(Params({"text": text, "parse_mode": "html"}))


def test_caption_when_above_1024_after_parsing_is_refused() -> None:
    fine = "<b>" + "x" * 1024 + "</b>"
    assert read_caption(Params({"caption": fine, "parse_mode": "HTML"})).units == 1024
    assert read_caption(Params()).text == ""
    with pytest.raises(BotApiError, match="message caption is too long"):
        read_caption(Params({"caption": "x" * 1025}))


def test_parse_mode_when_unknown_is_refused() -> None:
    with pytest.raises(BotApiError, match="unsupported parse_mode"):
        read_text(Params({"text": "x", "parse_mode": "wiki"}))


def test_text_when_without_parse_mode_is_literal() -> None:
    assert read_text(Params({"text": "<b>x</b>"})).text == "<b>x</b>"


def test_entities_when_given_are_used_and_unknown_kinds_ignored() -> None:
    entities = [
        {"type": "bold", "offset": 0, "length": 2},
        {"type": "bot_command", "offset": 0, "length": 1},
        {"type": "text_link", "offset": 3, "length": 2, "url": "https://a.example"},
    ]
    rich = read_text(Params({"text": "ab cd", "entities": entities}))
    link = Entity("text_link", 3, 2, url="https://a.example")
    assert rich.entities == (Entity("bold", 0, 2), link)


@pytest.mark.parametrize(
    "entities", ["x", 5, ["x"], [{"type": "bold"}], [{"type": "bold", "offset": -1, "length": 1}]]
)
def test_entities_when_malformed_are_refused(entities: object) -> None:
    with pytest.raises(BotApiError):
        read_text(Params({"text": "ab", "entities": entities}))


def test_reply_when_the_message_exists_is_its_id(conversation: Conversation) -> None:
    said = conversation.say("x").message_id
    for values in ({"reply_parameters": {"message_id": said}}, {"reply_to_message_id": str(said)}):
        assert read_reply(conversation, Params(values)) == said
    assert read_reply(conversation, Params()) is None


def test_reply_when_the_message_is_gone_is_refused_unless_optional(
    conversation: Conversation,
) -> None:
    with pytest.raises(BotApiError, match="message to be replied not found"):
        read_reply(conversation, Params({"reply_parameters": {"message_id": 1}}))
    optional = {"message_id": 1, "allow_sending_without_reply": True}
    assert read_reply(conversation, Params({"reply_parameters": optional})) is None


def test_file_when_uploaded_or_known_is_found(conversation: Conversation) -> None:
    uploads = {"photo": Upload("x.png", png()), "document": Upload("a.csv", b"1")}
    photo = read_file(conversation, Params({}, uploads), "photo", FileKind.PHOTO)
    document = read_file(conversation, Params({}, uploads), "document", FileKind.DOCUMENT)
    assert (photo.kind, document.name) == (FileKind.PHOTO, "a.csv")
    again = read_file(conversation, Params({"photo": photo.file_id}), "photo", FileKind.PHOTO)
    assert again == photo


@pytest.mark.parametrize(
    ("file_id", "reason"),
    [
        ("", "there is no photo in the request"),
        ("https://a.example/x.png", "wrong type of the web page content"),
        ("photo-77", "wrong file identifier/HTTP URL specified"),
        ("document-1", "can't use file of type document as photo"),
    ],
)
def test_file_when_not_known_is_refused(
    conversation: Conversation, file_id: str, reason: str
) -> None:
    conversation.files.add_document(b"1", "a")
    with pytest.raises(BotApiError, match=reason):
        known_file(conversation, file_id, FileKind.PHOTO)


def test_message_when_looked_for_is_found_or_named_missing(conversation: Conversation) -> None:
    said = conversation.say("x")
    assert find_own_message(conversation, Params({"message_id": said.message_id}), "edit") == said
    with pytest.raises(BotApiError, match="message to pin not found"):
        find_own_message(conversation, Params({"message_id": "1"}), "pin")
    with pytest.raises(BotApiError, match="message to edit not found"):
        find_own_message(conversation, Params(), "edit")
