"""The operator over HTTP: writes, presses and reads the way the page does, nothing in-process."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession

Item = dict[str, Any]
ANSWER_WITHIN_S = 20.0
_LINGER_S = 0.6
"""Loop time in which whatever else an action causes must show; costs nothing on an idle loop."""


@dataclass(frozen=True)
class Reaction:
    """What came of a press: the line over the chat, and messages that changed or are new."""

    toast: str | None
    changed: tuple[Item, ...]

    @property
    def item(self) -> Item:
        """The one message it changed or made."""
        assert len(self.changed) == 1, self
        return self.changed[0]

    @property
    def text(self) -> str:
        """The text of that message."""
        return str(self.item["text"])


class Operator:
    """A mirror of the chat, kept up by asking for changes."""

    def __init__(self, http: ClientSession, base_url: str, token: str) -> None:
        self._http = http
        self._base = base_url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._run, self._revision = "", 0
        self.items: dict[int, Item] = {}
        self.answers: dict[str, str] = {}
        self.edits = 0

    @property
    def heard(self) -> list[Item]:
        """What the bot wrote, as it reads now, oldest first."""
        return [item for item in self.items.values() if item["from"] == "bot"]

    @property
    def texts(self) -> list[str]:
        """The texts of `heard`."""
        return [item["text"] for item in self.heard]

    async def get(self, path: str) -> Any:
        """GET on the operator's side."""
        async with self._http.get(self._base + path, headers=self._headers) as reply:
            assert reply.status == 200, await reply.text()
            return await reply.json()

    async def post(self, path: str, body: object) -> Any:
        """POST on the operator's side."""
        async with self._http.post(self._base + path, json=body, headers=self._headers) as reply:
            assert reply.status == 200, await reply.text()
            return await reply.json()

    async def look(self, wait_s: int = 0) -> list[Item]:
        """Catch up; returns the bot's messages that are new or changed."""
        query = f"/api/changes?since={self._revision}&run={self._run}&wait={wait_s}"
        told = await self.get(query)
        if told["reset"]:
            self.items.clear()
        self._run, self._revision = told["run"], told["revision"]
        changed = [item for item in told["messages"] if item["from"] == "bot"]
        self.edits += sum(item["id"] in self.items for item in changed)
        self.items |= {item["id"]: item for item in told["messages"]}
        for note in told["notes"]:
            if note["kind"] == "answer":
                self.answers[note["value"]["press_id"]] = note["value"]["text"] or ""
        return changed

    async def until(
        self, condition: Callable[[], object], within_s: float = ANSWER_WITHIN_S, what: str = ""
    ) -> Any:
        """Catch up until something is true; returns it."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within_s
        while not (value := condition()):
            assert loop.time() < deadline, f"waited in vain for {what}; heard {self.texts[-8:]}"
            await self.look(1)
        return value

    async def settle(self, seconds: float = _LINGER_S) -> list[Item]:
        """Let some time pass; returns what the bot changed meanwhile."""
        await asyncio.sleep(seconds)
        return await self.look()

    async def write(self, text: str) -> int:
        """Write, and wait for nothing; returns the message's id."""
        return int((await self.post("/api/messages", {"text": text}))["id"])

    async def say(self, text: str, within_s: float = ANSWER_WITHIN_S) -> Item:
        """Write, and return the bot's next message."""
        mine = await self.write(text)
        await self.until(lambda: self._after(mine), within_s, f"an answer to {text!r}")
        return self._after(mine)[0]

    async def tell(self, text: str) -> str:
        """Write, and return the text of the answer."""
        return str((await self.say(text))["text"])

    async def press(self, item: Item, label: str, *, within_s: float = ANSWER_WITHIN_S) -> Reaction:
        """Press a button by a part of its label, and return what comes of it."""
        return await self.press_data(item, button(item, label), within_s=within_s)

    async def press_data(
        self, item: Item, data: str, *, within_s: float = ANSWER_WITHIN_S
    ) -> Reaction:
        """Press a button by its data."""
        pressed = {"message_id": item["id"], "data": data}
        press_id = (await self.post("/api/press", pressed))["press_id"]
        return await self.reaction(press_id, within_s)

    async def reaction(self, press_id: str, within_s: float = ANSWER_WITHIN_S) -> Reaction:
        """Return what comes of a press."""
        before = self._revision
        await self.until(lambda: press_id in self.answers, within_s, f"the end of press {press_id}")
        await self.settle()
        changed = tuple(item for item in self.heard if item["revision"] > before)
        return Reaction(self.answers[press_id] or None, changed)

    def _after(self, message_id: int) -> list[Item]:
        return [item for item in self.heard if item["id"] > message_id]


def labels(item: Item) -> list[str]:
    """Return the labels of a message's buttons."""
    return [one["text"] for row in item["buttons"] for one in row]


def button(item: Item, label: str) -> str:
    """Return the data of a message's button by a part of its label."""
    found = [one["data"] for row in item["buttons"] for one in row if label in one["text"]]
    assert found, f"no button {label!r} among {labels(item)}"
    return str(found[0])
