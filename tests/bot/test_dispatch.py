"""Who an update is from, for every kind of update there is."""

from typing import Any

import pytest
from telegram import Update

from bot.dispatch import caller_of

USER = {"id": 11, "is_bot": False, "first_name": "Ada"}
PRIVATE = {"id": 11, "type": "private"}
GROUP = {"id": -5, "type": "group", "title": "g"}
CHANNEL = {"id": -6, "type": "channel", "title": "c"}


def message(**fields: Any) -> dict[str, Any]:
    return {
        "message_id": 1,
        "date": 1_750_000_000,
        "chat": PRIVATE,
        "from": USER,
        "text": "/panic",
    } | fields


def update(**fields: Any) -> Update:
    read = Update.de_json({"update_id": 1, **fields}, None)
    assert read is not None
    return read


QUERY = {"id": "1", "from": USER, "chat_instance": "x", "data": "status"}


def test_message_when_private_is_a_direct_call():
    caller = caller_of(update(message=message()))

    assert (caller.user_id, caller.chat_id, caller.chat_type) == (11, 11, "private")
    assert caller.direct


def test_press_when_on_a_message_is_a_direct_call():
    assert caller_of(update(callback_query=QUERY | {"message": message()})).direct


@pytest.mark.parametrize(
    "fields",
    [
        {"edited_message": message(edit_date=1_750_000_001)},
        {"channel_post": message(chat=CHANNEL)},
        {"edited_channel_post": message(chat=CHANNEL)},
        {"inline_query": {"id": "1", "from": USER, "query": "/panic", "offset": ""}},
        {"callback_query": QUERY | {"inline_message_id": "x"}},
        {
            "message": message(
                forward_origin={"type": "user", "sender_user": USER, "date": 1_750_000_000}
            )
        },
        {"message": message(via_bot={"id": 9, "is_bot": True, "first_name": "b"})},
        {},
    ],
)
def test_update_when_of_any_other_kind_is_not_direct(fields: dict[str, Any]):
    assert not caller_of(update(**fields)).direct


def test_message_when_in_a_group_names_the_group():
    caller = caller_of(update(message=message(chat=GROUP)))

    assert caller.chat_type == "group"
    assert caller.chat_id == -5
