"""Reading request parameters the way the venue does: texts in, values or its refusals out."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from engine.exchange.sim.errors import ApiError, refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_DECIMAL_RANGE: Final = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
_DECIMAL: Final = re.compile(_DECIMAL_RANGE)
_CLIENT_ID: Final = re.compile(r"^[\.A-Z\:/a-z0-9_-]{1,36}$")
_INTEGER: Final = re.compile(r"^[0-9]{1,18}$")
_FLAGS: Final = {"true": True, "false": False}


class Params:
    """The parameters of one request; an empty value counts as malformed, as on the venue."""

    def __init__(self, raw: Mapping[str, str]) -> None:
        """Wrap the mapping; parameters nobody reads are ignored, as the venue does."""
        self._raw = raw

    def has(self, name: str) -> bool:
        """Tell whether the parameter was sent at all."""
        return name in self._raw

    def optional(self, name: str) -> str | None:
        """Return the text, None when not sent. Refuses an empty one with -1102."""
        if name not in self._raw:
            return None
        value = str(self._raw[name])
        if not value:
            raise refusal(-1102, name)
        return value

    def text(self, name: str) -> str:
        """Return the text of a mandatory parameter, or refuse with -1102."""
        value = self.optional(name)
        if value is None:
            raise refusal(-1102, name)
        return value

    def forbid(self, name: str) -> None:
        """Refuse with -1106 when a parameter was sent that the request must not carry."""
        if name in self._raw:
            raise refusal(-1106, name)

    def optional_decimal(self, name: str) -> Decimal | None:
        """Return a plain decimal number; exponent form, signs and words are refused with -1100."""
        value = self.optional(name)
        if value is None:
            return None
        if not _DECIMAL.match(value):
            raise refusal(-1100, name, _DECIMAL_RANGE)
        return Decimal(value)

    def decimal(self, name: str) -> Decimal:
        """Return the number of a mandatory parameter, or refuse with -1102 or -1100."""
        value = self.optional_decimal(name)
        if value is None:
            raise refusal(-1102, name)
        return value

    def optional_integer(self, name: str) -> int | None:
        """Return a non-negative whole number, or refuse with -1130."""
        value = self.optional(name)
        if value is None:
            return None
        if not _INTEGER.match(value):
            raise refusal(-1130, name)
        return int(value)

    def integer(self, name: str) -> int:
        """Return the whole number of a mandatory parameter, or refuse with -1102 or -1130."""
        value = self.optional_integer(name)
        if value is None:
            raise refusal(-1102, name)
        return value

    def limit(self, default: int, highest: int) -> int:
        """Return `limit`, its default when not sent; outside 1..highest refuses with -1130."""
        value = self.optional_integer("limit")
        if value is None:
            return default
        if not 1 <= value <= highest:
            raise refusal(-1130, "limit")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean written as true or false in any case, or refuse with -1130."""
        value = self.optional(name)
        if value is None:
            return default
        if value.lower() not in _FLAGS:
            raise refusal(-1130, name)
        return _FLAGS[value.lower()]

    def choice(self, name: str, allowed: Collection[str], default: str, code: int = -1130) -> str:
        """Return one of the allowed words, the default when not sent, or refuse with `code`."""
        value = self.optional(name)
        if value is None:
            return default
        if value not in allowed:
            raise refusal(code, name if code in {-1130, -1106} else value)
        return value

    def client_id(self, name: str) -> str | None:
        """Return a client id, None when not sent; one the venue would not take gives -4015."""
        value = self.optional(name)
        if value is not None and not _CLIENT_ID.match(value):
            raise refusal(-4015)
        return value

    def order_key(self, id_name: str, client_name: str) -> tuple[int | None, str | None]:
        """Return the two ways to name an order, or refuse with -1102 when neither was sent."""
        order_id, client_id = self.optional_integer(id_name), self.optional(client_name)
        if order_id is None and client_id is None:
            message = (
                f"Param '{client_name}' or '{id_name}' must be sent, but both were empty/null!"
            )
            raise ApiError(-1102, message)
        return order_id, client_id

    def window(self, now_ms: int, longest_days: int) -> tuple[int, int]:
        """Return the [start, end] of a history request in ms, the last `longest_days` by default.

        Refuses with -1023 when reversed and -4165 when longer than allowed.
        """
        span = longest_days * 86_400_000
        start, end = self.optional_integer("startTime"), self.optional_integer("endTime")
        if start is None:
            end = now_ms if end is None else end
            return end - span, end
        end = min(start + span, now_ms) if end is None else end
        if start > end and self.has("endTime"):
            raise refusal(-1023)
        if end - start > span:
            raise refusal(-4165, longest_days)
        return start, end
