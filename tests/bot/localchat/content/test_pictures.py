import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.localchat.content.pictures import Picture, inspect_picture
from tests.bot.localchat.support import png


@pytest.mark.parametrize(
    ("form", "mime", "suffix"),
    [
        ("PNG", "image/png", ".png"),
        ("JPEG", "image/jpeg", ".jpg"),
        ("GIF", "image/gif", ".gif"),
        ("WEBP", "image/webp", ".webp"),
    ],
)
def test_picture_when_written_by_an_image_library_is_measured(
    form: str, mime: str, suffix: str
) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (321, 123), "#336699").save(stream, form)
    picture = inspect_picture(stream.getvalue())
    assert picture == Picture(mime, 321, 123)
    assert picture.suffix == suffix


def test_webp_when_lossless_or_extended_is_measured() -> None:
    plain, extended = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (70, 41)).save(plain, "WEBP", lossless=True)
    Image.new("RGBA", (70, 41), (1, 2, 3, 4)).save(
        extended, "WEBP", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0"
    )
    for data in (plain.getvalue(), extended.getvalue()):
        assert inspect_picture(data) == Picture("image/webp", 70, 41)


def test_jpeg_when_progressive_is_measured() -> None:
    stream = io.BytesIO()
    Image.new("L", (50, 60)).save(stream, "JPEG", progressive=True)
    assert inspect_picture(stream.getvalue()) == Picture("image/jpeg", 50, 60)


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF1234WEBPVP8?" + b"0" * 30],
)
def test_picture_when_it_is_none_or_cut_is_none(data: bytes) -> None:
    assert inspect_picture(data) is None


def test_picture_when_a_side_is_zero_is_none() -> None:
    assert inspect_picture(png(0, 5)) is None


@given(
    st.sampled_from([b"", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"GIF89a"]), st.binary(max_size=60)
)
def test_any_bytes_when_inspected_never_raise(head: bytes, tail: bytes) -> None:
    picture = inspect_picture(head + tail)
    assert picture is None or (picture.width > 0 and picture.height > 0)
