"""Keys and texts of the settings that survive restarts."""

from engine.risk.threshold import ThresholdRule

MODE = "mode"
RISK_PCT = "risk_pct"
THRESHOLD = "threshold"
ALLOW_NEGATIVE_EDGE = "allow_negative_edge"
APPROVAL = "approval"
MUTE = "mute."
SCORER = "scorer"
"""Whose scores the stored history of the threshold holds."""
SHADOW = "shadow"
"""The challenger's name in the model folder, "" where the operator wants none."""


def threshold_to_text(rule: ThresholdRule) -> str:
    """Return `auto:150` or `0.62:150`; the second number is the daily cap."""
    fixed = "auto" if rule.fixed is None else repr(rule.fixed)
    return f"{fixed}:{rule.per_day}"


def threshold_from_text(text: str, default: ThresholdRule) -> ThresholdRule:
    """Return what `threshold_to_text` wrote.

    Raises:
        ValueError: the text is not such a rule.
    """
    fixed, _, per_day = text.partition(":")
    return ThresholdRule(
        fixed=None if fixed == "auto" else float(fixed),
        per_day=int(per_day) if per_day else default.per_day,
    )
