"""The checklist before live mode: facts in, one marked line each out.

✗ stands in the way of live mode; ? could not be read and, where that matters, stands in the way as
well; ! should be known; – means nothing at this venue.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.desk_preflight import (
    AccountFacts,
    KeyFacts,
    MarginFacts,
    PreflightFacts,
    StopFacts,
    Unread,
)
from bot.engine_texts import said
from bot.formats import money
from bot.language import _
from bot.words import rule_name, word
from engine.domain.order import Book
from engine.domain.snapshot import BookView, Snapshot

CLOCK_TOLERANCE_S = 0.5
_DEAREST_MINIMUM = Decimal(50)
"""Smallest order of the dearest contract, USDT (BTCUSDT; facts §5)."""
_SIM, _DEMO = "sim", "binance-demo"


class Mark(StrEnum):
    """What a line of the checklist says of its subject."""

    GOOD = "✓"
    WARNING = "!"
    BAD = "✗"
    UNREAD = "?"
    MEANINGLESS = "–"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist; `blocks` forbids live mode."""

    mark: Mark
    text: str
    blocks: bool = False


def _good(text: str) -> Check:
    return Check(Mark.GOOD, text)


def _warning(text: str) -> Check:
    return Check(Mark.WARNING, text)


def _bad(text: str) -> Check:
    return Check(Mark.BAD, text, blocks=True)


def _meaningless(text: str) -> Check:
    return Check(Mark.MEANINGLESS, text)


def _unread(what: str, unread: Unread, *, blocks: bool = True) -> Check:
    text = _("{what}: not known, {reason}", what=what, reason=said(unread.reason))
    return Check(Mark.UNREAD, text, blocks=blocks)


def checklist(
    facts: PreflightFacts, snapshot: Snapshot, *, venue: str, proven: bool
) -> tuple[Check, ...]:
    """Return every line in the order of asking.

    Args:
        facts: what the venue told just now.
        snapshot: what the engine knows.
        venue: the venue in words.
        proven: the model claims an edge after costs.
    """
    return (
        *_reach(facts, venue),
        *_key(facts),
        *_account(facts.account),
        *_balance(facts.wallet, snapshot),
        *_margins(facts.margins),
        *_stops(facts.stops, snapshot),
        *_engine(snapshot),
        _edge(snapshot, proven=proven),
    )


# --- the venue -----------------------------------------------------------------------------------


def _reach(facts: PreflightFacts, venue: str) -> Iterator[Check]:
    reach = facts.reach
    if isinstance(reach, Unread):
        yield _bad(
            _("{venue} does not answer: {reason}", venue=word(venue), reason=said(reach.reason))
        )
        return
    if reach.region_refused:
        yield _bad(_("{venue} does not serve this machine's region (HTTP 451)", venue=word(venue)))
        return
    if facts.venue == _SIM:
        yield _meaningless(_("region and clock: the exchange runs on your own machine"))
        return
    trip = f"{reach.trip_s * 1000:.0f}"
    yield _good(
        _("{venue} answers in {trip} ms and serves this region", venue=word(venue), trip=trip)
    )
    off = f"{abs(reach.behind_s):.1f}"
    if abs(reach.behind_s) <= CLOCK_TOLERANCE_S:
        yield _good(_("clock: {ms} ms off", ms=f"{abs(reach.behind_s) * 1000:.0f}"))
    elif reach.behind_s > 0:
        yield _warning(_("clock: {off} s behind; corrected, but set it by NTP", off=off))
    else:
        yield _warning(_("clock: {off} s ahead; corrected, but set it by NTP", off=off))


def _key(facts: PreflightFacts) -> Iterator[Check]:
    key = facts.key
    if isinstance(key, Unread):
        if facts.venue == _DEMO:
            yield _meaningless(_("key permissions: the demo does not tell them, no money is there"))
        else:
            yield _unread(_("key permissions"), key, blocks=False)
        return
    yield from _may(key)
    if facts.venue == _SIM:
        yield _meaningless(_("key bound to an address: the exchange is open to your machine only"))
    elif key.ip_restricted:
        yield _good(_("key works from named addresses only"))
    else:
        yield _warning(_("key works from any address: bind it to this machine's"))


def _may(key: KeyFacts) -> Iterator[Check]:
    if key.trade:
        yield _good(_("key may trade futures"))
    else:
        yield _bad(_("key may not trade futures: allow it at the venue"))
    if key.withdraw:
        yield _bad(_("key may WITHDRAW: make one that cannot"))
    else:
        yield _good(_("key cannot withdraw"))
    if key.transfer:
        yield _bad(_("key may transfer to other accounts: make one that cannot"))
    if key.universal_transfer:
        yield _warning(_("key may move money between your wallets; it does not need to"))


