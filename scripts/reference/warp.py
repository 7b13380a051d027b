"""Reference values for crates/vision/src/warp/tests.rs: Umeyama's transform, bilinear and bicubic chips.

    python warp.py OUTPUT.json

Needs numpy, opencv-python-headless and scikit-image (written with 2.4.6, 5.0.0 and 0.26.0).
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
from skimage import transform as tf

# The five points of the usual 112-pixel template (InsightFace's `arcface_dst`) and some faces' points.
TEMPLATE = [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
FACES = [
    [[310.5, 220.25], [402.75, 230.5], [350.0, 280.0], [315.25, 330.75], [390.0, 338.5]],
    [[20.0, 40.0], [33.0, 12.0], [44.0, 33.0], [61.0, 44.0], [70.0, 20.0]],
    [[-5.0, 3.0], [400.0, -12.0], [180.0, 240.0], [60.0, 500.0], [350.0, 480.0]],
]


def image(width, height):
    """Smooth stripes, so that OpenCV's coordinates (in 1/32 pixels up to version 4) matter little."""

    def triangle(value):
        return 2 * np.minimum(value % 64, 64 - value % 64)

    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return (triangle(3 * x + y + 20 * c) + triangle(x + 2 * y)).astype(np.uint8)


def estimates():
    for points in FACES:
        estimate = tf.SimilarityTransform.from_estimate(np.array(points), np.array(TEMPLATE))
        matrix = estimate.params
        yield {
            "from": points,
            "to": TEMPLATE,
            "a": float(matrix[0, 0]),
            "b": float(matrix[1, 0]),
            "tx": float(matrix[0, 2]),
            "ty": float(matrix[1, 2]),
        }


def chips():
    source = image(40, 32)
    size = 20
    for a, b, tx, ty in [(0.9, 0.35, 8.25, 4.5), (1.6, -0.7, -3.0, 14.0), (1.0, 0.0, 0.0, 0.0)]:
        matrix = np.array([[a, -b, tx], [b, a, ty]])
        exact = tf.warp(
            source.astype(np.float64),
            tf.AffineTransform(np.vstack([matrix, [0, 0, 1]])),
            output_shape=(size, size),
            order=1,
            mode="constant",
            cval=0,
            preserve_range=True,
        )
        opencv = cv2.warpAffine(
            source, matrix, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=0
        )
        cubic = cv2.warpAffine(
            source, matrix, (size, size), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderValue=0
        )
        yield {
            "a": a,
            "b": b,
            "tx": tx,
            "ty": ty,
            "size": size,
            "exact": [int(value) for value in np.rint(exact).reshape(-1)],
            "opencv": opencv.reshape(-1).tolist(),
            "opencv_cubic": cubic.reshape(-1).tolist(),
        }


def main():
    document = {
        "generator": f"scikit-image, opencv {cv2.__version__}",
        "image": {"width": 40, "height": 32, "checksum": int(image(40, 32).astype(np.int64).sum())},
        "estimates": list(estimates()),
        "chips": list(chips()),
    }
    Path(sys.argv[1]).write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
