"""Bot API methods about the bot, the chat, its commands, its buttons and its files."""

from __future__ import annotations

from typing import Final

from bot.localchat.botapi.body import check_chat
from bot.localchat.botapi.params import Params
from bot.localchat.content.wire import file_json, file_path
from bot.localchat.errors import bad_request
from bot.localchat.state.conversation import Conversation

MAX_ANSWER: Final = 200
CHAT_ACTIONS: Final = frozenset({"typing", "upload_photo", "upload_document"})
TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"


def get_me(chat: Conversation, _: Params) -> object:
    """GetMe."""
    return chat.identity.bot.user_json() | {
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


def get_chat(chat: Conversation, params: Params) -> object:
    """GetChat of the operator's private chat, with the pinned message."""
    check_chat(chat, params)
    row = chat.identity.operator.chat_json() | {
        "accent_color_id": 0,
        "max_reaction_count": 0,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    pinned = chat.store.get(chat.store.pinned_id) if chat.store.pinned_id is not None else None
    return row | ({"pinned_message": chat.bot_view(pinned)} if pinned else {})


def send_chat_action(chat: Conversation, params: Params) -> object:
    """SendChatAction; the page shows it for five seconds."""
    check_chat(chat, params)
    action = params.text("action").lower()
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.store.note("action", action)
    return True


def answer_callback_query(chat: Conversation, params: Params) -> object:
    """AnswerCallbackQuery: ends the button's waiting, with a toast or an alert of ≤ 200 signs."""
    text = params.text("text")
    if len(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query_id = params.text("callback_query_id")
    if not chat.presses.close(query_id, chat.clock.monotonic()):
        raise bad_request(TOO_OLD)
    answer = {"press_id": query_id, "text": text, "alert": params.flag("show_alert")}
    chat.store.note("answer", answer)
    return True


def set_my_commands(chat: Conversation, params: Params) -> object:
    """SetMyCommands for a scope and a language."""
    chat.commands.put(params.json("commands"), params.json("scope"), params.text("language_code"))
    chat.store.note("commands", None)
    return True


def get_my_commands(chat: Conversation, params: Params) -> object:
    """GetMyCommands of a scope and a language."""
    return chat.commands.get(params.json("scope"), params.text("language_code"))


def delete_my_commands(chat: Conversation, params: Params) -> object:
    """DeleteMyCommands of a scope and a language."""
    chat.commands.remove(params.json("scope"), params.text("language_code"))
    chat.store.note("commands", None)
    return True


def get_file(chat: Conversation, params: Params) -> object:
    """GetFile: where the bot may download a file."""
    stored = chat.files.find(params.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    return file_json(stored) | {"file_path": file_path(stored)}


def delete_webhook(chat: Conversation, params: Params) -> object:
    """DeleteWebhook; there never is one, but pending updates can be dropped."""
    if params.flag("drop_pending_updates"):
        chat.updates.clear()
    return True


def get_webhook_info(chat: Conversation, _: Params) -> object:
    """GetWebhookInfo: none, and how many updates wait."""
    return {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": len(chat.updates),
    }
