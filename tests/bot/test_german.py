"""The whole chat in German: no English is left, everything fits and is valid HTML."""

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from bot import keyboards
from bot.context import Answer, Call, Front, Keyboard
from bot.desk import JournalRow, JournalView, Outcome, Period, PnlView, SignalRow, SignalsView
from bot.desk_model import ModelView
from bot.desk_preflight import ReachFacts, Unread
from bot.desk_why import Explanation, GateState
from bot.formats import MAX_CAPTION, MAX_TEXT
from bot.handlers.route import answer_command, answer_press
from bot.keyboards import settings as settings_keyboard
from bot.language import speaking
from bot.localchat.content.html_text import parse_html
from bot.preferences import Preferences
from bot.views.digest import daily_digest
from bot.views.model_evidence import evidence as evidence_view
from bot.views.notices import notice_text, strangers
from bot.views.performance import weekly
from bot.views.settings import settings as settings_view
from bot.views.signals import digest, outcome_line, signal_caption
from bot.views.symbols import chart_caption
from bot.views.texts import menu
from bot.views.why import why
from engine.domain.notices import AlarmKind, Notice
from engine.domain.order import Book
from engine.domain.position import ExitReason
from engine.domain.setup import Direction, EvidenceKind, Recipe
from engine.domain.signal import Mode, Rule
from tests.bot.evidence_kit import evidence as model_evidence
from tests.bot.fake_desk import (
    FakeDesk,
    book,
    chart_data,
    health_figures,
    position,
    preflight_facts,
    snapshot,
)
from tests.bot.front_kit import call, front
from tests.bot.notice_kit import (
    alarm,
    closed_trade,
    exit_notice,
    fill_notice,
    life,
    mode_changed,
    protection,
    refused,
    signal_notice,
)
from tests.bot.pnl_kit import book_pnl, group
from tests.bot.views.test_model import CARD
from tests.bot.why_kit import evidence, explanation, judgement, kelly_figures
from tests.builders import MINUTE, START_MS, d, setup, signal

ZONE = ZoneInfo("Europe/Berlin")
PO = Path(__file__).resolve().parents[2] / "bot/locales/de.po"
COMMAND = re.compile(r"/[a-z]+(?: [A-Za-z0-9:._/-]+)*")
WORD = re.compile(r"[A-Za-zÄÖÜäöüß]{2,}")
GIVEN = {
    *("ada", "BTCUSDT", "heuristic", "lgbm", "python", "train", "DATA", "out", "models", "one"),
    *("SetRisk", "Retest", "Binance", "the", "interval", "holds", "test", "futures", "Done"),
    *("sweep_bos_retest", "retest", "bos", "sweep", "SMCBOT_MODEL_SHA"),
}
"""Words of the tests' own data."""


def english_only() -> set[str]:
    """Words that the English catalogue has and the German one has not."""
    english, german = set(), set()
    for message in read_po(BytesIO(PO.read_bytes())):
        for texts, words in ((message.id, english), (message.string, german)):
            for text in texts if isinstance(texts, tuple | list) else [texts or ""]:
                words |= set(WORD.findall(COMMAND.sub("", text)))
    return {word for word in english - german if word.lower() not in {w.lower() for w in german}}


ENGLISH = english_only()


def english_in(text: str) -> set[str]:
    """Names with underscores (features, recipes) and quotations of what was typed are no words."""
    bare = re.sub(r"\w*_\w*|'[^']*'", "", COMMAND.sub("", text))
    return (set(WORD.findall(bare)) & ENGLISH) - GIVEN


def labels(keyboard: Keyboard) -> Iterator[str]:
    return (button.label for row in keyboard for button in row)


def told_why() -> Explanation:
    """An explanation whose gate says what it says today."""
    gates = tuple(gate for gate in judgement().gates if gate.state is not GateState.PASSED)
    return explanation(judgements=(judgement(gates=gates),))


def busy_desk(**fields: object) -> FakeDesk:
    """Everything there is to say at once."""
    state = snapshot(
        mode=Mode.PAPER,
        paused="operator",
        muted={"DOGEUSDT": START_MS + 30 * MINUTE},
        blind=frozenset({"AUSDT", "BUSDT"}),
        books=(
            book(breakers=("daily_loss", "loss_streak"), pending=1, unknown=2),
            book(Book.LIVE),
        ),
        positions=(
            position(),
            position("ETHUSDT", book=Book.LIVE, protected=False, exiting=True, ours=False),
        ),
    )
    answers = {
        "state": replace(state, **fields),
        "excluded": {"AUSDT": "status SETTLING", "BUSDT": "on the deny list"},
        "signals_view": SignalsView(tuple(_rows())),
        "pnl_view": PnlView(Period.DAY, (book_pnl(), book_pnl(total=group(low_r=None)))),
        "explanation": told_why(),
        "journal_view": JournalView(
            (
                JournalRow(
                    START_MS, "ada", "ClosePosition BTCUSDT 100", True, "No open positions."
                ),
                JournalRow(START_MS, "ada", "SetMode live", False, "Mode is live already."),
            )
        ),
        "evidence": model_evidence(),
        "model_view": ModelView(scorer="lgbm:abababab", card=CARD, problem="", previous="one"),
    }
    return FakeDesk(**answers)


