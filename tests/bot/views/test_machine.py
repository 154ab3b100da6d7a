from bot.desk import UniverseView
from bot.localchat.content.html_text import parse_html
from bot.views.machine import universe


def test_universe_when_shown_has_the_most_traded_and_the_reasons():
    view = UniverseView(
        scanned=(("BTCUSDT", 2.5e10), ("ETHUSDT", 9e9)),
        excluded={f"A{i}USDT": "younger than 7 days" for i in range(5)} | {"X": "delisting <soon>"},
    )

    text = parse_html(universe(view)).text

    assert "2 symbols scanned" in text
    assert "BTC 25.0 B" in text
    assert "5 younger than 7 days: A0, A1, A2…" in text
    assert "1 delisting <soon>: X" in text


def test_universe_when_empty_or_huge_fits():
    assert "0 symbols" in universe(UniverseView(scanned=(), excluded={}))
    huge = UniverseView(
        scanned=tuple((f"A{i}USDT", 1.0) for i in range(900)),
        excluded={f"B{i}": f"reason {i} & more" for i in range(900)},
    )
    assert len(universe(huge)) <= 4096
