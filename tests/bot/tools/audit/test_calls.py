import ast
from pathlib import Path

from bot.tools.audit.calls import called, rest_names, waiting_loops
from tests.bot.tools.audit.trees import program

FILES = {
    "engine.exchange.binance.reader": """
        class Reader:
            async def wallet(self):
                return await self._rest.call("W")
            async def total(self):
                return (await self.wallet()).total
            async def stream(self):
                return await self._socket.call("S")
    """,
    "bot.watch": """
        class Watch:
            async def poll(self):
                while True:
                    await asyncio.sleep(5)
                    await self._quietly(self._ask)
            async def _ask(self):
                await self._account.total()
            async def retry(self):
                while True:
                    try:
                        return await self._account.total()
                    except OSError:
                        await asyncio.sleep(1)
            async def pure(self):
                while True:
                    await asyncio.sleep(1)
                    self.snapshot()
            async def drain(self):
                while self.queue:
                    await self.queue.pop()
    """,
}


def test_rest_names_when_found_go_through_other_functions(tmp_path: Path) -> None:
    graph = program(tmp_path, FILES)

    assert rest_names(graph, "engine.exchange.binance") == {"wallet", "total"}


def test_loops_when_they_sleep_tell_what_they_wait_for_and_whether_they_end(
    tmp_path: Path,
) -> None:
    graph = program(tmp_path, FILES)

    loops = {one.function: one for one in waiting_loops(graph.below("bot"))}

    assert set(loops) == {"bot.watch.poll", "bot.watch.retry", "bot.watch.pure"}
    assert "total" in loops["bot.watch.poll"].waits_for, "handed on as a reference"
    assert not loops["bot.watch.poll"].ends
    assert loops["bot.watch.retry"].ends
    assert loops["bot.watch.pure"].waits_for == {"sleep"}, "nobody waits for a snapshot"


def test_called_when_nested_has_last_names() -> None:
    assert called(ast.parse("a.b(c(), d.e.f())")) == {"b", "c", "f"}
