import asyncio

import pytest

from tests.bot.localchat.support import CHAT_TOKEN, OPERATOR_ID, Running, png

GO = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


async def test_messages_when_read_are_those_after_the_id(running: Running) -> None:
    _, written = await running.post("/api/messages", {"text": "/status"})
    await running.send("first", reply_markup=GO)
    await running.send("second")
    status, items = await running.get(f"/api/messages?after={written['id']}")
    assert status == 200
    assert [(item["from"], item["text"]) for item in items] == [("bot", "first"), ("bot", "second")]
    assert items[0]["buttons"] == [[{"text": "Go", "data": "go"}]]
    assert (written["from"], written["edited_at"], written["photo"]) == ("operator", None, None)


async def test_messages_when_waited_for_come_as_soon_as_they_are_sent(running: Running) -> None:
    waiting = asyncio.ensure_future(running.get("/api/messages?after=0&wait=30"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await running.send("late")
    _, items = await asyncio.wait_for(waiting, 5)
    assert [item["text"] for item in items] == ["late"]


async def test_messages_when_waited_for_in_vain_are_none(running: Running) -> None:
    waiting = asyncio.ensure_future(running.get("/api/messages?after=9999999999&wait=1"))
    await asyncio.sleep(0.05)
    await running.call("sendChatAction", chat_id=OPERATOR_ID, action="typing")
    assert await asyncio.wait_for(waiting, 5) == (200, [])


async def test_message_when_edited_shows_text_time_and_revision(running: Running) -> None:
    sent = await running.send("one")
    running.clock.advance(2)
    await running.call(
        "editMessageText", chat_id=OPERATOR_ID, message_id=sent["message_id"], text="two"
    )
    _, [item] = await running.get("/api/messages?after=0")
    assert (item["text"], item["edited_at"]) == ("two", running.clock.wall_ms())


@pytest.mark.parametrize("body", [{}, {"text": 5}, [], "x", {"text": "  "}, {"text": "x" * 4097}])
async def test_message_when_the_body_is_wrong_is_refused_in_one_line(
    running: Running, body: object
) -> None:
    status, answer = await running.post("/api/messages", body)
    assert status == 400
    assert answer["error"]
    assert "\n" not in answer["error"]


async def test_post_when_not_json_is_refused(running: Running) -> None:
    url = running.urls.api_base_url + "/api/messages"
    async with running.http.post(url, data="text=x", headers=running.bearer) as answer:
        assert answer.status == 415
    headers = running.bearer | {"Content-Type": "application/json"}
    async with running.http.post(url, data="{", headers=headers) as answer:
        assert answer.status == 400


async def test_press_when_the_button_is_there_gives_an_id_and_the_answer_follows(
    running: Running,
) -> None:
    sent = await running.send("choose", reply_markup=GO)
    body = {"message_id": sent["message_id"], "data": "go"}
    status, pressed = await running.post("/api/press", body)
    assert status == 200
    _, before = await running.get("/api/changes")
    await running.call(
        "answerCallbackQuery", callback_query_id=pressed["press_id"], text="Done", show_alert=True
    )
    _, after = await running.get(f"/api/changes?since={before['revision']}&run={before['run']}")
    expected = {"press_id": pressed["press_id"], "text": "Done", "alert": True}
    assert after["notes"] == [{"kind": "answer", "value": expected}]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"message_id": 1, "data": "go"}, 404),
        ({"message_id": "1", "data": "go"}, 400),
        ({"data": "go"}, 400),
    ],
)
async def test_press_when_wrong_is_refused(
    running: Running, body: dict[str, object], expected: int
) -> None:
    status, answer = await running.post("/api/press", body)
    assert (status, bool(answer["error"])) == (expected, True)


async def test_press_when_the_button_has_gone_is_refused(running: Running) -> None:
    sent = await running.send("choose", reply_markup=GO)
    message_id = sent["message_id"]
    await running.call("editMessageText", chat_id=OPERATOR_ID, message_id=message_id, text="done")
    status, answer = await running.post("/api/press", {"message_id": message_id, "data": "go"})
    assert status == 409
    assert "has no button 'go' now" in answer["error"]


