from zoneinfo import ZoneInfo

import pytest

from bot.handlers.route import answer_press
from bot.handlers.settings import NOT_STORED, settings
from bot.language import speaking
from bot.parsing import BadInput
from bot.preferences import Kind, Loudness, QuietHours
from engine.domain.commands import SetApproval
from tests.bot.fake_desk import FakeDesk, snapshot
from tests.bot.front_kit import MemoryState, call, front, token_of


async def test_settings_when_asked_show_a_button_a_choice():
    answer = await settings(call(), front())

    labels = [button.label for row in answer.keyboard for button in row]
    assert labels[: len(Kind)] == [f"{kind}: on" for kind in Kind]
    assert labels[-2:] == ["Quiet 22:00 – 07:00", "Ask before entries: no"]


async def test_kind_when_pressed_again_and_again_comes_round():
    chat = front()
    seen = []
    for _ in range(3):
        button = (await settings(call(), chat)).keyboard[0][0]
        await answer_press(button.data, call(), chat)
        seen.append(chat.preferences.current.loudness[Kind.SIGNALS])

    assert seen == [Loudness.SILENT, Loudness.OFF, Loudness.ON]


async def test_quiet_hours_when_typed_or_pressed_are_kept_and_lifted():
    chat = front()

    await settings(call("quiet", "22:30", "7"), chat)
    assert chat.preferences.current.quiet == QuietHours(1350, 420)

    off = (await settings(call(), chat)).keyboard[-2][0]
    assert off.label == "Quiet hours off"
    await answer_press(off.data, call(), chat)
    assert chat.preferences.current.quiet is None


async def test_digest_when_an_hour_is_typed_is_at_that_hour():
    chat = front()

    await settings(call("digest", "08:00"), chat)
    assert chat.preferences.current.digest_hour == 8
    await settings(call("digest", "OFF"), chat)
    assert chat.preferences.current.digest_hour is None


async def test_digest_when_its_button_is_pressed_goes_round():
    chat = front(digest_hour=8)
    hours = []
    for _ in range(4):
        (button,) = [
            b for row in (await settings(call(), chat)).keyboard for b in row if "Digest" in b.label
        ]
        await answer_press(button.data, call(), chat)
        hours.append(chat.preferences.current.digest_hour)

    assert hours == [20, None, 8, 20]


async def test_zone_when_asked_for_offers_the_common_ones_and_a_press_chooses():
    chat = front()
    shown = await settings(call(), chat)
    (button,) = [b for row in shown.keyboard for b in row if b.label == "Time zone: UTC"]

    offered = await answer_press(button.data, call(), chat)
    labels = [b.label for row in offered.keyboard for b in row]
    assert "• UTC" in labels
    assert offered.replace
    tokyo = next(b for row in offered.keyboard for b in row if b.label == "Tokyo")

    after = await answer_press(tokyo.data, call(), chat)
    assert "Asia/Tokyo" in after.text
    assert chat.zone == ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        (("Europe/Vienna",), "Europe/Vienna"),
        (("europe/vienna",), "Europe/Vienna"),
        (("new", "york"), "America/New_York"),
        (("UTC",), "UTC"),
    ],
)
async def test_zone_when_typed_is_found_whatever_its_case(typed: tuple[str, ...], zone: str):
    chat = front()

    await settings(call("zone", *typed), chat)

    assert chat.preferences.current.zone == zone


@pytest.mark.parametrize(
    ("typed", "said"),
    [("berlinn", "Did you mean Europe/Berlin?"), ("../etc", "a name"), ("europe", "a name")],
)
async def test_zone_when_unknown_is_refused_with_a_hint(typed: str, said: str):
    with pytest.raises(BadInput, match=r"e\.g\. /settings zone") as bad:
        await settings(call("zone", typed), front())

    assert said in str(bad.value)


@pytest.mark.parametrize(
    "args",
    [
        ("nonsense",),
        ("signals",),
        ("signals", "loud"),
        ("signals", "on", "off"),
        ("quiet",),
        ("quiet", "22"),
        ("quiet", "25", "7"),
        ("quiet", "22", "22:00"),
        ("digest", "8:30"),
        ("digest",),
        ("digest", "1", "2"),
        ("approval",),
        ("approval", "maybe"),
    ],
)
async def test_choice_when_wrong_is_one_line_with_an_example(args):
    with pytest.raises(BadInput) as bad:
        await settings(call(*args), front())

    assert "e.g. /settings" in str(bad.value)
    assert "\n" not in str(bad.value)


async def test_choice_when_it_cannot_be_stored_is_not_pretended():
    store = MemoryState()
    store.broken = True
    chat = front(store=store)

    answer = await settings(call("fills", "off"), chat)

    assert answer.text == NOT_STORED
    assert chat.preferences.current.loudness[Kind.FILLS] is Loudness.ON


async def test_approval_when_switched_on_is_done_at_once():
    desk = FakeDesk()

    await settings(call("approval", "on"), front(desk))

    (command,) = desk.submitted
    assert isinstance(command, SetApproval)
    assert command.required


async def test_approval_when_switched_off_asks_first():
    desk = FakeDesk(state=snapshot(approval=True))
    chat = front(desk)
    shown = await settings(call(), chat)
    assert shown.keyboard[-1][0].label == "Ask before entries: yes"

    asked = await answer_press(shown.keyboard[-1][0].data, call(), chat)
    assert desk.submitted == []
    await answer_press(token_of(asked), call(command_id="tg-1-2"), chat)

    assert [c.required for c in desk.submitted if isinstance(c, SetApproval)] == [False]


async def test_language_when_pressed_goes_round_and_answers_in_the_new_one():
    chat = front()

    for code, told, label in [
        ("de", "Was dir gemeldet wird", "Sprache: Deutsch"),
        ("en", "What you are told", "Language: English"),
    ]:
        with speaking(chat.language):
            shown = await settings(call(), chat)
            (button,) = [
                b for row in shown.keyboard for b in row if b.data.startswith("settings:language:")
            ]
            answer = await answer_press(button.data, call(), chat)
        assert chat.language == code
        assert told in answer.text
        assert label in [b.label for row in answer.keyboard for b in row]


@pytest.mark.parametrize("args", [("language",), ("language", "tlh"), ("language", "en", "de")])
async def test_language_when_unknown_is_refused_with_those_there_are(args: tuple[str, ...]):
    with pytest.raises(BadInput, match=r"en or de, e\.g\. /settings language de"):
        await settings(call(*args), front())
