"""The command line: one entry, one file a verb."""

import sys

import typer
from typer.exceptions import TyperException

from bot.cli.audit import audit
from bot.cli.backtest import backtest
from bot.cli.backup import backup
from bot.cli.bench import bench
from bot.cli.doctor import doctor
from bot.cli.download import download
from bot.cli.exchange import exchange
from bot.cli.import_ import import_
from bot.cli.migrate import migrate
from bot.cli.parity import parity
from bot.cli.prune import prune
from bot.cli.run import run
from bot.cli.smc import smc
from bot.cli.train import train

WRONG_USE, INTERRUPTED = 2, 130

app = typer.Typer(
    name="smcbot",
    help="A self-hosted Smart Money Concepts bot for Binance USDⓈ-M perpetuals, on your phone.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
for verb in (
    run,
    exchange,
    smc,
    download,
    import_,
    train,
    backtest,
    parity,
    bench,
    audit,
    doctor,
    prune,
    migrate,
    backup,
):
    # `import` is a word of the language, so its function is called `import_`.
    app.command(name=verb.__name__.rstrip("_"))(verb)


def main() -> None:
    """Run the verb named on the command line; a wrong word gets one line and code 2."""
    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except TyperException as error:
        tell = getattr(error, "format_message", error.__str__)
        line = tell().strip()
        if line:
            verb = (
                f" {sys.argv[1]}" if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else ""
            )
            typer.echo(f"✗ {line} See python -m bot{verb} --help", err=True)
        sys.exit(WRONG_USE)
    sys.exit(code if isinstance(code, int) else 0)
