"""The comparison as it is read."""

import json
from html import escape

from bot.parity.report import as_html, as_json, text_lines, verdict
from tests.bot.notice_kit import closed_trade
from tests.bot.parity.kit import matched, one_sided, parity, trades


def text(**fields) -> str:
    return "\n".join(text_lines(parity(**fields)))


def test_verdict_when_all_match_says_so_in_one_line():
    assert verdict(parity()) == "EQUAL: all 1 signals matched, 0 missed, 0 extra."
    assert "2 could not be compared" in verdict(parity(excused=(one_sided(),) * 2))


def test_verdict_when_something_is_missed_or_extra_counts_both():
    told = verdict(parity(missed=(one_sided(),), extra=(one_sided(),) * 3))

    assert told == "NOT EQUAL: of 2 signals 1 were missed, and 3 are extra."


def test_verdict_when_an_exact_replay_judged_otherwise_names_scores_and_setups():
    told = verdict(parity(matched=(matched(), matched(score=0.7)), setups_equal=1))

    assert told == (
        "NOT EQUAL: all 2 signals matched, but 1 of their scores and 2 of 3 setups differ, "
        "which an exact recording rules out."
    )
    assert verdict(parity(setups_equal=1, exact=False)).startswith("EQUAL: all 1 signals")


def test_verdict_when_nothing_could_be_compared_claims_nothing():
    assert verdict(parity(matched=(), excused=(one_sided(),))).startswith("NOTHING COULD BE")


def test_lines_when_printed_end_with_the_notes_and_the_verdict():
    lines = text().split("\n")

    assert lines[0].endswith("UTC, the bot's own recording")
    assert lines[1] == "signals: 1 matched, 0 missed, 0 extra, 0 not comparable"
    assert "setups: 3 of 3" in lines[2]
    assert lines[-2] == "· No commands were given in the period."
    assert lines[-1].startswith("EQUAL")


def test_lines_when_signals_are_one_sided_name_each_with_its_reason():
    told = text(missed=(one_sided(),), excused=(one_sided(why="no candles of ETHUSDT"),) * 25)

    assert "Missed by the replay:" in told
    assert "ETHUSDT-1m-x-S-2: replay: below" in told
    assert told.count("no candles of ETHUSDT") == 20
    assert "… 5 more" in told


def test_lines_when_both_traded_compare_entry_exit_and_result():
    told = text(setup_differences=("BTC: other",), exact=False)

    assert "plain candles" in told
    assert "gate: 1 of 1 matched signals got the same answer" in told
    assert "trades: 1 on both sides; entries +0.0 bps" in told
    assert f"{closed_trade().reason.value} {closed_trade().net_r:+.2f} R /" in told
    assert "setups that differ (first 1):\n  BTC: other" in told


def test_lines_when_nothing_was_traded_say_so():
    told = text(matched=(matched(trades=trades(live=None)),))

    assert "trades of one side only: 0 the bot's, 1 the replay's" in told
    assert "trades: none on both sides" in told


def test_json_when_written_has_every_signal_and_both_trades():
    found = parity(
        matched=(matched(), matched("XUSDT-1", trades=trades(replay=None))), extra=(one_sided(),)
    )

    content = json.loads(as_json(found))

    assert content["equal"] is False
    first, second = content["matched"]
    assert first["trade"] == first["replay_trade"]
    assert first["entry_bps"] == 0.0
    assert second["replay_trade"] is None
    assert second["r_difference"] is None
    assert content["extra"][0]["why"] == "replay: below"
    assert content["notes"]


def test_page_when_written_needs_nothing_else_and_escapes():
    page = as_html(
        parity(
            missed=(one_sided(why="<b>"),),
            matched=(matched(), matched(trades=trades(live=None, replay=None))),
            setup_differences=("<i>",),
        )
    )

    assert page.startswith("<!doctype html>")
    assert "NOT EQUAL" in page
    assert "&lt;b&gt;" in page
    assert "&lt;i&gt;" in page
    assert "http" not in page


def test_page_when_made_says_as_much_of_gate_and_trades_as_the_terminal():
    told = parity(matched=(matched(), matched(trades=trades(live_word="margin"))))
    page = as_html(told)
    sums = [line for line in text_lines(told) if line.startswith(("gate: ", "trades: "))]

    assert len(sums) == 2
    assert all(escape(line) in page for line in sums)
    assert f"<p>  {matched().setup_id}" not in page


def test_lines_when_the_gate_answered_otherwise_count_how():
    other = matched(trades=trades(live_word="margin", replay_word="approved"))

    told = text(matched=(matched(), other, other))

    assert "gate: 1 of 3 matched signals got the same answer; the bot's / the replay's: " in told
    assert "margin / approved ×2" in told
