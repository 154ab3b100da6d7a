"""The embedded exchange's state on disk: one JSON file, replaced as a whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from engine.exchange.sim.errors import SimError

FORMAT: Final = 1
FILE_NAME: Final = "sim_state.json"


class StateFileError(SimError):
    """The saved state cannot be used; the message says why and what helps."""


class StateFile:
    """Reads and replaces `sim_state.json` in a folder.

    A reader sees the old file or the new one, never a part. `made_with` names what the market was
    built from: a state saved by other options would continue another world and is refused.
    """

    def __init__(self, folder: Path, made_with: Mapping[str, Any]) -> None:
        """Use `folder`, which is made when the first state is written."""
        self.path = folder / FILE_NAME
        self._made_with = dict(made_with)

    def read(self) -> dict[str, Any] | None:
        """Return the saved `{"market", "exchange"}`, None when there is none.

        Raises:
            StateFileError: the file is broken, of another format, or made with other options.
        """
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            state = orjson.loads(text)
            found, made_with = state["format"], state["made_with"]
            saved: dict[str, Any] = {name: state[name] for name in ("market", "exchange")}
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise StateFileError(f"{self.path} is broken; start with --fresh") from error
        if found != FORMAT:
            raise StateFileError(
                f"{self.path} has format {found}, this version reads {FORMAT}; start with --fresh"
            )
        if made_with != self._made_with:
            raise StateFileError(
                f"the market kept in {self.path.parent} was made with {_words(made_with)}, not "
                f"with {_words(self._made_with)}: start with the same options or with --fresh"
            )
        return saved

    def write(self, market: Mapping[str, Any], exchange: Mapping[str, Any]) -> None:
        """Replace the file with this state, on disk before the old one is gone.

        Raises:
            OSError: the folder cannot be written.
        """
        body = orjson.dumps(
            {
                "format": FORMAT,
                "made_with": self._made_with,
                "market": market,
                "exchange": exchange,
            },
            option=orjson.OPT_SERIALIZE_NUMPY,
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".tmp")
        with beside.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    def discard(self) -> None:
        """Remove the saved state, if any."""
        self.path.unlink(missing_ok=True)


def _words(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in options.items() if value) or "defaults"
