import pytest

from bot.model_life import load_beside
from bot.scorer_choice import bundle_store
from engine.domain.commands import ChangeModel, ModelChange, Receipt
from models.artifacts import manifest_path
from models.heuristic import HEURISTIC
from tests.bot.model_kit import Run, put


def short(bundle: str) -> str:
    return f"lgbm:{bundle[:8]}"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


async def test_reload_when_a_new_file_lies_there_lets_it_work_with_its_own_seed(folder):
    run = await Run(folder).start()
    bundle = put(run.file, quantiles=(0.1, 0.2, 0.9))

    receipt = await run.reload()

    assert isinstance(receipt, Receipt)
    assert run.name == short(bundle)
    (event,) = run.changed
    assert (event.scorer, event.quantiles, event.per_day) == (run.name, (0.1, 0.2, 0.9), 75.0)
    assert (event.command.bundle, event.command.requested_by) == (bundle, "ada")
    assert run.life.view().problem == ""
    assert run.life.view().previous == HEURISTIC


async def test_proposal_when_checked_changes_nothing_and_shows_the_card(folder):
    run = await Run(folder).start()
    bundle = put(run.file, edge=True)

    proposal = await run.life.propose(ModelChange.RELOAD)

    assert run.changed == []
    assert (proposal.bundle, proposal.scorer, proposal.problem) == (bundle, short(bundle), "")
    assert proposal.card is not None
    assert proposal.card.edge


def _damage_text(path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def _damage_golden(path) -> None:
    raw = manifest_path(path).read_text()
    manifest_path(path).write_text(
        raw.replace('"golden_outputs": [\n    0.', '"golden_outputs": [\n    0.9', 1)
    )


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_damage_text, "has the hash"),
        (_damage_golden, "golden vectors differ"),
        (lambda path: path.unlink(), "There is no model at"),
        (lambda path: manifest_path(path).unlink(), "lgbm_smc.json: No such file"),
    ],
)
async def test_reload_when_the_file_is_bad_changes_nothing_and_says_why(folder, damage, told):
    put(Run(folder).file)
    run = await Run(folder).start()
    before = run.life.view()
    put(run.file, threshold=0.2)
    damage(run.file)

    problem = await run.reload()

    assert told in problem
    assert run.changed == []
    assert run.life.view() == before


async def test_reload_when_the_file_is_the_one_in_use_says_so(folder):
    bundle = put(Run(folder).file)
    run = await Run(folder).start()

    assert await run.reload() == f"{short(bundle)} is in use already."


async def test_reload_when_another_bundle_is_pinned_is_refused_with_the_line(folder):
    good = put(Run(folder).file)
    run = await Run(folder, model_sha256=good).start()
    other = put(run.file, threshold=0.2)

    problem = await run.reload()

    assert problem == f"bundle {other[:12]} is not the pinned one, {good[:12]}."
    assert run.name == short(good)


async def test_change_when_the_bundle_is_not_the_one_proposed_is_refused(folder):
    run = await Run(folder).start()
    put(run.file)
    await run.life.propose(ModelChange.RELOAD)
    command = ChangeModel(
        command_id="c", requested_by="ada", change=ModelChange.RELOAD, bundle="ab" * 32
    )

    receipt = await run.life.change(command)

    assert not receipt.accepted
    assert "ask again" in receipt.detail
    assert run.changed == []


async def test_change_when_pressed_twice_is_made_once(folder):
    run = await Run(folder).start()
    bundle = put(run.file)
    await run.life.propose(ModelChange.RELOAD)
    command = ChangeModel(
        command_id="c", requested_by="ada", change=ModelChange.RELOAD, bundle=bundle
    )

    first, second = await run.life.change(command), await run.life.change(command)

    assert (first.accepted, second.accepted) == (True, False)
    assert len(run.changed) == 1


async def test_change_when_no_copy_can_be_kept_is_not_made(folder):
    run = await Run(folder).start()
    put(run.file)
    store = folder / "models"
    for path in store.iterdir():
        path.unlink()
    store.rmdir()
    store.write_text("in the way")

    receipt = await run.reload()

    assert isinstance(receipt, Receipt)
    assert receipt.detail.startswith("Nothing was changed:")
    assert run.name == HEURISTIC


# --- rollback ------------------------------------------------------------------------------------


