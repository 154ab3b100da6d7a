"""Another scorer works: the automatic threshold starts anew, and the change is told.

Signals that are open keep the score they were decided by: proposals waiting for a Take and running
trades carry it with them.
"""

import json

from engine.core.on_timer import THRESHOLD_HISTORY
from engine.core.settings import SCORER
from engine.core.state import EngineState
from engine.core.tell import mode_notice, setting
from engine.domain.commands import ModelChange, Receipt
from engine.domain.effects import Acknowledge, CommandAnswered, Effect, Record
from engine.domain.events import Instant, ScorerChanged
from engine.risk.threshold import ThresholdSeed

_DONE = {ModelChange.RELOAD: "reloaded", ModelChange.ROLLBACK: "rolled back"}


def on_scorer_changed(state: EngineState, event: ScorerChanged, now: Instant) -> list[Effect]:
    """Take the new scorer's name and seed; a redelivered command has no second effect."""
    command = event.command
    known = state.receipts.get(command.command_id)
    if known is not None:
        return [Acknowledge(known)]
    before, state.scorer = state.scorer, event.scorer
    state.threshold.reseed(ThresholdSeed(quantiles=event.quantiles, per_day=event.per_day))
    text = f"Model {_DONE[command.change]}: {before} → {event.scorer}. {_threshold_words(state)}"
    receipt = Receipt(command_id=command.command_id, accepted=True, detail=text)
    state.remember_receipt(receipt)
    return [
        setting(SCORER, event.scorer),
        setting(THRESHOLD_HISTORY, json.dumps(state.threshold.dump())),
        mode_notice(state, text, command.requested_by, command.command_id, now),
        Record(CommandAnswered(command, receipt, now.exchange_ms)),
        Acknowledge(receipt),
    ]


def _threshold_words(state: EngineState) -> str:
    value = state.threshold.value
    if state.threshold.rule.fixed is None:
        return f"The threshold starts anew at {value:.4f}."
    return (
        f"The threshold stays fixed at {value:.4f}, which was chosen for the former scores: "
        "/threshold auto fits it to the new ones."
    )
