"""Small images of kinds that the Rust encoders cannot write, for crates/vision/src/decode/tests.rs.

    python odd_images.py OUTPUT_DIRECTORY

Needs numpy and Pillow (written with 2.4.6 and 13.0.0). Each shows four blocks of plain colour, see COLOURS.
"""

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 96
# Left to right, top to bottom.
COLOURS = [(200, 60, 40), (40, 160, 80), (50, 70, 190), (220, 200, 150)]


def blocks(colours, side=SIDE):
    channels = len(colours[0])
    array = np.zeros((side, side, channels), np.uint8)
    half = side // 2
    for index, colour in enumerate(colours):
        y, x = index // 2 * half, index % 2 * half
        array[y : y + half, x : x + half] = colour
    return array


def cmyk_inks(rgb):
    """Inks 0 to 255 that give `rgb` as (255 − ink)(255 − black)/255, with some black."""
    black = 255 - max(rgb)
    return tuple(round(255 - value * 255 / (255 - black)) for value in rgb) + (black,)


def save_cmyk(path):
    inks = blocks([cmyk_inks(colour) for colour in COLOURS])
    Image.fromarray(inks, "CMYK").save(path, quality=92)
    return path


def save_ycck(path):
    """Adobe's YCCK: the inverted inks as YCbCr, black as it is. Pillow cannot write it, so the planes are handed over as CMYK and
    the transform flag in the APP14 segment is set to 2."""
    planes = []
    for colour in COLOURS:
        cyan, magenta, yellow, black = cmyk_inks(colour)
        # An Adobe file stores 255 − ink; its YCbCr part is that of (ink, ink, ink), i.e. libjpeg inverts.
        ycc = Image.new("RGB", (1, 1), (cyan, magenta, yellow)).convert("YCbCr").getpixel((0, 0))
        stored = (*ycc, 255 - black)
        planes.append(tuple(255 - value for value in stored))
    buffer = io.BytesIO()
    Image.fromarray(blocks(planes), "CMYK").save(buffer, "JPEG", quality=92)
    data = bytearray(buffer.getvalue())
    flag = data.index(b"Adobe") + 11
    assert data[flag] == 0, data[flag]
    data[flag] = 2
    path.write_bytes(data)


def save_progressive(path):
    Image.fromarray(blocks(COLOURS), "RGB").save(path, quality=92, progressive=True)


def save_animation(path):
    first = Image.fromarray(blocks(COLOURS), "RGB")
    second = Image.new("RGB", (SIDE, SIDE), (0, 0, 0))
    first.save(path, save_all=True, append_images=[second], duration=100, lossless=True)


def main():
    target = Path(sys.argv[1])
    save_cmyk(target / "cmyk.jpg")
    save_ycck(target / "ycck.jpg")
    save_progressive(target / "progressive.jpg")
    save_animation(target / "animated.webp")
    for name in ["cmyk.jpg", "ycck.jpg", "progressive.jpg", "animated.webp"]:
        image = Image.open(target / name).convert("RGB")
        for index, colour in enumerate(COLOURS):
            found = image.getpixel((index % 2 * SIDE // 2 + SIDE // 4, index // 2 * SIDE // 2 + SIDE // 4))
            assert max(abs(a - b) for a, b in zip(found, colour)) <= 6, (name, index, colour, found)


if __name__ == "__main__":
    main()