def _account(account: AccountFacts | Unread) -> Iterator[Check]:
    if isinstance(account, Unread):
        yield _unread(_("position mode"), account)
        return
    if not account.can_trade:
        yield _bad(_("the account may not trade futures"))
    if account.hedge_mode:
        yield _bad(_("hedge mode: choose one-way mode at the venue"))
    if account.multi_assets:
        yield _bad(_("multi-assets mode: choose single-asset mode, isolated margin needs it"))
    if account.can_trade and not account.hedge_mode and not account.multi_assets:
        yield _good(_("account may trade, one-way, single-asset"))


def _balance(wallet: Decimal | Unread, snapshot: Snapshot) -> Iterator[Check]:
    if isinstance(wallet, Unread):
        yield _unread(_("balance"), wallet)
        return
    account = _live(snapshot)
    if account is None or not account.ready:
        yield _bad(_("the engine has not read the account yet"))
    elif wallet <= 0 or account.equity <= 0:
        yield _bad(_("balance {wallet} USDT: there is nothing to trade with", wallet=money(wallet)))
    elif (most := account.equity * (snapshot.position_cap or 1)) < _DEAREST_MINIMUM:
        yield _warning(
            _(
                "balance {wallet} USDT: a position is {most} at most, less than some symbols' "
                "smallest order",
                wallet=money(wallet),
                most=money(most),
            )
        )
    else:
        yield _good(
            _(
                "balance {wallet} USDT, equity {equity}",
                wallet=money(wallet),
                equity=money(account.equity),
            )
        )


def _margins(margins: MarginFacts | Unread) -> Iterator[Check]:
    if isinstance(margins, Unread):
        yield _unread(_("isolated margin and leverage"), margins)
        return
    text = _(
        "isolated margin, leverage up to {leverage}: {ready} of {scanned} symbols",
        leverage=margins.leverage,
        ready=f"{margins.ready:,}",
        scanned=f"{margins.scanned:,}",
    )
    if margins.ready == 0:
        yield _bad(text)
    elif margins.ready < margins.scanned:
        yield _warning(_("{text}; the others are not entered", text=text))
    else:
        yield _good(text)


def _stops(stops: StopFacts, snapshot: Snapshot) -> Iterator[Check]:
    if isinstance(stops.resting, Unread):
        yield _unread(_("the service that keeps stops"), stops.resting)
        return
    yield _good(_("the service that keeps stops answers ({count} resting)", count=stops.resting))
    if stops.hears:
        yield _good(_("confirmations arrive (user data stream)"))
    else:
        yield _bad(_("the user data stream, which confirms stops, is down: wait a minute"))
    if not stops.fast:
        yield _warning(_("orders go over REST, which is slower, until the order channel is back"))
    bare = [p.symbol for p in snapshot.positions if not p.protected]
    if bare:
        yield _bad(_("without a confirmed stop: {symbols}", symbols=", ".join(bare[:5])))


# --- the engine ----------------------------------------------------------------------------------


def _engine(snapshot: Snapshot) -> Iterable[Check]:
    account = _live(snapshot)
    blind = len(snapshot.blind)
    if account is not None and account.unknown:
        yield _bad(_("orders with an unknown outcome: {count}", count=account.unknown))
    if account is not None and account.breakers:
        names = ", ".join(rule_name(name) for name in account.breakers)
        yield _bad(_("breaker tripped: {names}. /resetbreakers lifts it", names=names))
    if not snapshot.ready:
        yield _bad(_("the bot is still loading"))
    elif 10 * blind > snapshot.symbols:
        yield _bad(_("{blind} of {all} symbols are blind", blind=blind, all=snapshot.symbols))
    else:
        yield _good(_("scanner sees {count} symbols", count=snapshot.symbols - blind))


def _edge(snapshot: Snapshot, *, proven: bool) -> Check:
    if proven:
        return _good(_("model shows an edge after costs"))
    if snapshot.allow_negative_edge:
        return _warning(_("no proven edge, and entries are allowed without: see /edge"))
    return _warning(_("no proven edge: live entries will be refused, see /edge"))


def _live(snapshot: Snapshot) -> BookView | None:
    return next((view for view in snapshot.books if view.book is Book.LIVE), None)
