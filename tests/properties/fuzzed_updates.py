"""Updates nobody should act on, and some that somebody should: from a seed, without end.

Every update is what Telegram could send, or that with one field turned into something else. What
may have an effect is decided here by a rule of its own, not by the code under test.
"""

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.handlers.table import COMMANDS

OWNER = 4711
Json = dict[str, Any]

_WORDS = (
    *COMMANDS,
    "PANIC",
    "panic@smcbot",
    "panic@otherbot",
    "nonsense",
)
_ARGUMENTS = (
    "", "on", "off", "live", "paper", "BTC", "BTC 50", "BTC -50", "all", "1.0", "9" * 400, "nan",
    "1e9", "'; DROP TABLE notices; --", "<b>x</b>", "\u202e\u0000\ufeff", "😀" * 60, "override",
    "auto 150", "DOGE 2h", "quiet 22 7", "exits off", "\ud83d", "٣", "½", "0x1", "-1", "1,5",
)  # fmt: skip
_DATA = (
    "pause", "resume", "close:BTCUSDT", "close:BTCUSDT:50", "breakeven:BTCUSDT", "mode:live",
    "mode:paper", "settings:exits:off", "take:BTCUSDT-1m-x-L-1", "skip:x", "mute:BTC:2h", "no:!x",
    "!AAAAAAAAAAAAAAAAAAAAAA", "!", "no:", ":", "", "panic", "closeall", "risk:2.0", "live:on",
    "edge:override", "pause:" + "x" * 57, "💥" * 16, "\x00", "why:", "chart:BTCUSDT:99999999",
)  # fmt: skip
_JUNK = (
    None, True, False, 0, -1, 2**31, 2**63, -(2**63), 10**40, 1.5, "", " ", "x" * 5_000, "😀",
    "\u202e", "\x00", [], {}, [[]], [None], {"id": OWNER}, "4711", str(OWNER), [OWNER],
)  # fmt: skip
_OTHER_KINDS = (
    "edited_message", "channel_post", "edited_channel_post", "business_message",
    "edited_business_message", "inline_query", "chosen_inline_result", "poll", "poll_answer",
    "message_reaction", "message_reaction_count", "my_chat_member", "chat_join_request",
    "pre_checkout_query", "shipping_query", "chat_boost", "business_connection",
    "deleted_business_messages", "kind_of_tomorrow",
)  # fmt: skip


@dataclass(frozen=True)
class Fuzzed:
    """An update, and whether its sender may act with it: the owner, directly, unchanged."""

    update: Json
    may_act: bool


