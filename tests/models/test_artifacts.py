"""Bundles: loaded only when every check passes, in the order that protects the process."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.domain.errors import ScorerError
from models import artifacts
from models.artifacts import load_bundle, load_bundle_async, manifest_path, save_bundle
from models.manifest import bundle_hash, parse_manifest
from models.probe import Rows, probe_here
from models.schema import SMC12_V1, Schema
from tests.models.bundles import manifest, model_text


def _never(_text: str, _rows: Rows) -> tuple[float, ...]:
    raise AssertionError("must be refused before anybody parses the text")


def test_load_when_bundle_is_good_passes_every_check(model_path: Path) -> None:
    bundle = load_bundle(model_path)
    assert bundle.manifest.schema == "smc12.v1"
    assert bundle.hash == bundle_hash(model_path.read_bytes(), bundle.manifest)
    assert bundle.trees.count == 40


async def test_load_when_awaited_gives_the_same_bundle(model_path: Path) -> None:
    awaited, candidate = await load_bundle_async(model_path)
    assert awaited.hash == candidate.hash == load_bundle(model_path, probe=probe_here).hash
    assert candidate.text == model_text()


def test_load_when_pinned_accepts_only_that_bundle(model_path: Path) -> None:
    known = load_bundle(model_path, probe=probe_here).hash
    assert load_bundle(model_path, pinned_hash=known, probe=probe_here).hash == known
    with pytest.raises(ScorerError, match="is not the pinned one, ffffffffffff"):
        load_bundle(model_path, pinned_hash="f" * 64, probe=_never)


def _flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _edit_golden(path: Path) -> None:
    stored = parse_manifest(manifest_path(path).read_bytes())
    wrong = (stored.golden_outputs[0] + 2e-6, *stored.golden_outputs[1:])
    manifest_path(path).write_bytes(replace(stored, golden_outputs=wrong).to_json())


def _foreign_letters(path: Path) -> None:
    content = path.read_bytes() + "# für".encode()
    path.write_bytes(content)
    stored = parse_manifest(manifest_path(path).read_bytes())
    digest = hashlib.sha256(content).hexdigest()
    manifest_path(path).write_bytes(replace(stored, sha256=digest).to_json())


def _other_schema(path: Path) -> None:
    stored = parse_manifest(manifest_path(path).read_bytes())
    manifest_path(path).write_bytes(replace(stored, schema="smc14.v1").to_json())


def _permuted_features(path: Path) -> None:
    stored = parse_manifest(manifest_path(path).read_bytes())
    names, drawn = tuple(reversed(stored.features)), tuple(reversed(stored.histograms))
    permuted = replace(stored, features=names, histograms=drawn)
    manifest_path(path).write_bytes(permuted.to_json())


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_flip_a_byte, "has the hash .*, its manifest says"),
        (lambda path: path.unlink(), r"model file lgbm_smc\.txt: No such file"),
        (lambda path: manifest_path(path).unlink(), r"lgbm_smc\.json: No such file"),
        (lambda path: manifest_path(path).write_text("{"), "manifest cannot be read"),
        (_foreign_letters, r"lgbm_smc\.txt is not plain ASCII text"),
        (_other_schema, r"wants schema smc14\.v1, we compute .*smc12\.v1"),
        (_permuted_features, "the manifest has other features"),
    ],
)
def test_load_when_files_are_wrong_refuses_before_parsing(
    model_path: Path, damage: Callable[[Path], None], told: str
) -> None:
    damage(model_path)
    with pytest.raises(ScorerError, match=told):
        load_bundle(model_path, probe=_never)


def test_load_when_text_names_other_features_is_refused(model_path: Path) -> None:
    renamed = Schema(SMC12_V1.name, (*SMC12_V1.features[:-1], replace(SMC12_V1.features[0])))
    with pytest.raises(ScorerError, match="other features"):
        load_bundle(model_path, schemas={renamed.name: renamed}, probe=_never)


def test_load_when_model_text_permutes_its_features_is_refused(tmp_path: Path) -> None:
    text = model_text()
    first, second = SMC12_V1.names[:2]
    permuted = text.replace(f"{first} {second}", f"{second} {first}")
    path = tmp_path / "lgbm_smc.txt"
    with pytest.raises(ScorerError, match="name different features"):
        save_bundle(path, permuted, manifest())
    assert list(tmp_path.iterdir()) == []


def test_load_when_golden_output_is_off_is_refused(model_path: Path) -> None:
    _edit_golden(model_path)
    with pytest.raises(ScorerError, match=r"golden vectors differ by 2e-06, allowed 1e-06"):
        load_bundle(model_path, probe=probe_here)


@pytest.mark.parametrize("outputs", [(), (0.1,), (float("nan"),) * 8])
def test_load_when_probe_answers_otherwise_is_refused(
    model_path: Path, outputs: tuple[float, ...]
) -> None:
    with pytest.raises(ScorerError, match="golden vectors"):
        load_bundle(model_path, probe=lambda _text, _rows: outputs)


@pytest.mark.parametrize("cap", ["MAX_TEXT_BYTES", "MAX_MANIFEST_BYTES"])
def test_load_when_file_is_too_large_is_refused(
    model_path: Path, monkeypatch: pytest.MonkeyPatch, cap: str
) -> None:
    monkeypatch.setattr(artifacts, cap, 100)
    with pytest.raises(ScorerError, match="is larger than 100 bytes"):
        load_bundle(model_path, probe=_never)


def test_save_when_written_leaves_exactly_two_files(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "model.txt"
    saved = save_bundle(path, model_text(), manifest())
    assert sorted(file.name for file in path.parent.iterdir()) == ["model.json", "model.txt"]
    assert saved.sha256 != manifest().sha256
    assert load_bundle(path, probe=probe_here).manifest == saved


def test_save_when_manifest_is_faulty_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ScorerError, match="threshold"):
        save_bundle(tmp_path / "m.txt", model_text(), manifest(threshold=7.0))
    assert list(tmp_path.iterdir()) == []
