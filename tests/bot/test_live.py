import asyncio
from collections.abc import Callable

from telegram.error import BadRequest, NetworkError

from bot.context import Answer
from bot.live import LiveMessages
from bot.throttle import NoRoom, Urgency
from tests.virtual_loop import run_virtual


class LoopTime:
    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class Edits:
    """A sender that notes edits or fails as told."""

    def __init__(self, *trouble: Exception) -> None:
        self.trouble = list(trouble)
        self.edits: list[tuple[float, int, str]] = []

    async def edit(
        self, chat_id: int, message_id: int, text: str, *, keyboard: object, urgency: Urgency
    ) -> None:
        assert urgency is Urgency.OPTIONAL
        now = asyncio.get_running_loop().time()
        self.edits.append((now, message_id, text))
        if self.trouble:
            raise self.trouble.pop(0)


def play(edits: Edits, seconds: float, steps: Callable[[LiveMessages], None]) -> None:
    async def story() -> None:
        live = LiveMessages(edits, LoopTime())  # type: ignore[arg-type]
        task = asyncio.ensure_future(live.run())
        steps(live)
        await asyncio.sleep(seconds)
        task.cancel()

    run_virtual(story())


def fresh() -> Answer:
    return Answer(text="now")


def test_message_when_kept_is_edited_every_ten_seconds_for_five_minutes():
    edits = Edits()

    play(edits, 1000, lambda live: live.keep(1, 7, fresh))

    assert [round(at) for at, _, _ in edits.edits] == [10 * i for i in range(1, 31)]


def test_message_when_a_newer_one_is_kept_is_left_alone():
    edits = Edits()

    def steps(live: LiveMessages) -> None:
        live.keep(1, 7, fresh)
        live.keep(1, 8, fresh)

    play(edits, 60, steps)

    assert {message_id for _, message_id, _ in edits.edits} == {8}


def test_message_when_released_is_left_alone_and_another_is_not():
    edits = Edits()

    def steps(live: LiveMessages) -> None:
        live.keep(1, 7, fresh)
        live.release(1, 99)
        live.keep(2, 8, fresh)
        live.release(2, 8)

    play(edits, 60, steps)

    assert {message_id for _, message_id, _ in edits.edits} == {7}


def test_message_when_gone_is_given_up_and_when_telegram_stumbles_is_not():
    gone = Edits(BadRequest("message to edit not found"))
    play(gone, 100, lambda live: live.keep(1, 7, fresh))
    assert len(gone.edits) == 1

    stumbling = Edits(NetworkError("cut"), NoRoom())
    play(stumbling, 45, lambda live: live.keep(1, 7, fresh))
    assert len(stumbling.edits) == 4