class UpdateFuzzer:
    """An endless sequence of updates; the same seed gives the same."""

    def __init__(self, seed: int, now_s: Callable[[], int]) -> None:
        """Args: seed: of everything; now_s: Unix seconds that messages are dated by."""
        self._rng = random.Random(seed)
        self._now_s = now_s
        self._next_id = 1

    def __iter__(self) -> Iterator[Fuzzed]:
        while True:
            yield self._one()

    def _one(self) -> Fuzzed:
        self._next_id += 1
        makers = (self._stranger, self._elsewhere, self._other_kind, self._mutated, self._direct)
        return self._rng.choice(makers)()

    # --- kinds -----------------------------------------------------------------------------------

    def _stranger(self) -> Fuzzed:
        """Somebody else, in their own private chat, or naming the owner's chat as theirs."""
        who = self._rng.choice([1, 666, OWNER - 1, -OWNER, 2**52, int(f"{OWNER}0")])
        chat = self._rng.choice([who, who, who, OWNER])
        return Fuzzed(self._direct_update(who, {"id": chat, "type": "private"}), may_act=False)

    def _elsewhere(self) -> Fuzzed:
        """The owner or somebody else in a group, a channel, or a chat of unknown kind."""
        kind = self._rng.choice(["group", "supergroup", "channel", "sender", "", "PRIVATE", "new"])
        chat = {"id": self._rng.choice([-100_123, OWNER, 1]), "type": kind, "title": "t"}
        who = self._rng.choice([OWNER, OWNER, 666])
        return Fuzzed(self._direct_update(who, chat), may_act=False)

    def _other_kind(self) -> Fuzzed:
        """The owner, but not by a message written now or a button."""
        kind = self._rng.choice(_OTHER_KINDS)
        message = self._message(OWNER, _private(OWNER))
        payload: Json = {
            **message,
            "id": self._rng.choice(["1", "9" * 30]),
            "query": "/panic",
            "offset": "",
            "result_id": "1",
            "user": _user(OWNER),
            "chat": _private(OWNER),
            "old_reaction": [],
            "new_reaction": [],
            "poll_id": "1",
            "option_ids": [],
            "edit_date": self._now_s(),
            "business_connection_id": "b",
            "invoice_payload": "/panic",
            "currency": "XTR",
            "total_amount": 1,
        }
        return Fuzzed({"update_id": self._next_id, kind: payload}, may_act=False)

    def _mutated(self) -> Fuzzed:
        """A stranger's or the owner's update with one field changed, missing or added.

        The owner's may act only if what was changed does not say who speaks, where, and how.
        """
        who = self._rng.choice([OWNER, 666])
        update = copy.deepcopy(self._direct_update(who, _private(who)))
        # The update's own number is Telegram's word; a forged one would silence the fuzzing itself.
        path = self._rng.choice([path for path in _paths(update) if path != ("update_id",)])
        value = self._rng.choice(_JUNK)
        if self._rng.random() < 0.25:
            _remove(update, path)
        else:
            _replace(update, path, value)
        spoken = next((one for one in update.values() if isinstance(one, dict)), {})
        if self._rng.random() < 0.2:
            extra = self._rng.choice(["via_bot", "forward_origin", "sender_chat", "game", "future"])
            spoken[extra] = self._rng.choice(_JUNK)
        return Fuzzed(update, may_act=who == OWNER and _says_the_same(update))

    def _direct(self) -> Fuzzed:
        """The owner in their private chat: anything may come of it but an exception."""
        return Fuzzed(self._direct_update(OWNER, _private(OWNER)), may_act=True)

    # --- parts -----------------------------------------------------------------------------------

    def _direct_update(self, who: int, chat: Json) -> Json:
        if self._rng.random() < 0.5:
            return {"update_id": self._next_id, "message": self._message(who, chat)}
        return {"update_id": self._next_id, "callback_query": self._query(who, chat)}

    def _message(self, who: int, chat: Json) -> Json:
        text = f"/{self._rng.choice(_WORDS)} {self._rng.choice(_ARGUMENTS)}".strip()
        age_s = self._rng.choice([0, 0, 0, 59, 61, 7200, -30, -7200, 10**9])
        return {
            "message_id": self._rng.choice([1, 77, 2**31 - 1]),
            "date": self._now_s() - age_s,
            "chat": chat,
            "from": _user(who),
            "text": self._rng.choice([text, text, text, "hello", "/", "//", " "]),
        }

    def _query(self, who: int, chat: Json) -> Json:
        message = {**self._message(99, chat), "from": {**_user(99), "is_bot": True}}
        query: Json = {
            "id": str(self._rng.randrange(10**18)),
            "from": _user(who),
            "chat_instance": str(self._rng.randrange(10**18)),
            "data": self._rng.choice(_DATA),
            "message": message,
        }
        form = self._rng.random()
        if form < 0.1:
            query["message"] = {"message_id": 5, "date": 0, "chat": chat}  # too old to be shown
        elif form < 0.2:
            del query["message"]
            query["inline_message_id"] = "i"
        return query


def _user(user_id: int) -> Json:
    return {"id": user_id, "is_bot": False, "first_name": "<Ada> &", "username": "ada_\u202e"}


def _private(user_id: int) -> Json:
    return {"id": user_id, "type": "private", "first_name": "Ada"}


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else ()
    for key, inner in items:
        yield (*path, key)
        yield from _paths(inner, (*path, key))


def _holder(update: Json, path: tuple[Any, ...]) -> Json:
    holder = update
    for key in path[:-1]:
        holder = holder[key]
    return holder


def _replace(update: Json, path: tuple[Any, ...], value: Any) -> None:
    _holder(update, path)[path[-1]] = copy.deepcopy(value)


def _remove(update: Json, path: tuple[Any, ...]) -> None:
    del _holder(update, path)[path[-1]]


def _says_the_same(update: Json) -> bool:
    """Whether the raw JSON still says: the owner, in the owner's private chat."""
    message, query = update.get("message"), update.get("callback_query")
    spoken = query if isinstance(query, dict) else message
    if not isinstance(spoken, dict):
        return False
    shown = spoken.get("message") if isinstance(query, dict) else spoken
    who = spoken.get("from")
    chat = shown.get("chat") if isinstance(shown, dict) else None
    return (
        isinstance(who, dict)
        and isinstance(chat, dict)
        and _is(who.get("id"))
        and _is(chat.get("id"))
        and chat.get("type") == "private"
    )


def _is(value: Any) -> bool:
    return type(value) is int and value == OWNER
