from decimal import Decimal
from typing import Any

import pytest

from engine.domain.errors import VenueRejected, VenueUnreachable
from engine.exchange.binance import endpoints as rest_calls
from engine.exchange.binance.margin_desk import MarginDesk
from tests.engine.exchange.binance import frames
from tests.engine.exchange.binance.fakes import FakeRest, Sequence
from tests.engine.exchange.binance.virtual import START_MS


class _Clock:
    speed = 1.0
    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def exchange_ms(self) -> int:
        return START_MS


def config(symbol: str, margin: str, leverage: int) -> dict[str, Any]:
    return {"symbol": symbol, "marginType": margin, "leverage": leverage}


def answers(*configs: Any, **changes: Any) -> dict[Any, Any]:
    return {
        rest_calls.SYMBOL_CONFIG: Sequence(configs),
        rest_calls.LEVERAGE_BRACKETS: frames.BRACKETS,
        rest_calls.COMMISSION_RATE: frames.COMMISSION,
        rest_calls.SET_MARGIN_TYPE: changes.get("margin", {"code": 200, "msg": "success"}),
        rest_calls.SET_LEVERAGE: changes.get("leverage", {"leverage": 10, "symbol": "BTCUSDT"}),
    }


def _desk(rest: FakeRest) -> tuple[MarginDesk, _Clock]:
    clock = _Clock()
    return MarginDesk(rest, clock), clock  # type: ignore[arg-type]


ALL_GOOD = [config("BTCUSDT", "ISOLATED", 10), config("ETHUSDT", "ISOLATED", 8)]
WRONG = [config("BTCUSDT", "CROSSED", 20), config("ETHUSDT", "ISOLATED", 8)]
READ_BACK = [config("BTCUSDT", "ISOLATED", 10)]


async def test_prepare_when_already_right_changes_nothing_and_reads_all_symbols_once() -> None:
    rest = FakeRest(answers(ALL_GOOD))
    desk, _ = _desk(rest)
    setup = await desk.prepare("BTCUSDT", 10)
    await desk.prepare("ETHUSDT", 8)
    assert (setup.leverage, setup.isolated, setup.max_leverage) == (10, True, 125)
    assert setup.maintenance_ratio == Decimal("0.004")
    assert (setup.taker_fee, setup.maker_fee) == (Decimal("0.0005"), Decimal("0.0002"))
    assert sum(rest.counted.values()) == 3


async def test_prepare_when_wrong_sets_both_and_reads_back() -> None:
    rest = FakeRest(answers(WRONG, READ_BACK))
    setup = await _desk(rest)[0].prepare("BTCUSDT", 10)
    assert (setup.leverage, setup.isolated) == (10, True)
    sent = dict(rest.calls)
    assert sent[rest_calls.SET_MARGIN_TYPE] == {"symbol": "BTCUSDT", "marginType": "ISOLATED"}
    assert sent[rest_calls.SET_LEVERAGE] == {"symbol": "BTCUSDT", "leverage": 10}
    assert rest.calls[-1] == (rest_calls.SYMBOL_CONFIG, {"symbol": "BTCUSDT"})


async def test_prepare_when_the_bracket_allows_less_takes_its_most() -> None:
    rest = FakeRest(answers(ALL_GOOD))
    setup = await _desk(rest)[0].prepare("ETHUSDT", 10)
    assert (setup.leverage, setup.max_leverage) == (8, 8)


async def test_prepare_when_already_set_meanwhile_counts_as_success() -> None:
    refusal = VenueRejected(-4046, "No need to change margin type.")
    rest = FakeRest(answers(WRONG, READ_BACK, margin=refusal))
    assert (await _desk(rest)[0].prepare("BTCUSDT", 10)).isolated


@pytest.mark.parametrize("code", [-4047, -4048])
async def test_prepare_when_blocked_by_a_position_tells_what_the_venue_has(code: int) -> None:
    still = [config("BTCUSDT", "CROSSED", 10)]
    rest = FakeRest(answers(WRONG, still, margin=VenueRejected(code, "blocked")))
    assert not (await _desk(rest)[0].prepare("BTCUSDT", 10)).isolated


async def test_prepare_when_refused_otherwise_raises() -> None:
    rest = FakeRest(answers(WRONG, READ_BACK, leverage=VenueRejected(-4028, "Leverage 10")))
    with pytest.raises(VenueRejected, match="-4028"):
        await _desk(rest)[0].prepare("BTCUSDT", 10)


async def test_prepare_when_somebody_changed_the_symbol_reads_it_again() -> None:
    rest = FakeRest(answers(ALL_GOOD, [config("BTCUSDT", "ISOLATED", 50)], READ_BACK))
    desk, _ = _desk(rest)
    await desk.prepare("BTCUSDT", 10)
    desk.forget("BTCUSDT")
    assert (await desk.prepare("BTCUSDT", 10)).leverage == 10
    assert rest.counted[rest_calls.SET_LEVERAGE] == 1


async def test_prepare_when_the_account_changed_or_time_passed_reads_all_again() -> None:
    rest = FakeRest(answers(ALL_GOOD))
    desk, clock = _desk(rest)
    desk.forget("")
    await desk.prepare("BTCUSDT", 10)
    desk.forget("")
    await desk.prepare("BTCUSDT", 10)
    clock.now = 601.0
    await desk.prepare("BTCUSDT", 10)
    assert rest.counted[rest_calls.LEVERAGE_BRACKETS] == 3
    assert rest.counted[rest_calls.COMMISSION_RATE] == 1


async def test_prepare_when_the_venue_does_not_know_the_symbol_is_rejected() -> None:
    desk, _ = _desk(FakeRest(answers(ALL_GOOD)))
    with pytest.raises(VenueRejected, match="NOPEUSDT"):
        await desk.prepare("NOPEUSDT", 10)
    desk, _ = _desk(FakeRest(answers([], [])))
    with pytest.raises(VenueRejected, match="margin settings"):
        await desk.prepare("BTCUSDT", 10)


async def test_prepare_when_leverage_is_below_one_refuses() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        await _desk(FakeRest())[0].prepare("BTCUSDT", 0)


@pytest.mark.parametrize("endpoint", [rest_calls.SYMBOL_CONFIG, rest_calls.COMMISSION_RATE])
async def test_prepare_when_a_reply_is_unreadable_is_unreachable(endpoint: Any) -> None:
    rest = FakeRest({**answers(ALL_GOOD), endpoint: {"surprise": 1}})
    with pytest.raises(VenueUnreachable, match="unreadable"):
        await _desk(rest)[0].prepare("BTCUSDT", 10)
