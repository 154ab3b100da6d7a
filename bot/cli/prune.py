"""`prune`: give back the space that nothing needs any more."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.settings import Settings, SettingsError
from engine.domain.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.tools.prune import Doomed, Rule

_SHOWN = 8


def prune(
    yes: Annotated[
        bool, typer.Option("--yes", help="Delete; without it, only tell what would be deleted.")
    ] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE=DAYS",
            help="Keep this many days, or `never` to delete nothing; several times.",
        ),
    ] = None,
) -> None:
    """Tell what the data folder no longer needs; delete it with --yes.

    Rules and the days they keep: recordings 90, downloads never, research 30, models 0 (copies
    that are not in use), backups 90 (the newest stays), bench 30, logs 30, leftovers 1, journal
    365 (setups that never became a trade). Orders, fills, trades and equity are never deleted,
    nor the ledger of evaluations on test data. The journal of a running bot is left alone, and
    the newest hour that it recorded.

    Example:
      python -m bot prune --keep recordings=30 --keep journal=never --yes
    """
    from bot.tools.prune import DAYS, at_work, doomed  # noqa: PLC0415 - `--help` is quick
    from engine.runtime.clock import SystemClock  # noqa: PLC0415

    try:
        days = {**DAYS, **parse_keep(keep or [])}
        data_dir = Settings.load().data_dir
        found = doomed(data_dir, SystemClock().wall_ms(), days, at_work(data_dir))
        failed = _files(found, days, data_dir, yes=yes)
        failed += asyncio.run(_journals(data_dir, days, yes=yes))
    except (EngineError, SettingsError, ValueError, OSError) as error:
        typer.echo(f"prune: {error}", err=True)
        raise typer.Exit(2) from None
    for line in failed:
        typer.echo(f"prune: {line}", err=True)
    if not yes:
        typer.echo("Nothing was deleted; --yes deletes.")
    raise typer.Exit(1 if failed else 0)


def parse_keep(words: "Sequence[str]") -> "dict[Rule, int | None]":
    """Return the days of rules given like `journal=90` or `journal=never`.

    Raises:
        ValueError: what was given and what is allowed.
    """
    from bot.tools.prune import Rule  # noqa: PLC0415

    made: dict[Rule, int | None] = {}
    for word in words:
        name, _, text = word.partition("=")
        if name not in set(Rule) or not (text == "never" or text.isdecimal()):
            raise ValueError(
                f"--keep is {word!r}, allowed is RULE=DAYS or RULE=never with {', '.join(Rule)}"
            )
        made[Rule(name)] = None if text == "never" else int(text)
    return made


def _files(
    found: "Sequence[Doomed]", days: "Mapping[Rule, int | None]", data_dir: Path, *, yes: bool
) -> list[str]:
    from bot.tools.prune import WHAT, Rule  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("rule", "keeps", "files", "MB", "what"):
        table.add_column(title, justify="right" if title in {"files", "MB"} else "left")
    failed: list[str] = []
    for rule in Rule:
        if rule is Rule.JOURNAL:
            continue
        chosen = [one for one in found if one.rule is rule]
        kept = days[rule]
        size = sum(one.size for one in chosen) / 1e6
        keeps = "for ever" if kept is None else f"{kept} days"
        table.add_row(rule.value, keeps, f"{len(chosen):,}", f"{size:,.1f}", WHAT[rule])
        if yes:
            failed += _removed(chosen)
    console = Console(highlight=False)
    console.print(table)
    for one in found[:_SHOWN]:
        console.print(f"  {one.path.relative_to(data_dir)}", style="dim", soft_wrap=True)
    if len(found) > _SHOWN:
        console.print(f"  ... and {len(found) - _SHOWN:,} more", style="dim")
    total = sum(one.size for one in found) / 1e6
    done = f"deleted {len(found) - len(failed):,}" if yes else f"would delete {len(found):,}"
    console.print(f"{done} files, {total:,.1f} MB")
    return failed


def _removed(chosen: "Sequence[Doomed]") -> list[str]:
    from bot.tools.prune import remove  # noqa: PLC0415

    failed = []
    for one in chosen:
        try:
            remove(one)
        except OSError as error:
            failed.append(f"{one.path}: {error.strerror}")
    return failed


async def _journals(data_dir: Path, days: "Mapping[Rule, int | None]", *, yes: bool) -> list[str]:
    from bot.tools.prune import Rule, databases  # noqa: PLC0415
    from storage.database import Database  # noqa: PLC0415 - loads SQLAlchemy
    from storage.file_lock import FileLock  # noqa: PLC0415
    from storage.retention import count_old_setups, forget_old_setups  # noqa: PLC0415

    kept = days[Rule.JOURNAL]
    failed: list[str] = []
    if kept is None:
        return failed
    for path in databases(data_dir):
        database, lock = Database(str(path)), FileLock(Path(f"{path}.lock"))
        try:
            if yes:
                lock.acquire("prune")
                count = await forget_old_setups(database, kept)
            else:
                count = await count_old_setups(database, kept)
            verb = "deleted" if yes else "would delete"
            typer.echo(f"journal {path.relative_to(data_dir)}: {verb} {count:,} setups")
        except EngineError as error:
            failed.append(f"{error}")
        finally:
            lock.release()
            await database.close()
    return failed
