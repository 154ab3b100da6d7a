"""Client order ids."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.ids import client_order_id, parse_client_order_id, trade_digest
from engine.domain.order import Purpose

VENUE_PATTERN = re.compile(r"^[\.A-Z\:/a-z0-9_-]{1,36}$")


@given(
    st.integers(0, 36**5), st.sampled_from(list(Purpose)), st.text(max_size=80), st.integers(0, 999)
)
def test_id_when_made_is_accepted_by_the_venue_and_read_back(epoch, purpose, key, attempt):
    client_id = client_order_id(epoch, purpose, key, attempt)
    parts = parse_client_order_id(client_id)

    assert VENUE_PATTERN.match(client_id)
    assert parts is not None
    assert (parts.epoch, parts.purpose, parts.attempt) == (epoch, purpose, attempt)
    assert parts.digest == trade_digest(key)


def test_ids_when_epoch_purpose_key_or_attempt_differ_are_different():
    ids = {
        client_order_id(epoch, purpose, key, attempt)
        for epoch in range(3)
        for purpose in Purpose
        for key in ("a", "b", "paper:a")
        for attempt in range(40)
    }
    assert len(ids) == 3 * 4 * 3 * 40


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "web_1",
        "autoclose-123",
        "smc-E-x-0",
        "smc1-Q-aaaaaaaaaaaaaa-0",
        "smc!-E-aaaaaaaaaaaaaa-0",
        "smc1-E-short-0",
        "x-smc1-E-aaaaaaaaaaaaaa",
    ],
)
def test_id_when_foreign_is_not_ours(foreign):
    assert parse_client_order_id(foreign) is None


@pytest.mark.parametrize(("epoch", "attempt"), [(-1, 0), (0, -1)])
def test_id_when_numbers_are_negative_is_refused(epoch, attempt):
    with pytest.raises(ValueError, match="negative"):
        client_order_id(epoch, Purpose.STOP, "k", attempt)


def test_id_when_too_long_is_refused():
    with pytest.raises(ValueError, match="36"):
        client_order_id(36**20, Purpose.STOP, "k", 0)
