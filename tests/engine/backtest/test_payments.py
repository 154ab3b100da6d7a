"""Funding payments by minute."""

from engine.backtest.payments import Payments
from engine.backtest.series import MINUTE_MS

END_MS = 100 * MINUTE_MS
PAID = {"AAAUSDT": ((MINUTE_MS, 0.1), (3 * MINUTE_MS - 1, 0.2), (3 * MINUTE_MS, 0.3))}


def test_payments_when_asked_for_a_minute_give_what_lies_in_it() -> None:
    payments = Payments(PAID, END_MS)
    told = [payments.within("AAAUSDT", at * MINUTE_MS) for at in range(5)]
    assert told == [
        (),
        ((MINUTE_MS, 0.1),),
        ((3 * MINUTE_MS - 1, 0.2),),
        ((3 * MINUTE_MS, 0.3),),
        (),
    ]
    assert payments.within("BBBUSDT", MINUTE_MS) == ()


def test_payments_when_asked_for_the_next_give_its_minute_or_the_end() -> None:
    payments = Payments(PAID, END_MS)
    minutes = [payments.next_minute("AAAUSDT", at * MINUTE_MS) // MINUTE_MS for at in range(5)]
    assert minutes == [1, 1, 2, 3, 100]
    assert payments.next_minute("BBBUSDT", 0) == END_MS