def _rows() -> Iterator[SignalRow]:
    for outcome in ("Ziel +1.80 R", "läuft"):
        yield SignalRow(
            setup_id="x",
            symbol="BTCUSDT",
            direction=Direction.LONG,
            at_ms=START_MS,
            score=0.6,
            cost_r=0.1,
            outcome=outcome,
        )


def german_front(**fields: object) -> Front:
    return front(busy_desk(**fields), language="de")


COMMANDS = [
    *("start", "help", "status", "positions", "signals", "universe", "health", "model", "journal"),
    *("pnl", "daily", "performance", "chart BTC", "why BTC", "mode", "live", "risk", "risk 2.0"),
    *("threshold", "edge", "edge override", "edge nonsense", "resetbreakers", "settings", "mute"),
    *("close BTC", "close BTC 50", "closeall", "close", "close BTC 3", "close DOGE", "risk x"),
    *("settings quiet 5", "settings digest x", "settings language x", "settings approval off"),
    *("settings x", "settings signals x", "pnl x", "mode x", "live x", "threshold x", "unmute"),
    *("mute DOGE x", "chart NOPE", "nonsense", "statu", "take", "skip 1", "breakeven", "signals x"),
    *("settings zone", "settings zone x", "model x", "model shadow", "status more", "live on"),
]


@pytest.mark.parametrize("typed", COMMANDS)
async def test_command_when_german_is_spoken_is_answered_without_english(typed: str):
    chat = german_front()
    name, *args = typed.split(" ")

    with speaking("de"):
        answer = await answer_command(name, call(*args), chat)

    said = "\n".join((answer.text, answer.toast, *labels(answer.keyboard)))
    assert parse_html(answer.text).text, "an answer that is valid HTML"
    assert len(answer.text) <= (MAX_CAPTION if answer.picture else MAX_TEXT)
    assert english_in(parse_html(said).text) == set(), said


@pytest.mark.parametrize(
    ("late", "role_refused"),
    [(True, False), (False, True)],
)
async def test_refusal_when_german_is_spoken_is_german(late: bool, role_refused: bool):
    from bot.context import Role

    asked: Call = call("paper", late=late, role=Role.VIEWER if role_refused else Role.OWNER)
    with speaking("de"):
        answer: Answer = await answer_command("mode", asked, german_front())

    assert english_in(answer.text) == set()


@pytest.mark.parametrize("data", ["no:!x", "!x", "gone", "pause", "skip:x-1-2-3-4"])
async def test_press_when_german_is_spoken_is_answered_in_german(data: str):
    with speaking("de"):
        answer = await answer_press(data, call(), german_front())

    assert english_in(f"{answer.text} {answer.toast}") == set()
    assert answer.text or answer.toast


LONG_REFUSAL = (
    "liquidation 0.0123456 away at leverage 10, at least 2 stop distances (0.0223456) are needed"
)
LONGEST = signal_notice(
    "1000000CHEEMSUSDT",
    verdict=refused(signal(setup("1000000CHEEMSUSDT")), Rule.LIQUIDATION_NEAR, LONG_REFUSAL),
    probability=0.61,
    outcomes=1234,
)
NOTICES: list[Notice] = [
    LONGEST,
    signal_notice(traded=True),
    signal_notice(verdict=refused(signal(), Rule.APPROVAL)),
    signal_notice(verdict=refused(signal(), Rule.EDGE, "the model card does not claim an edge")),
    signal_notice(verdict=refused(signal(), Rule.COOL_DOWN, "cooling down for 12 more min")),
    fill_notice(),
    protection(),
    protection(confirmed=False, detail="no stop confirmed within 7 s"),
    *(exit_notice(reason=reason) for reason in ExitReason),
    alarm(text="paper book: 6 losses in a row; no new entries until /resetbreakers"),
    alarm(text="2 symbols have data again: AUSDT, BUSDT", kind=AlarmKind.SEEING),
    mode_changed(),
    life(),
    life(text="Scanning 530 symbols, ready after 12 s."),
    life(text="Stopping; open positions keep their stops."),
]


@pytest.mark.parametrize("notice", NOTICES, ids=lambda n: n.notice_id)
def test_notice_when_german_is_spoken_has_no_english_and_fits_under_a_picture(notice: Notice):
    with speaking("de"):
        text = notice_text(notice, ZONE)

    assert english_in(parse_html(text).text) == set(), text
    assert len(text) <= MAX_CAPTION


