"""Reference detections for crates/face/tests/detectors.rs, computed with OpenCV's own reader of YuNet's outputs.

    python yunet.py MODEL_DIRECTORY SAMPLE_DIRECTORY OUTPUT.json

MODEL_DIRECTORY holds yunet_n_dynamic.onnx, SAMPLE_DIRECTORY what `selfsame samples` fetches. Needs opencv-python-headless
and numpy (written with 5.0.0 and 2.4.6).
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np

LONG_SIDE, STRIDE = 640, 32


def letterbox(image):
    """As the Rust pipeline: reduced to 640 pixels, black below and right up to a multiple of 32."""
    height, width = image.shape[:2]
    scale = min(LONG_SIDE / max(height, width), 1.0)
    size = round(width * scale), round(height * scale)
    content = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    frame = np.zeros((-(-size[1] // STRIDE) * STRIDE, -(-size[0] // STRIDE) * STRIDE, 3), np.uint8)
    frame[: size[1], : size[0]] = content
    return frame, scale


def detections(model, path):
    frame, scale = letterbox(cv2.imread(str(path)))
    height, width = frame.shape[:2]
    detector = cv2.FaceDetectorYN.create(str(model), "", (width, height), score_threshold=0.6, nms_threshold=0.3)
    _, faces = detector.detect(frame)
    return [
        {
            "box": [round(float(v) / scale, 2) for v in face[:4]],
            "points": [round(float(v) / scale, 2) for v in face[4:14]],
            "score": round(float(face[14]), 4),
        }
        for face in (faces if faces is not None else [])
    ]


def main():
    model = Path(sys.argv[1]) / "yunet_n_dynamic.onnx"
    samples = Path(sys.argv[2])
    names = ["obama.jpg", "biden.jpg", "sample1.jpg"]
    document = {
        "generator": f"opencv {cv2.__version__}",
        "photos": {name: detections(model, samples / name) for name in names},
    }
    Path(sys.argv[3]).write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
