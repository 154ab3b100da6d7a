import io
import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.log import Redactor, configure_logging

SECRET = "canary-secret-value"
TOKEN = "123456789:AAHcanaryTokenCanaryTokenCanary"


@pytest.fixture
def stream():
    root = logging.getLogger()
    before = root.handlers[:], root.level
    output = io.StringIO()
    configure_logging(secrets=[SECRET], as_json=True, level="INFO", stream=output)
    yield output
    root.handlers[:], _ = before[0], root.setLevel(before[1])
    structlog.reset_defaults()


def test_log_when_a_secret_is_in_text_value_or_traceback_hides_it(stream):
    log = structlog.get_logger("test")
    try:
        raise RuntimeError(f"POST https://api.telegram.org/bot{TOKEN}/sendMessage {SECRET}")
    except RuntimeError:
        log.exception("failed", url=f"x?signature=abcdef&listenKey=pqia{SECRET}", nested=[SECRET])

    written = stream.getvalue()

    assert SECRET not in written
    assert TOKEN not in written
    assert "abcdef" not in written
    assert json.loads(written)["event"] == "failed"


def test_log_when_written_by_a_library_is_redacted_too(stream):
    logging.getLogger("library").warning("token %s", TOKEN)

    assert TOKEN not in stream.getvalue()
    assert "library" in stream.getvalue()


def test_log_when_httpx_is_chatty_stays_silent(stream):
    logging.getLogger("httpx").info("HTTP Request: POST ...")

    assert stream.getvalue() == ""


def test_log_when_text_has_control_characters_stays_on_one_line(stream):
    structlog.get_logger("test").info("user", text="a\r\x1b[31mb\u202ec")

    assert len(stream.getvalue().splitlines()) == 1
    assert "\u202e" not in json.loads(stream.getvalue())["text"]


@given(st.text(), st.text())
def test_redactor_when_a_secret_is_anywhere_removes_it(before, after):
    cleaned = Redactor([SECRET]).clean(f"{before}{SECRET}{after}")

    assert SECRET not in cleaned
