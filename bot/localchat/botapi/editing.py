"""Bot API methods that change messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.localchat.botapi.body import (
    admit,
    check_chat,
    find_own_message,
    read_caption,
    read_text,
)
from bot.localchat.botapi.params import Params
from bot.localchat.botapi.sending import read_media
from bot.localchat.content.markup import parse_keyboard
from bot.localchat.content.messages import ChatMessage, Sender
from bot.localchat.errors import bad_request
from bot.localchat.state.conversation import Conversation

NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
DELETE_WITHIN_MS: Final = 48 * 3600 * 1000


def edit_message_text(chat: Conversation, params: Params) -> object:
    """EditMessageText."""
    message = _editable(chat, params)
    if message.file is not None:
        raise bad_request("there is no text in the message to edit")
    return _save(chat, params, message, replace(message, body=read_text(params)))


def edit_message_caption(chat: Conversation, params: Params) -> object:
    """EditMessageCaption."""
    message = _editable(chat, params)
    if message.file is None:
        raise bad_request("there is no caption in the message to edit")
    return _save(chat, params, message, replace(message, body=read_caption(params)))


def edit_message_media(chat: Conversation, params: Params) -> object:
    """EditMessageMedia: another photo or document, with the caption that comes along."""
    message = _editable(chat, params)
    media = params.json("media")
    if not isinstance(media, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    body = read_caption(Params(media))
    file = read_media(chat, params, media)
    return _save(chat, params, message, replace(message, body=body, file=file))


def edit_message_reply_markup(chat: Conversation, params: Params) -> object:
    """EditMessageReplyMarkup; without `reply_markup` the buttons go."""
    message = _editable(chat, params)
    return _save(chat, params, message, message)


def delete_message(chat: Conversation, params: Params) -> object:
    """DeleteMessage, within 48 h of sending."""
    check_chat(chat, params)
    message = find_own_message(chat, params, "delete")
    if chat.clock.wall_ms() - message.sent_ms > DELETE_WITHIN_MS:
        raise bad_request("message can't be deleted for everyone")
    chat.store.delete(message.message_id)
    return True


def pin_chat_message(chat: Conversation, params: Params) -> object:
    """PinChatMessage: one at a time, the newest pin shows."""
    check_chat(chat, params)
    chat.store.pin(find_own_message(chat, params, "pin").message_id)
    return True


def unpin_chat_message(chat: Conversation, params: Params) -> object:
    """UnpinChatMessage; without an id the pinned one is meant."""
    check_chat(chat, params)
    if params.text("message_id"):
        message = find_own_message(chat, params, "unpin")
        if message.message_id != chat.store.pinned_id:
            return True
    chat.store.pin(None)
    return True


def unpin_all_chat_messages(chat: Conversation, params: Params) -> object:
    """UnpinAllChatMessages."""
    check_chat(chat, params)
    chat.store.pin(None)
    return True


def _editable(chat: Conversation, params: Params) -> ChatMessage:
    check_chat(chat, params)
    message = find_own_message(chat, params, "edit")
    if message.sender is not Sender.BOT:
        raise bad_request("message can't be edited")
    return message


def _save(chat: Conversation, params: Params, before: ChatMessage, after: ChatMessage) -> object:
    changed = replace(after, keyboard=parse_keyboard(params.json("reply_markup")))
    admit(chat)
    if changed == before:
        raise bad_request(NOT_MODIFIED)
    return chat.bot_view(chat.store.edit(changed))