def test_caption_when_german_and_with_an_outcome_is_not_cut():
    for recipe in Recipe:
        told = LONGEST.signal
        long = replace(LONGEST, signal=replace(told, setup=replace(told.setup, recipe=recipe)))
        with speaking("de"):
            line = outcome_line(Outcome(trade=closed_trade()), long.signal.setup, ZONE)
            text = signal_caption(long, ZONE, outcome=line)

        assert len(text) <= MAX_CAPTION
        assert "gekürzt" not in text
        assert english_in(parse_html(text).text) == set(), text


def _findings() -> Iterator[str]:
    found = tuple(
        evidence(kind, 5, way=way)
        for kind in (
            EvidenceKind.SWING,
            EvidenceKind.BOS,
            EvidenceKind.CHOCH,
            EvidenceKind.SWEEP,
            EvidenceKind.FVG,
            EvidenceKind.OB,
        )
        for way in Direction
    )
    told = told_why()
    yield why(replace(told, setup=replace(told.setup, evidence=found)), ZONE)
    yield why(replace(told, kelly=kelly_figures(at_floor=True, probability=None)), ZONE)
    yield why(replace(told, closed=(closed_trade(),)), ZONE)
    yield why(replace(told, running=True, score=None), ZONE)
    yield from (why(replace(told, judgements=(), fate=fate), ZONE) for fate in ("cap", "gone"))


def _others() -> Iterator[str]:
    state = busy_desk().state
    results = PnlView(Period.WEEK, (book_pnl(),))
    yield daily_digest(results, state, ZONE)
    yield daily_digest(PnlView(Period.DAY, ()), snapshot(), ZONE)
    yield weekly(results, START_MS)
    yield digest([signal_notice(traded=True), *[LONGEST] * 200], ZONE, pictured=3)
    yield strangers(3)
    yield settings_view(Preferences(digest_hour=None), ZONE, approval=True)
    yield chart_caption(chart_data(position=position(protected=False)), ZONE)
    yield evidence_view(model_evidence())
    yield outcome_line(Outcome(approved=True), setup(), ZONE)
    yield outcome_line(Outcome(), setup(), ZONE)
    yield "\n".join(text for _name, text in menu())
    yield "\n".join(
        labels(settings_keyboard(Preferences(digest_hour=8), zone="UTC", approval=True))
    )
    yield "\n".join(labels(keyboards.status(state, owner=True)))
    yield "\n".join(labels(keyboards.positions(state.positions, owner=True)))
    yield "\n".join(labels(keyboards.signal(setup(), asks=True)))
    yield "\n".join(labels(keyboards.periods(Period.DAY)))


@pytest.mark.parametrize("make", [_findings, _others], ids=["explanations", "others"])
def test_view_when_german_is_spoken_has_no_english(make: Callable[[], Iterator[str]]):
    with speaking("de"):
        texts = list(make())

    for text in texts:
        assert english_in(parse_html(text).text) == set(), text
        assert len(text) <= MAX_TEXT


@pytest.mark.parametrize(
    "facts",
    [
        preflight_facts(),
        preflight_facts(reach=ReachFacts(region_refused=True)),
        preflight_facts(reach=Unread("no answer within 5 s")),
        preflight_facts(key=Unread("the venue is out of reach"), wallet=d(3)),
    ],
)
async def test_checklist_when_german_is_spoken_has_no_english(facts: object):
    chat = german_front(mode=Mode.PAPER)
    chat.desk.facts = facts
    with speaking("de"):
        text = (await answer_command("live", call("on"), chat)).text

    assert english_in(parse_html(text).text) == set(), text


@pytest.mark.parametrize(
    "figures",
    [
        {},
        {"symbols": 0, "account": None, "heartbeat": None},
        {"blind": 100, "waiting_events": 90_000, "weight_ratio": 0.9},
    ],
)
async def test_health_when_german_is_spoken_is_as_wide_as_a_phone(
    figures: dict[str, object], monkeypatch: pytest.MonkeyPatch
):
    chat = german_front()

    async def answer() -> object:
        return health_figures(**figures)

    health: Callable[[], Awaitable[object]] = answer
    monkeypatch.setattr(chat.desk, "health", health)
    with speaking("de"):
        text = (await answer_command("health", call(), chat)).text

    assert english_in(parse_html(text).text) == set(), text
    table = text.partition("<pre>")[2].partition("</pre>")[0]
    assert max(len(line) for line in table.splitlines()) <= 34


def test_labels_when_german_fit_on_a_phone():
    """Five buttons stand in a position's row: a long word would be cut."""
    with speaking("de"):
        row = keyboards.positions([position()], owner=True)[0]

    assert sum(len(button.label) for button in row) <= 32