async def test_changes_when_followed_tell_edits_deletions_and_pins(running: Running) -> None:
    first, second = await running.send("a"), await running.send("b")
    _, seen = await running.get("/api/changes")
    assert seen["reset"] is True
    chat = {"chat_id": OPERATOR_ID}
    await running.call("editMessageText", **chat, message_id=first["message_id"], text="a2")
    await running.call("pinChatMessage", **chat, message_id=first["message_id"])
    await running.call("deleteMessage", **chat, message_id=second["message_id"])
    _, changes = await running.get(f"/api/changes?since={seen['revision']}&run={seen['run']}")
    assert changes["reset"] is False
    assert [item["text"] for item in changes["messages"]] == ["a2"]
    assert changes["pinned"] == first["message_id"]
    assert {"kind": "deleted", "value": second["message_id"]} in changes["notes"]


async def test_changes_when_of_another_run_are_everything(running: Running) -> None:
    await running.send("a")
    _, seen = await running.get("/api/changes")
    _, again = await running.get(f"/api/changes?since={seen['revision']}&run=other&wait=30")
    assert again["reset"] is True
    assert len(again["messages"]) == 1


async def test_changes_when_waited_for_come_with_the_change(running: Running) -> None:
    await running.send("a")
    _, seen = await running.get("/api/changes")
    path = f"/api/changes?since={seen['revision']}&run={seen['run']}&wait=30"
    waiting = asyncio.ensure_future(running.get(path))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await running.call("sendChatAction", chat_id=OPERATOR_ID, action="typing")
    _, changes = await asyncio.wait_for(waiting, 5)
    assert changes["notes"] == [{"kind": "action", "value": "typing"}]


@pytest.mark.parametrize("query", ["after=x", "after=-1", "wait=1.5", "after=²"])
async def test_query_when_not_a_number_is_refused(running: Running, query: str) -> None:
    status, answer = await running.get(f"/api/messages?{query}")
    assert status == 400
    assert "expected a number" in answer["error"]


async def test_commands_when_set_are_offered(running: Running) -> None:
    menu = [{"command": "help", "description": "All commands"}]
    await running.call("setMyCommands", commands=menu)
    assert await running.get("/api/commands") == (200, menu)


async def test_photo_when_sent_can_be_fetched_with_the_bearer_only(running: Running) -> None:
    stored = running.chat.conversation.files.add_photo(png(40, 30))
    await running.call("sendPhoto", chat_id=OPERATOR_ID, photo=stored.file_id)
    _, [item] = await running.get("/api/messages")
    assert item["photo_size"] == [40, 30]
    url = running.urls.api_base_url + item["photo"]
    async with running.http.get(url, headers=running.bearer) as answer:
        assert (answer.content_type, await answer.read()) == ("image/png", png(40, 30))
    async with running.http.get(url) as answer:
        assert answer.status == 401


async def test_document_when_fetched_is_an_attachment(running: Running) -> None:
    stored = running.chat.conversation.files.add_document(b"<script>", "x.html")
    url = f"{running.urls.api_base_url}/api/files/{stored.file_id}"
    async with running.http.get(url, headers=running.bearer) as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment"


async def test_file_when_no_longer_kept_is_gone(running: Running) -> None:
    status, answer = await running.get("/api/files/photo-99")
    assert (status, answer["error"]) == (410, "this file is no longer kept")


async def open_session(running: Running, body: object) -> tuple[int, dict[str, str]]:
    url = running.urls.api_base_url + "/api/session"
    async with running.http.post(url, json=body) as answer:
        return answer.status, await answer.json()


async def test_session_when_opened_with_the_link_works_once(running: Running) -> None:
    code = running.urls.page_url.partition("#code=")[2]
    status, answer = await open_session(running, {"code": code})
    assert status == 200
    bearer = {"Authorization": f"Bearer {answer['key']}"}
    assert (await running.get("/api/messages", **bearer))[0] == 200
    assert (await open_session(running, {"code": code}))[0] == 401


async def test_session_when_opened_with_the_token_gives_the_same_key(running: Running) -> None:
    status, answer = await open_session(running, {"token": CHAT_TOKEN})
    assert status == 200
    _, link = await running.post("/api/link", {})
    code = link["page_url"].partition("#code=")[2]
    assert await open_session(running, {"code": code}) == (200, answer)


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"token": "wrong"}, {"code": 5, "token": None}])
async def test_session_when_the_secret_is_wrong_is_refused(running: Running, body: object) -> None:
    assert (await open_session(running, body))[0] == 401
