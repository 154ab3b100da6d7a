from zoneinfo import ZoneInfo

from bot.views.symbols import chart_caption
from tests.bot.fake_desk import chart_data, position


def test_caption_when_flat_gives_price_change_and_span():
    text = chart_caption(chart_data(), ZoneInfo("UTC"))

    assert text == "<b>BTCUSDT</b> 100.50 · +0.50 % in 90 min\n22:14 to 23:44"


def test_caption_when_a_position_is_open_says_how_it_stands():
    text = chart_caption(chart_data(position=position(protected=False)), ZoneInfo("UTC"))

    assert "paper LONG +0.80 USDT (+0.80 R), NO CONFIRMED STOP" in text
