"""Listen keys live an hour from the last extension and belong to one account."""

import random

import pytest

from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.wire.listen_keys import LIFE_S, ListenKeys


@pytest.fixture
def keys() -> ListenKeys:
    return ListenKeys(random.Random(3))


def test_start_when_a_key_lives_returns_the_same_and_extends_it(keys: ListenKeys) -> None:
    first = keys.start("alice", 0.0)

    assert keys.start("alice", 1800.0) == first
    assert keys.expire_due(LIFE_S) == []
    assert keys.expire_due(1800.0 + LIFE_S) == [first]


def test_start_when_accounts_differ_gives_different_keys(keys: ListenKeys) -> None:
    mine, yours = keys.start("alice", 0.0), keys.start("bob", 0.0)

    assert mine != yours
    assert len(mine) == 64
    assert (keys.account_of(mine), keys.account_of(yours)) == ("alice", "bob")


def test_extend_when_the_key_lives_moves_its_end(keys: ListenKeys) -> None:
    key = keys.start("alice", 0.0)

    assert keys.extend("alice", 3599.0) == key
    assert keys.expire_due(3600.0) == []


@pytest.mark.parametrize("wall", [LIFE_S, LIFE_S + 5.0])
def test_extend_when_the_key_is_dead_or_absent_is_refused(keys: ListenKeys, wall: float) -> None:
    keys.start("alice", 0.0)

    for account in ("alice", "bob"):
        with pytest.raises(ApiError) as caught:
            keys.extend(account, wall)
        assert caught.value.code == -1125


def test_start_when_the_old_key_died_gives_a_new_one(keys: ListenKeys) -> None:
    old = keys.start("alice", 0.0)

    new = keys.start("alice", LIFE_S)

    assert new != old
    assert keys.account_of(old) is None


def test_close_when_called_forgets_the_key(keys: ListenKeys) -> None:
    key = keys.start("alice", 0.0)

    assert keys.close("alice") == key
    assert keys.close("alice") is None
    assert keys.key_of("alice") is None
    assert keys.account_of(key) is None