async def two_models(folder) -> tuple[Run, str, str]:
    good = put(Run(folder).file)
    run = await Run(folder).start()
    bad = put(run.file, threshold=0.2)
    assert isinstance(await run.reload(), Receipt)
    return run, good, bad


async def test_rollback_when_asked_brings_the_earlier_model_back_although_its_file_is_gone(folder):
    run, good, bad = await two_models(folder)
    assert run.life.view().previous == short(good)

    receipt = await run.rollback()

    assert isinstance(receipt, Receipt)
    assert run.name == short(good)
    assert run.changed[-1].command.change is ModelChange.ROLLBACK
    view = run.life.view()
    assert (view.rolled_back, view.previous) == (True, short(bad))


async def test_rollback_when_the_bot_starts_again_still_holds(folder):
    run, good, _bad = await two_models(folder)
    await run.rollback()

    again = await Run(folder).start()

    assert again.name == short(good)
    assert again.life.view().rolled_back
    third = await Run(folder).start()
    assert third.name == short(good)


async def test_rollback_when_another_file_is_put_in_place_ends_with_the_next_start(folder):
    run, good, _bad = await two_models(folder)
    await run.rollback()
    better = put(run.file, threshold=0.3)

    again = await Run(folder).start()

    assert again.name == short(better)
    view = again.life.view()
    assert (view.rolled_back, view.previous) == (False, short(good))


async def test_rollback_when_the_file_is_damaged_later_still_holds(folder):
    run, good, _bad = await two_models(folder)
    await run.rollback()
    run.file.write_text("damaged")

    assert (await Run(folder).start()).name == short(good)
    assert (await Run(folder).start()).name == short(good)


async def test_rollback_when_undone_by_reload_takes_the_file_again(folder):
    run, good, bad = await two_models(folder)
    await run.rollback()

    await run.reload()

    assert run.name == short(bad)
    assert run.life.view().previous == short(good)
    assert (await Run(folder).start()).name == short(bad)


async def test_rollback_when_asked_twice_goes_back_and_forth(folder):
    run, good, bad = await two_models(folder)

    await run.rollback()
    await run.rollback()

    assert run.name == short(bad)
    assert (await Run(folder).start()).name == short(bad)
    await run.rollback()
    assert run.name == short(good)


async def test_rollback_when_there_was_no_model_before_is_to_the_heuristic_also_after_a_start(
    folder,
):
    run = await Run(folder).start()
    put(run.file)
    await run.reload()

    await run.rollback()

    assert run.name == HEURISTIC
    assert run.life.view().problem.endswith("was rolled back")
    again = await Run(folder).start()
    assert again.name == HEURISTIC
    assert again.life.view().problem.endswith("was rolled back")


async def test_rollback_when_nothing_was_before_says_so(folder):
    run = await Run(folder).start()

    assert await run.rollback() == "There is no earlier model to go back to."


async def test_rollback_when_the_copy_is_damaged_changes_nothing(folder):
    run, good, bad = await two_models(folder)
    bundle_store(run.settings).path_of(good).write_text("damaged")

    assert "has the hash" in await run.rollback()
    assert run.name == short(bad)


async def test_rollback_when_another_bundle_is_pinned_is_refused(folder):
    _run, good, bad = await two_models(folder)
    pinned = await Run(folder, model_sha256=bad).start()

    assert await pinned.rollback() == f"bundle {good[:12]} is not the pinned one, {bad[:12]}."


async def test_rollback_when_a_broken_file_came_with_the_start_goes_to_the_last_model(folder):
    good = put(Run(folder).file)
    run = await Run(folder).start()
    run.file.write_text("broken")

    again = await Run(folder).start()
    assert again.name == HEURISTIC
    await again.rollback()

    assert again.name == short(good)
    assert (await Run(folder).start()).name == short(good)


# --- challenger ----------------------------------------------------------------------------------


async def test_challenger_when_named_scores_beside_and_the_engine_journals_it(folder):
    put(Run(folder).file)
    run = await Run(folder).start()
    rival = put(run.file.parent / "next" / "lgbm_smc.txt", threshold=0.2)

    receipt = await run.shadow("next")

    assert receipt.accepted
    assert run.challengers[-1].name == short(rival)
    assert run.given[0].scorer == short(rival)
    assert run.life.view().shadow == short(rival)
    assert run.changed == []


