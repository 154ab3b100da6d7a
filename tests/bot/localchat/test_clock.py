from bot.localchat.clock import ChatClock
from engine.ports import Clock
from tests.bot.localchat.support import HandClock


def test_engine_clock_when_passed_as_chat_clock_has_what_is_needed() -> None:
    needed = {name for name in vars(ChatClock) if not name.startswith("_")}
    assert needed == {"wall_ms", "monotonic"}
    assert needed <= set(dir(Clock))


def test_hand_clock_when_advanced_moves_both_times() -> None:
    clock: ChatClock = HandClock(now_s=1.5, start_ms=1000)
    assert (clock.wall_ms(), clock.monotonic()) == (2500, 1.5)
