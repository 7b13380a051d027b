"""Photos for the tests: the project's samples, and pictures made of them."""

import io
import random
from functools import cache
from pathlib import Path

from PIL import Image

# The same person three times, and another one.
PERSON = ("obama.jpg", "obama2.jpg", "obama3.jpg")
OTHER = "biden.jpg"
# Photos of groups, and how many people face the camera in them.
GROUPS = {"sample1.jpg": 3, "sample3.jpg": 3, "sample4.jpg": 4, "sample5.jpg": 5, "sample6.jpg": 4}


class Photos:
    def __init__(self, directory: Path):
        self.directory = directory

    @cache
    def read(self, name: str) -> bytes:
        return (self.directory / name).read_bytes()

    def open(self, name: str) -> Image.Image:
        return Image.open(io.BytesIO(self.read(name)))

    def size(self, name: str) -> tuple[int, int]:
        return self.open(name).size

    def reduced(self, name: str, width: int) -> Image.Image:
        image = self.open(name)
        return image.resize((width, image.height * width // image.width), Image.Resampling.LANCZOS)


def encode(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def blank(width: int = 320, height: int = 240, kind: str = "PNG") -> bytes:
    """A picture without a face."""
    return encode(Image.new("RGB", (width, height), (90, 120, 150)), kind)


def rotated(image: Image.Image) -> bytes:
    """The picture as a camera that was held sideways stores it: turned, with a note on how to turn it back."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise to see it upright
    return encode(image.rotate(90, expand=True), "JPEG", quality=92, exif=exif)


def padded(jpeg: bytes, size: int) -> bytes:
    """The same picture in a file of exactly this size: comment segments after the start of a JPEG."""
    missing, parts = size - len(jpeg), [jpeg[:2]]
    assert missing >= 4
    while missing:
        # A segment of marker, length and content takes 4 to 65 537 bytes; what is left must still hold one.
        length = min(missing, 65537)
        if 0 < missing - length < 4:
            length -= 4
        parts.append(b"\xff\xfe" + (length - 2).to_bytes(2, "big") + b"\0" * (length - 4))
        missing -= length
    return b"".join([*parts, jpeg[2:]])


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)
