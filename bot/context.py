"""What a handler is given and what it gives back; nothing here knows python-telegram-bot."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.callbacks import Nonces
from bot.desk import ChartData, Desk
from bot.language import ENGLISH
from bot.preferences import PreferenceBook
from engine.ports import Clock


class Role(StrEnum):
    """What a person may do: a viewer looks, an owner also acts."""

    OWNER = "owner"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramConfig:
    """Who may talk to the bot, through which server, and what it says of itself.

    Attributes:
        token: the bot's token; never shown.
        base_url: Bot API server without the token, None for Telegram's own.
        base_file_url: the same for files.
        owners: numeric user ids that may act. Empty means nobody.
        viewers: numeric user ids that may look.
        chat_id: the only chat answered and the one notices go to; None: the first owner's.
        zone: the operator's time zone until another one is chosen.
        digest_hour: hour of that zone at which the daily digest is sent, None for no digest.
        language: code of the chat's language until the operator chooses another one.
        venue: the venue in words, e.g. `Binance`.
        real_money: orders of live mode cost real money.
        local: the chat is the local page.
        allow_live: live mode with real money may be switched on from the local page.
    """

    token: str = field(repr=False)
    owners: frozenset[int]
    viewers: frozenset[int] = frozenset()
    base_url: str | None = None
    base_file_url: str | None = None
    chat_id: int | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    digest_hour: int | None = 20
    language: str = ENGLISH
    venue: str = "embedded exchange"
    real_money: bool = False
    local: bool = False
    allow_live: bool = False

    @property
    def bot_id(self) -> str:
        """The public part of the token."""
        return self.token.partition(":")[0]

    @property
    def home(self) -> int | None:
        """The chat notices go to; a private chat has its user's id. None without an owner."""
        return self.chat_id or min(self.owners, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One command or button press of a person who may speak.

    `command_id` comes from the update id, so that a redelivered update cannot act twice.
    `late` marks a command that was written more than 60 s ago, and a press that waited at
    Telegram while nobody listened.
    """

    command_id: str
    user_id: int
    user: str
    role: Role
    args: tuple[str, ...] = ()
    pressed: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button; `data` is at most 64 bytes."""

    label: str
    data: str


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a handler wants said, in HTML.

    Attributes:
        text: the message; the caption when there is a picture.
        keyboard: rows of buttons.
        picture: PNG bytes.
        replace: turn the message the button sits on into this one, if a button was pressed.
        toast: a short plain line over the chat, for button presses.
        buttons: new buttons of the message the pressed one sits on; its content stays.
        live: keep the message fresh by calling this every 10 s.
    """

    text: str = ""
    keyboard: Keyboard = ()
    picture: bytes | None = None
    replace: bool = True
    toast: str = ""
    buttons: Keyboard | None = None
    live: Callable[[], "Answer"] | None = None


class Answered:
    """The newest command ids whose receipts are shown in the chat. Bounded."""

    def __init__(self, limit: int = 500) -> None:
        self._ids: dict[str, None] = {}
        self._limit = limit

    def __contains__(self, command_id: object) -> bool:
        return command_id in self._ids

    def add(self, command_id: str) -> None:
        """Expect the receipt to be shown."""
        self._ids[command_id] = None
        if len(self._ids) > self._limit:
            del self._ids[next(iter(self._ids))]

    def discard(self, command_id: str) -> None:
        """The receipt did not come; what happens must be told otherwise."""
        self._ids.pop(command_id, None)


Draw = Callable[[ChartData], Awaitable[bytes | None]]
Curves = Mapping[str, tuple[tuple[int, float], ...]]
DrawEquity = Callable[[Curves], Awaitable[bytes | None]]


@dataclass(frozen=True, slots=True)
class Front:
    """Everything handlers work with."""

    desk: Desk
    clock: Clock
    config: TelegramConfig
    nonces: Nonces
    answered: Answered
    draw: Draw
    draw_equity: DrawEquity
    meters: Callable[[], tuple[tuple[str, str], ...]]
    preferences: PreferenceBook

    @property
    def zone(self) -> ZoneInfo:
        """The operator's time zone: the chosen one, else the one of the settings."""
        chosen = self.preferences.current.zone
        return self.config.zone if chosen is None else ZoneInfo(chosen)

    @property
    def language(self) -> str:
        """The code of the operator's language."""
        return self.preferences.current.language

    def symbols(self) -> tuple[str, ...]:
        """Every symbol a person can mean: what is scanned and what is held."""
        scanned = (symbol for symbol, _ in self.desk.universe().scanned)
        held = (position.symbol for position in self.desk.snapshot().positions)
        return tuple(dict.fromkeys((*scanned, *held)))


Handler = Callable[[Call, Front], Awaitable[Answer]]
