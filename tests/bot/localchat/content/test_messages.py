from dataclasses import FrozenInstanceError

import pytest

from bot.localchat.content.entities import plain
from bot.localchat.content.messages import ChatMessage, Draft, FileKind, Sender


def test_draft_when_only_text_is_given_has_no_extras() -> None:
    draft = Draft(Sender.BOT, plain("x"))
    assert (draft.file, draft.keyboard, draft.reply_to, draft.album, draft.silent) == (
        None,
        (),
        None,
        None,
        False,
    )


def test_message_when_changed_in_place_refuses() -> None:
    message = ChatMessage(1, 1, Sender.OPERATOR, 5, plain("x"))
    with pytest.raises(FrozenInstanceError):
        message.sent_ms = 6  # type: ignore[misc]


def test_kinds_when_written_are_the_wire_words() -> None:
    assert [f"{kind}" for kind in FileKind] == ["photo", "document"]
    assert [f"{sender}" for sender in Sender] == ["bot", "operator"]
