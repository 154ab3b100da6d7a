import io

from rich.console import Console

from bot.terminal import Terminal


def terminal():
    output = io.StringIO()
    return Terminal(Console(file=output, width=100, highlight=False)), output


def test_terminal_when_something_is_wrong_says_one_line_a_problem_without_markup():
    shown, output = terminal()

    shown.error("SMCBOT_RISK_PCT was '[red]'\nsecond")

    assert output.getvalue().splitlines() == ["✗ SMCBOT_RISK_PCT was '[red]'", "✗ second"]


def test_terminal_when_the_chat_is_local_shows_its_link():
    shown, output = terminal()

    shown.chat("http://127.0.0.1:8787/#code")

    assert "http://127.0.0.1:8787/#code" in output.getvalue()


def test_terminal_when_the_chat_is_telegram_says_so():
    shown, output = terminal()

    shown.chat(None)

    assert "Telegram" in output.getvalue()


def test_terminal_when_history_is_loaded_ends_the_bar_and_says_ready():
    shown, output = terminal()
    for done in range(1, 4):
        shown.progress(done, 3)

    shown.ready(3, 1.25, ", market time runs 20×")

    assert "scanning 3 symbols, ready after 1.2 s, market time runs 20×" in output.getvalue()
