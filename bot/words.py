"""The engine's own vocabulary, a word a value, in the operator's language.

Modes and books are not here: they are typed (`/mode paper`), so they read the same everywhere.
"""

from bot.language import N_, _

_REASONS = (
    *(N_("stop"), N_("target"), N_("time"), N_("stagnation"), N_("operator"), N_("breaker")),
    *(N_("unprotected"), N_("delisting"), N_("liquidation"), N_("external")),
)
_RULES = (
    *(N_("signals only"), N_("paused"), N_("not ready"), N_("blind"), N_("stale"), N_("muted")),
    *(N_("not tradable"), N_("liquidity"), N_("spread"), N_("cost"), N_("edge"), N_("size")),
    *(N_("price moved"), N_("busy symbol"), N_("cool down"), N_("max positions")),
    *(N_("total risk"), N_("side risk"), N_("liquidation near"), N_("margin"), N_("first live")),
    N_("approval"),
)
_BREAKERS = (N_("daily loss"), N_("drawdown"), N_("loss streak"), N_("rejects"))
_TOLD = (N_("signals"), N_("fills"), N_("stops"), N_("exits"), N_("changes"), N_("news"))
_LOUDNESS = (N_("on"), N_("silent"), N_("off"))
_PERIODS = (N_("day"), N_("week"), N_("month"), N_("all"))
_COMMANDS = (
    *(N_("pause"), N_("resume"), N_("set mode"), N_("allow negative edge"), N_("set risk")),
    *(N_("set threshold"), N_("close position"), N_("close all"), N_("panic"), N_("mute")),
    *(N_("take signal"), N_("set approval"), N_("break even"), N_("reset breaker")),
)
_VENUES = (N_("embedded exchange"), N_("Binance demo"))
_WORDS = frozenset(
    {
        *_REASONS,
        *_RULES,
        *_BREAKERS,
        *_TOLD,
        *_LOUDNESS,
        *_PERIODS,
        *_COMMANDS,
        *_VENUES,
        N_("unscored"),
    }
)


def word(value: str) -> str:
    """Return a value of the engine as a word; one that is none of its own comes back as it is."""
    text = str(value)  # a plain one, also of an enumeration's member
    return _(text) if text in _WORDS else text


def rule_name(rule: str) -> str:
    """Return a rule of the gate or a breaker in words: `cool_down` reads `cool down`."""
    return word(rule.replace("_", " "))
