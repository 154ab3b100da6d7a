import json

import pytest
from aiohttp import FormData

from bot.localchat.botapi.params import Params, Upload
from bot.localchat.errors import BotApiError
from tests.bot.localchat.support import BOT_TOKEN, OPERATOR_ID, Running


def test_values_when_text_or_json_are_read_alike() -> None:
    for params in (
        Params({"n": "5", "b": "true", "o": '{"a": 1}'}),
        Params({"n": 5, "b": True, "o": {"a": 1}}),
    ):
        assert params.integer("n") == 5
        assert params.flag("b")
        assert params.json("o") == {"a": 1}


def test_values_when_absent_are_empty() -> None:
    params = Params()
    assert (params.text("x"), params.integer("x"), params.flag("x")) == ("", None, False)
    assert params.json("x") is None
    assert params.upload("x") is None
    assert Params({"x": ""}).json("x") is None


def test_integer_when_it_is_none_is_none() -> None:
    assert Params({"n": "@name"}).integer("n") is None


def test_json_when_malformed_names_the_parameter() -> None:
    with pytest.raises(BotApiError, match="can't parse reply markup JSON object"):
        Params({"reply_markup": "{"}).json("reply_markup")


def test_upload_when_sent_directly_or_attached_is_found() -> None:
    upload = Upload("a.png", b"x")
    assert Params({}, {"photo": upload}).upload("photo") is upload
    assert Params({"photo": "attach://f"}, {"f": upload}).upload("photo") is upload


def test_upload_when_attached_file_did_not_come_is_refused() -> None:
    with pytest.raises(BotApiError, match="attached file not found"):
        Params({"photo": "attach://f"}).upload("photo")


@pytest.mark.parametrize("form", ["query", "form", "json", "multipart"])
async def test_call_when_sent_in_any_form_is_understood(running: Running, form: str) -> None:
    url = f"{running.urls.bot_base_url}{BOT_TOKEN}/SENDmessage"
    values = {"chat_id": str(OPERATOR_ID), "text": "hi ü"}
    if form == "query":
        request = running.http.get(url, params=values)
    elif form == "json":
        request = running.http.post(url, json=values)
    elif form == "form":
        request = running.http.post(url, data=values)
    else:
        data = FormData(values, default_to_multipart=True)
        request = running.http.post(url, data=data)
    async with request as answer:
        assert (await answer.json())["result"]["text"] == "hi ü"


@pytest.mark.parametrize("body", ["{", "[1]", "5"])
async def test_json_body_when_not_an_object_is_refused(running: Running, body: str) -> None:
    url = f"{running.urls.bot_base_url}{BOT_TOKEN}/getMe"
    headers = {"Content-Type": "application/json"}
    async with running.http.post(url, data=body, headers=headers) as answer:
        assert answer.status == 400
        assert json.loads(await answer.text())["ok"] is False


async def test_multipart_when_too_large_is_413(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.localchat.botapi.params.MAX_BODY_BYTES", 100_000)
    data = FormData({"chat_id": str(OPERATOR_ID)}, default_to_multipart=True)
    data.add_field("document", b"x" * 200_000, filename="big.bin")
    url = f"{running.urls.bot_base_url}{BOT_TOKEN}/sendDocument"
    async with running.http.post(url, data=data) as answer:
        assert answer.status == 413


async def test_multipart_when_malformed_is_refused(running: Running) -> None:
    url = f"{running.urls.bot_base_url}{BOT_TOKEN}/sendDocument"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with running.http.post(url, data=b"garbage", headers=headers) as answer:
        assert answer.status == 400
    headers = {"Content-Type": "multipart/form-data"}
    async with running.http.post(url, data=b"--", headers=headers) as answer:
        assert answer.status == 400


async def test_multipart_when_nested_is_refused(running: Running) -> None:
    url = f"{running.urls.bot_base_url}{BOT_TOKEN}/getMe"
    body = (
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n"
        b"--y\r\n\r\nz\r\n--y--\r\n--x--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with running.http.post(url, data=body, headers=headers) as answer:
        assert answer.status == 400
