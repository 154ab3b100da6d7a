from dataclasses import replace

from engine.exchange.binance.codec_market import decode_instruments
from engine.exchange.sim.instrument_rules import rules_of
from tests.engine.scanner.test_universe import BASE


def test_rules_when_told_over_the_wire_come_back_as_the_same_instrument():
    """Nothing of the contract is lost between the engine and the embedded exchange."""
    instrument = replace(BASE, onboard_ms=1_600_000_000_000)

    row = rules_of(instrument).exchange_info_row()
    (read,), unreadable = decode_instruments({"symbols": [row]})

    assert unreadable == ()
    assert read == instrument
