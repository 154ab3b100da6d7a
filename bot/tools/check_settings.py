"""Examines settings that need nothing else: do they fit each other, do keys look like keys?"""

import re

from bot.run_options import RunOptions, VenueName, choose_venue
from bot.settings import Settings, SettingsError
from bot.tools.findings import Finding, fault, good, warning

_USUAL_KEY = re.compile(r"[A-Za-z0-9]{64}")
_SUSPECT = re.compile(r"[\s\"']")


def check_settings(
    settings: Settings, asked: VenueName | None, hosted: str | None
) -> tuple[VenueName | None, Finding]:
    """Return the venue `run` would choose, None if it would refuse, and the finding."""
    try:
        venue = choose_venue(RunOptions(venue=asked), settings, hosted)
    except SettingsError as error:
        return None, fault("settings", str(error), "change it in .env or in the environment")
    return venue, good("settings", f"readable, and they fit together; the venue is {venue}")


def check_keys(settings: Settings, venue: VenueName) -> Finding:
    """Judge the shape of the API key and secret; they are never shown."""
    if venue == "sim":
        return good("API key", "none needed: the embedded exchange has its own")
    key = settings.binance_key.get_secret_value()
    secret = settings.binance_secret.get_secret_value()
    if not key:
        return good("API key", "none; signals and paper mode need none, live trading does")
    if "PRIVATE KEY" in secret:
        return fault(
            "API key",
            "SMCBOT_BINANCE_SECRET is a private key in PEM form",
            "make an API key of the kind HMAC (system-generated) instead",
        )
    if key == secret:
        return fault(
            "API key", "key and secret are the same text", "copy SMCBOT_BINANCE_SECRET once more"
        )
    for name, text in (("SMCBOT_BINANCE_KEY", key), ("SMCBOT_BINANCE_SECRET", secret)):
        if _SUSPECT.search(text):
            return fault("API key", f"{name} has a blank or a quotation mark in it", "remove it")
        if not _USUAL_KEY.fullmatch(text):
            return warning(
                "API key",
                f"{name} has {len(text)} characters, usual are 64 letters and digits",
                "copy it once more if the exchange refuses it",
            )
    return good("API key", "key and secret have the usual shape")
