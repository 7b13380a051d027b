"""Where dlib's own face chip puts five points: the reference for the `dlib-150` alignment of crates/face.

    pip install dlib-bin==20.0.1.post1 numpy
    python scripts/reference/dlib_chip.py > crates/face/tests/data/dlib_chip.json

An image whose red and green channels are its coordinates is cut by `dlib.get_face_chip`; the similarity transform from image
to chip is read off the chip's pixels by least squares.
"""

import json

import dlib
import numpy as np

SIDE = 150
# Five points of a slightly turned face, in dlib's order: image-right eye outer and inner corner, image-left eye outer
# and inner corner, base of the nose.
POINTS = [(160, 98), (131, 96), (66, 88), (93, 92), (108, 142)]

height, width = 240, 240
y, x = np.mgrid[0:height, 0:width]
image = np.stack([x, y, np.full_like(x, 128)], axis=2).astype(np.uint8)
shape = dlib.full_object_detection(
    dlib.rectangle(50, 50, 180, 180), [dlib.point(px, py) for px, py in POINTS]
)
chip = dlib.get_face_chip(image, shape, size=SIDE, padding=0.25).astype(float)
inside = chip[:, :, 2] == 128
cy, cx = np.nonzero(inside)
ix, iy = chip[cy, cx, 0], chip[cy, cx, 1]
# cx = a·ix − b·iy + tx, cy = b·ix + a·iy + ty
ones, zeros = np.ones_like(ix), np.zeros_like(ix)
left = np.concatenate([np.stack([ix, -iy, ones, zeros], 1), np.stack([iy, ix, zeros, ones], 1)])
a, b, tx, ty = np.linalg.lstsq(left, np.concatenate([cx, cy]), rcond=None)[0]
order = [2, 3, 1, 0, 4]  # ours: left outer, left inner, right inner, right outer, nose
print(json.dumps({"points": [POINTS[i] for i in order], "a": a, "b": b, "tx": tx, "ty": ty}))
