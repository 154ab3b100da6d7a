"""The checklist: every fact, good, bad, unread and meaningless."""

from decimal import Decimal
from typing import Any

import pytest

from bot.desk_preflight import (
    AccountFacts,
    KeyFacts,
    MarginFacts,
    PreflightFacts,
    ReachFacts,
    StopFacts,
    Unread,
)
from bot.views.preflight import Check, Mark, checklist
from engine.domain.order import Book
from tests.bot.fake_desk import book, position, preflight_facts, snapshot
from tests.builders import d

SILENT = Unread("no answer within 5 s")


def checks(
    facts: PreflightFacts | None = None, *, proven: bool = True, **state: Any
) -> tuple[Check, ...]:
    values = {"books": (book(Book.LIVE),), "position_cap": Decimal(1)} | state
    return checklist(facts or preflight_facts(), snapshot(**values), venue="Binance", proven=proven)


def about(found: tuple[Check, ...], words: str) -> Check:
    (one,) = [check for check in found if words in check.text]
    return one


def key(**fields: bool) -> KeyFacts:
    may = {
        "trade": True,
        "withdraw": False,
        "transfer": False,
        "universal_transfer": False,
        "ip_restricted": True,
    }
    return KeyFacts(**(may | fields))


def account(**fields: bool) -> AccountFacts:
    settings = {"can_trade": True, "hedge_mode": False, "multi_assets": False}
    return AccountFacts(**(settings | fields))


def test_checklist_when_all_is_well_is_all_good_and_leaves_nothing_unsaid():
    found = checks()

    assert {check.mark for check in found} == {Mark.GOOD}
    said = " ".join(check.text for check in found)
    for subject in ("region", "clock", "trade", "withdraw", "one-way", "balance", "isolated"):
        assert subject in said
    assert "edge" in said
    assert "stops" in said


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("reach", ReachFacts(region_refused=True), "HTTP 451"),
        ("reach", Unread("connection refused"), "does not answer: connection refused"),
        ("key", key(trade=False), "may not trade futures"),
        ("key", key(withdraw=True), "may WITHDRAW"),
        ("key", key(transfer=True), "transfer to other accounts"),
        ("account", account(hedge_mode=True), "hedge mode"),
        ("account", account(multi_assets=True), "multi-assets"),
        ("account", account(can_trade=False), "account may not trade"),
        ("wallet", Decimal(0), "nothing to trade with"),
        ("margins", MarginFacts(ready=0, scanned=530, leverage=10), "0 of 530"),
        ("stops", StopFacts(resting=0, hears=False, fast=True), "user data stream"),
    ],
)
def test_checklist_when_something_is_wrong_names_it_and_blocks(
    field: str, value: object, words: str
):
    found = about(checks(preflight_facts(**{field: value})), words)

    assert (found.mark, found.blocks) == (Mark.BAD, True)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("reach", ReachFacts(behind_s=1.24), "1.2 s behind"),
        ("reach", ReachFacts(behind_s=-3.0), "3.0 s ahead"),
        ("key", key(ip_restricted=False), "any address"),
        ("key", key(universal_transfer=True), "between your wallets"),
        ("margins", MarginFacts(ready=500, scanned=530, leverage=10), "the others are not entered"),
        ("stops", StopFacts(resting=0, hears=True, fast=False), "over REST"),
    ],
)
def test_checklist_when_something_should_be_known_warns_and_does_not_block(
    field: str, value: object, words: str
):
    found = checks(preflight_facts(**{field: value}))

    assert about(found, words).mark is Mark.WARNING
    assert not any(check.blocks for check in found)


@pytest.mark.parametrize(
    ("field", "value", "blocks"),
    [
        ("key", SILENT, False),
        ("account", SILENT, True),
        ("wallet", SILENT, True),
        ("margins", SILENT, True),
        ("stops", StopFacts(resting=SILENT, hears=True, fast=True), True),
    ],
)
def test_checklist_when_a_fact_is_unread_tells_the_reason(field: str, value: object, blocks: bool):
    found = about(checks(preflight_facts(**{field: value})), "no answer within 5 s")

    assert (found.mark, found.blocks) == (Mark.UNREAD, blocks)


def test_checklist_when_on_the_embedded_exchange_says_what_means_nothing():
    found = checks(preflight_facts(venue="sim", key=key(ip_restricted=False)))

    meaningless = [check.text for check in found if check.mark is Mark.MEANINGLESS]
    assert len(meaningless) == 2
    assert not any(check.mark in {Mark.UNREAD, Mark.WARNING} for check in found)


def test_checklist_when_on_the_demo_does_not_ask_for_key_permissions():
    found = checks(preflight_facts(venue="binance-demo", key=Unread("404: no wallet API")))

    assert about(found, "key permissions").mark is Mark.MEANINGLESS


def test_checklist_when_the_balance_is_small_says_what_it_buys():
    small = book(Book.LIVE, equity=d(20))
    found = about(checks(books=(small,), position_cap=Decimal(1)), "smallest order")

    assert found.mark is Mark.WARNING
    assert "20.00 at most" in found.text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"ready": False}, "still loading"),
        ({"blind": frozenset(str(i) for i in range(60))}, "60 of 530"),
        ({"books": (book(Book.LIVE, ready=False),)}, "not read the account"),
        ({"books": (book(Book.LIVE, unknown=2),)}, "unknown outcome: 2"),
        ({"books": (book(Book.LIVE, breakers=("drawdown",)),)}, "drawdown"),
        ({"positions": (position(protected=False),)}, "BTCUSDT"),
    ],
)
def test_checklist_when_the_engine_is_not_ready_blocks(state: dict[str, Any], words: str):
    assert about(checks(**state), words).blocks


@pytest.mark.parametrize(
    ("allowed", "words"), [(False, "will be refused"), (True, "are allowed without")]
)
def test_checklist_when_no_edge_is_proven_warns_with_what_follows(allowed: bool, words: str):
    found = about(checks(proven=False, allow_negative_edge=allowed), "edge")

    assert found.mark is Mark.WARNING
    assert words in found.text
