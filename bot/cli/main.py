"""The command line: one entry, one file a verb."""

import typer

from bot.cli.backtest import backtest
from bot.cli.bench import bench
from bot.cli.doctor import doctor
from bot.cli.download import download
from bot.cli.exchange import exchange
from bot.cli.import_ import import_
from bot.cli.migrate import migrate
from bot.cli.run import run
from bot.cli.smc import smc
from bot.cli.train import train

app = typer.Typer(
    name="smcbot",
    help="A self-hosted Smart Money Concepts bot for Binance USDⓈ-M perpetuals, on your phone.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
for verb in (run, exchange, smc, download, import_, train, backtest, bench, doctor, migrate):
    # `import` is a word of the language, so its function is called `import_`.
    app.command(name=verb.__name__.rstrip("_"))(verb)


def main() -> None:
    """Run the verb named on the command line."""
    app()
