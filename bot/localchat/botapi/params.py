"""Parameters of one Bot API call: query string, form, JSON or multipart, read the same way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from bot.localchat.errors import BotApiError, bad_request

MAX_BODY_BYTES: Final = 50 * 1024 * 1024
_ATTACHED: Final = "attach://"
_TRUE: Final = frozenset({"true", "1", "yes"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the call."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Params:
    """Values by name; text as sent, or JSON values when the body was JSON."""

    values: Mapping[str, object] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """The value as text."""
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str) -> int | None:
        """The value as an integer; None when it is absent or not one."""
        try:
            return int(self.text(name))
        except ValueError:
            return None

    def flag(self, name: str) -> bool:
        """The value as a boolean, false when absent."""
        return self.text(name).lower() in _TRUE

    def json(self, name: str) -> object:
        """The value as JSON; None when absent.

        Raises:
            BotApiError: 400 when it is not JSON.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            parsed: object = json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None
        return parsed

    def upload(self, name: str) -> Upload | None:
        """The file for a parameter: sent under its name, or pointed at with `attach://`."""
        return self.uploads.get(name) or self.attached(self.text(name))

    def attached(self, reference: str) -> Upload | None:
        """The file behind `attach://<name>`.

        Raises:
            BotApiError: 400 when it points at a file that did not come.
        """
        if not reference.startswith(_ATTACHED):
            return None
        upload = self.uploads.get(reference.removeprefix(_ATTACHED))
        if upload is None:
            raise bad_request("attached file not found")
        return upload


async def read_params(request: web.Request) -> Params:
    """Read a call's parameters; the body wins over the query string.

    Raises:
        BotApiError: 400 when the body is not what it says, 413 beyond 50 MB.
    """
    values: dict[str, object] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        values |= await _read_json(request)
    elif request.content_type == "multipart/form-data":
        try:
            await _read_multipart(request, values, uploads)
        except (ValueError, HttpProcessingError):
            raise bad_request("can't parse multipart body") from None
    elif request.content_type == "application/x-www-form-urlencoded":
        values |= dict(await request.post())
    return Params(values, uploads)


async def _read_json(request: web.Request) -> dict[str, object]:
    try:
        parsed = await request.json()
    except ValueError:
        raise bad_request("can't parse request JSON body") from None
    if not isinstance(parsed, dict):
        raise bad_request("request body must be a JSON object")
    return parsed


async def _read_multipart(
    request: web.Request, values: dict[str, object], uploads: dict[str, Upload]
) -> None:
    # request.post() would spool files through a thread; parts are read here, on the loop.
    room = MAX_BODY_BYTES
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise bad_request("nested multipart bodies are not supported")
        data = await _read_part(part, room)
        room -= len(data)
        if part.filename is not None:
            uploads[part.name] = Upload(part.filename, data)
        else:
            values[part.name] = data.decode("utf-8", "replace")


async def _read_part(part: BodyPartReader, room: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        data += chunk
        if len(data) > room:
            raise BotApiError(413, "Request Entity Too Large")
    return bytes(data)
