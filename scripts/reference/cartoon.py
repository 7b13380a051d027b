"""The input of the golden-output tests: a cartoon face made of integers only, so that Python, JavaScript and Rust
draw the same pixels. `crates/vision/tests/common/mod.rs` and `faceapi.mjs` say the same."""

import numpy

# (x, y, radius x, radius y, (r, g, b)) on a square of 150, later ones on top
SHAPES = [
    (55, 53, 11, 2, (60, 40, 30)),
    (95, 53, 11, 2, (60, 40, 30)),
    (55, 65, 8, 4, (240, 240, 240)),
    (95, 65, 8, 4, (240, 240, 240)),
    (55, 65, 3, 3, (30, 20, 20)),
    (95, 65, 3, 3, (30, 20, 20)),
    (75, 88, 5, 12, (190, 135, 110)),
    (75, 115, 18, 5, (160, 60, 60)),
]


def pixel(x: int, y: int) -> tuple[int, int, int]:
    """The colour at (x, y) of the square of 150."""

    def inside(cx: int, cy: int, rx: int, ry: int) -> bool:
        return ((x - cx) * ry) ** 2 + ((y - cy) * rx) ** 2 <= (rx * ry) ** 2

    colour = (60 + y // 2, 80 + y // 3, 120)
    shade = abs(x - 75)
    if inside(75, 80, 45, 60):
        colour = (210 - shade, 160 - shade, 130 - shade)
    for *ellipse, own in SHAPES:
        if inside(*ellipse):
            colour = own
    return colour


def cartoon(width: int, height: int) -> numpy.ndarray:
    """RGB, [height, width, 3]; the square is stretched to the sides."""
    rows = [[pixel(column * 150 // width, row * 150 // height) for column in range(width)] for row in range(height)]
    return numpy.array(rows, dtype=numpy.uint8)
