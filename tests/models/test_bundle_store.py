"""Copies of bundles and the choice among them."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import ScorerError
from models.artifacts import Candidate, load_bundle, read_candidate, save_bundle
from models.bundle_store import NO_BUNDLE, BundleStore, Choice, hash_of_file
from models.probe import probe_here
from tests.models.bundles import manifest, model_text

A, B, C = "a" * 64, "b" * 64, "c" * 64


def candidate(folder: Path, **changes: object) -> Candidate:
    path = folder / "made" / "lgbm_smc.txt"
    save_bundle(path, model_text(), manifest(**changes))
    return read_candidate(path, pinned_hash="")


def test_copy_when_kept_is_the_same_bundle(tmp_path: Path) -> None:
    store, made = BundleStore(tmp_path / "kept"), candidate(tmp_path)

    store.keep(made)
    store.keep(made)

    assert load_bundle(store.path_of(made.hash), probe=probe_here).hash == made.hash


def test_copy_when_damaged_is_made_anew(tmp_path: Path) -> None:
    store, made = BundleStore(tmp_path / "kept"), candidate(tmp_path)
    store.keep(made)
    store.path_of(made.hash).write_text("damaged")

    store.keep(made)

    assert hash_of_file(store.path_of(made.hash)) == made.hash


def test_copies_when_a_choice_is_remembered_are_only_those_it_needs(tmp_path: Path) -> None:
    store = BundleStore(tmp_path / "kept")
    made = [candidate(tmp_path, threshold=0.3 + i / 10) for i in range(3)]
    for one in made:
        store.keep(one)

    store.remember(Choice(in_use=made[0].hash, previous=made[2].hash))

    kept = [store.path_of(one.hash).exists() for one in made]
    assert kept == [True, False, True]


def test_folders_when_a_choice_is_remembered_stay_unless_they_are_copies(tmp_path: Path) -> None:
    """The operator may keep challengers in the same folder."""
    store = BundleStore(tmp_path / "kept")
    theirs = tmp_path / "kept" / "challenger" / "lgbm_smc.txt"
    store.path_of(A).parent.mkdir(parents=True)
    theirs.parent.mkdir()
    theirs.write_text("theirs")

    store.remember(Choice(in_use=B))

    assert theirs.read_text() == "theirs"
    assert not store.path_of(A).parent.exists()


def test_choice_when_remembered_is_read_back(tmp_path: Path) -> None:
    chosen = Choice(in_use=A, previous=NO_BUNDLE, passed_over=B)
    BundleStore(tmp_path / "deep" / "kept").remember(chosen)

    assert BundleStore(tmp_path / "deep" / "kept").choice() == chosen


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"moon": null}', '{"in_use": 5}', '{"in_use": "../../etc"}', "null"],
)
def test_choice_when_unreadable_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "choice.json").write_text(text)

    assert BundleStore(tmp_path).choice() == Choice()


def test_store_when_the_folder_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file")
    store, made = BundleStore(tmp_path / "kept"), candidate(tmp_path)

    with pytest.raises(ScorerError, match="cannot be written"):
        store.remember(Choice(in_use=A))
    with pytest.raises(ScorerError, match="cannot be written"):
        store.keep(made)


def test_choice_when_files_follow_each_other_goes_back_one() -> None:
    first = Choice().moved_to(A)
    second = first.moved_to(B)

    assert first == Choice(in_use=A)
    assert second == Choice(in_use=B, previous=A)
    assert second.moved_to(B) == second


def test_choice_when_rolled_back_passes_the_file_over_and_can_be_undone() -> None:
    back = Choice(in_use=B, previous=A).rolled_back(B)

    assert back == Choice(in_use=A, previous=B, passed_over=B)
    assert back.rolled_back(B) == Choice(in_use=B, previous=A, passed_over=B)
    assert back.moved_to(C) == Choice(in_use=C, previous=A)


def test_rollback_when_the_file_is_damaged_or_gone_holds_and_another_sound_one_ends_it() -> None:
    back = Choice(in_use=A, previous=B, passed_over=B)

    assert [back.holds_against(file) for file in (B, NO_BUNDLE, C)] == [True, True, False]
    assert not Choice(in_use=A).holds_against(NO_BUNDLE)


def test_choice_when_the_heuristic_stood_in_goes_back_to_the_last_model() -> None:
    broken = Choice(in_use=A).moved_to(NO_BUNDLE)

    assert broken == Choice(in_use=NO_BUNDLE, previous=A)
    assert broken.moved_to(B) == Choice(in_use=B, previous=A)
    assert broken.moved_to(A) == Choice(in_use=A, previous=NO_BUNDLE)
    assert Choice(in_use=NO_BUNDLE).moved_to(A) == Choice(in_use=A, previous=NO_BUNDLE)


@given(st.lists(st.sampled_from([NO_BUNDLE, A, B, C])))
def test_choice_when_anything_happens_never_goes_back_to_what_is_in_use(moves: list[str]) -> None:
    choice = Choice()
    for bundle in moves:
        choice = choice.moved_to(bundle)
        assert choice.in_use == bundle
        assert choice.previous != bundle
        assert json.dumps(asdict(choice))


def test_hash_when_there_is_no_sound_bundle_is_that_of_none(tmp_path: Path) -> None:
    assert hash_of_file(tmp_path / "nothing.txt") == NO_BUNDLE
