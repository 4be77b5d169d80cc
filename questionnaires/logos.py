"""A logo that somebody sends, made into a PNG of our own: nothing of the file itself is kept."""

from io import BytesIO
from typing import IO, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 25_000_000  # a decoded pixel takes four bytes
SIZE = (1200, 600)  # what is kept: sharp at 100 mm on paper
FORMATS = ("PNG", "JPEG", "WEBP")

_SVG = _("An SVG can carry scripts and is not accepted. Send the logo as PNG, JPEG or WebP.")
_TOO_HEAVY = _("The file has more than 2 MB. Send a smaller one.")
_TOO_LARGE = _("The image has too many pixels to open it safely. 1200 × 600 are enough.")
_BROKEN = _("The file cannot be read as PNG, JPEG or WebP. It may be broken or of another kind.")


class NormalisedLogo(NamedTuple):
    png: bytes
    width: int
    height: int


def normalised_logo(file: IO[bytes]) -> NormalisedLogo:
    """Return the first picture of the file, upright and reduced, without its metadata.

    Raises ValidationError; the size is read from the file's head and judged before a pixel is decoded.
    """
    data = file.read(MOST_BYTES + 1)
    if b"<svg" in data[:2000].lower():
        raise ValidationError(_SVG)
    if len(data) > MOST_BYTES:
        raise ValidationError(_TOO_HEAVY)
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            _require_whole(image, data)
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise ValidationError(_TOO_LARGE)
            image.draft("RGB", SIZE)  # lets a JPEG be decoded at about that size
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValidationError(_TOO_LARGE) from None
    except (OSError, SyntaxError, ValueError):
        raise ValidationError(_BROKEN) from None
    upright.thumbnail(SIZE, Image.Resampling.LANCZOS)
    return NormalisedLogo(_as_png(upright), *upright.size)


def _require_whole(image: Image.Image, data: bytes) -> None:
    """Pillow fills up what is cut off once WeasyPrint is imported, which asks for that in the whole process."""
    image.verify()  # of a PNG the checksums, of a JPEG nothing
    if image.format == "JPEG" and data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda"):
        raise ValueError("no end of image after the last start of a scan")


def _as_png(image: Image.Image) -> bytes:
    bare = Image.new("RGBA", image.size)
    bare.paste(image)
    written = BytesIO()
    bare.save(written, "PNG", compress_level=9)
    return written.getvalue()
