import pytest

from bot.localchat.content.messages import FileKind
from bot.localchat.errors import BotApiError
from bot.localchat.state.files import MAX_PHOTO_BYTES, FileStore
from tests.bot.localchat.support import png


def test_photo_when_added_is_measured_and_kept() -> None:
    files = FileStore()
    stored = files.add_photo(png(30, 20))
    assert (stored.kind, stored.width, stored.height) == (FileKind.PHOTO, 30, 20)
    assert files.find(stored.file_id) == stored
    assert files.read(stored.file_id) == png(30, 20)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (b"", "IMAGE_PROCESS_FAILED"),
        (png(9_000, 1_001), "PHOTO_INVALID_DIMENSIONS"),
        (png(210, 10), "PHOTO_INVALID_DIMENSIONS"),
        (png() + b"0" * MAX_PHOTO_BYTES, "file is too big for a photo"),
    ],
    ids=["text", "empty", "huge", "narrow", "heavy"],
)
def test_photo_when_it_is_none_or_too_big_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BotApiError, match=reason):
        FileStore().add_photo(data)


def test_photo_when_at_the_ratio_limit_is_accepted() -> None:
    assert FileStore().add_photo(png(200, 10)).width == 200


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a.csv", "a.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.txt", "y.txt"),
        ('a"b\n.txt', "ab.txt"),
        ("", "file"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_document_when_named_keeps_a_plain_name(name: str, kept: str) -> None:
    assert FileStore().add_document(b"1", name).name == kept


def test_document_when_empty_is_refused() -> None:
    with pytest.raises(BotApiError, match="non-empty"):
        FileStore().add_document(b"", "a")


def test_files_when_above_the_limit_drop_the_oldest() -> None:
    files = FileStore(max_total_bytes=10)
    first, second, third = (files.add_document(b"12345", "a") for _ in range(3))
    assert files.read(first.file_id) is None
    assert files.find(first.file_id) is None
    assert files.read(second.file_id) == files.read(third.file_id) == b"12345"


def test_file_when_larger_than_everything_is_refused() -> None:
    files = FileStore(max_total_bytes=4)
    with pytest.raises(BotApiError, match="too big"):
        files.add_document(b"12345", "a")


def test_ids_when_files_were_dropped_are_not_used_again() -> None:
    files = FileStore(max_total_bytes=5)
    ids = [files.add_document(b"12345", "a").file_id for _ in range(3)]
    assert len(set(ids)) == 3
