"""The desk's part for the model; the whole machine is in tests/system/test_model_life.py."""

from bot.desk_model import ModelEvidence
from bot.model_desk import ModelDesk
from engine.domain.commands import ChangeModel, ModelChange, SetShadow
from models.heuristic import HEURISTIC
from tests.bot.evidence_kit import evidence
from tests.bot.model_kit import Run, put


class Evidence:
    async def read(self) -> ModelEvidence:
        return evidence()


async def opened(folder) -> tuple[ModelDesk, Run]:
    run = await Run(folder).start()
    return ModelDesk(run.life, Evidence(), run.given.append), run  # type: ignore[arg-type]


async def test_desk_when_asked_answers_from_life_and_journal(tmp_path):
    desk, _run = await opened(tmp_path)

    assert desk.view().scorer == HEURISTIC
    assert await desk.evidence() == evidence()


async def test_change_when_proposed_and_ordered_is_made(tmp_path):
    desk, run = await opened(tmp_path)
    bundle = put(run.file)

    proposal = await desk.propose(ModelChange.RELOAD)
    command = ChangeModel(
        command_id="c", requested_by="ada", change=ModelChange.RELOAD, bundle=proposal.bundle
    )

    assert (await desk.obey(command)).accepted
    assert run.changed[0].command.bundle == bundle


async def test_challenger_when_ordered_is_given_to_the_engine_with_its_name(tmp_path):
    desk, run = await opened(tmp_path)
    bundle = put(run.file.parent / "next" / "lgbm_smc.txt")

    receipt = await desk.obey(SetShadow(command_id="s", requested_by="ada", model="next"))

    assert receipt.accepted
    assert run.given == [
        SetShadow(command_id="s", requested_by="ada", model="next", scorer=f"lgbm:{bundle[:8]}")
    ]