async def test_challenger_when_sent_away_scores_no_more(folder):
    put(Run(folder).file)
    run = await Run(folder).start()
    put(run.file.parent / "next.txt", threshold=0.2)
    await run.shadow("next.txt")

    await run.shadow("")

    assert run.challengers[-1] is None
    assert run.life.view().shadow == ""
    assert run.given[-1].model == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nothing", "there is no model nothing in"),
        ("../../secret.txt", "is not in the model folder"),
        ("/etc/passwd", "is not in the model folder"),
        ("lgbm_smc.txt", "is the model in use"),
    ],
)
async def test_challenger_when_it_cannot_be_changes_nothing_and_says_why(folder, name, told):
    put(Run(folder).file)
    run = await Run(folder).start()

    receipt = await run.shadow(name)

    assert not receipt.accepted
    assert told in receipt.detail
    assert (run.challengers, run.given) == ([], [])


async def test_challenger_when_set_by_the_environment_scores_from_the_start(folder, tmp_path):
    rival = put(tmp_path / "elsewhere" / "lgbm_smc.txt", threshold=0.2)

    run = await Run(folder, shadow_model=str(tmp_path / "elsewhere")).start()

    assert run.challengers[0].name == short(rival)


@pytest.mark.parametrize(("stored", "expected"), [("", 0), ("next", 1)])
async def test_challenger_when_chosen_in_the_chat_wins_over_the_environment(
    folder, stored, expected
):
    probe = Run(folder)
    put(probe.file.parent / "next" / "lgbm_smc.txt", threshold=0.2)
    put(probe.file.parent / "other" / "lgbm_smc.txt", threshold=0.3)

    run = await Run(folder, shadow_model="other").start(stored)

    assert len(run.challengers) == expected


async def test_challenger_when_missing_at_the_start_is_said_and_nothing_else_happens(folder):
    run = await Run(folder, shadow_model="gone").start()

    view = run.life.view()
    assert (view.shadow, "there is no model gone" in view.shadow_problem) == ("", True)


async def test_challenger_when_promoted_scores_beside_itself_no_more(folder):
    put(Run(folder).file)
    run = await Run(folder).start()
    put(run.file.parent / "next" / "lgbm_smc.txt", threshold=0.2)
    await run.shadow("next")

    put(run.file, threshold=0.2)
    await run.reload()

    assert run.challengers[-1] is None
    assert run.life.view().shadow == ""


@pytest.mark.parametrize(
    ("stored", "named", "forgotten"),
    [(None, "next", ["shadow"]), ("next", "", ["shadow"]), (None, "", [])],
    ids=["chosen in the chat", "chosen in the chat before this run", "set by the environment"],
)
async def test_challenger_when_promoted_leaves_the_choice_stored_in_the_chat(
    folder, stored, named, forgotten
):
    put(Run(folder).file)
    put(Run(folder).file.parent / "next" / "lgbm_smc.txt", threshold=0.2)
    run = await Run(folder, shadow_model="next").start(stored)
    if named:
        await run.shadow(named)

    put(run.file, threshold=0.2)
    await run.reload()

    assert run.challengers[-1] is None
    assert run.forgotten == forgotten


async def test_challenger_when_another_model_is_promoted_stays_stored(folder):
    put(Run(folder).file)
    run = await Run(folder).start()
    put(run.file.parent / "next" / "lgbm_smc.txt", threshold=0.2)
    await run.shadow("next")

    put(run.file, threshold=0.3)
    await run.reload()

    assert run.forgotten == []


async def test_challenger_when_it_fails_while_scoring_is_not_said_to_score(folder):
    run = await Run(folder).start()
    rival = put(run.file.parent / "next" / "lgbm_smc.txt", threshold=0.2)
    await run.shadow("next")

    run.challengers.append(None)  # what the shadow does with one that fails

    view = run.life.view()
    assert view.shadow == ""
    assert view.shadow_problem == f"{short(rival)} failed while scoring; the log says how"


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
async def test_challenger_when_its_name_is_none_of_a_file_is_refused(folder, name):
    run = await Run(folder).start()

    receipt = await run.shadow(name)

    assert (receipt.accepted, "there is no model" in receipt.detail) == (False, True)


async def test_load_when_beside_the_loop_is_the_checked_bundle(tmp_path):
    bundle = put(tmp_path / "lgbm_smc.txt")

    loaded, candidate = await load_beside(tmp_path / "lgbm_smc.txt", bundle)

    assert loaded.hash == candidate.hash == bundle
