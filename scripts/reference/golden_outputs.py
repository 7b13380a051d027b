"""Reference outputs of two models for crates/vision/tests/engines.rs, computed with Python's onnxruntime.

    python golden_outputs.py MODEL_DIRECTORY OUTPUT_DIRECTORY

MODEL_DIRECTORY holds mobilefacenet_foamliu.onnx and yunet_n_dynamic.onnx. Needs numpy and onnxruntime (written with
2.4.6 and 1.32.0).
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime


def pattern(shape):
    """Whole numbers 0 to 255 that the Rust test computes alike: stripes of different periods per channel."""
    _, channels, height, width = shape
    c, y, x = np.meshgrid(np.arange(channels), np.arange(height), np.arange(width), indexing="ij")
    return ((x * (3 + c) + y * 5 + (x * y) // 16 + c * 40) % 256).astype(np.float32)[None]


def run(path, tensor):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    outputs = session.run(None, {session.get_inputs()[0].name: tensor})
    return [(output.name, value) for output, value in zip(session.get_outputs(), outputs)]


def main():
    models, target = Path(sys.argv[1]), Path(sys.argv[2])

    name = "mobilefacenet_foamliu"
    tensor = pattern((1, 3, 112, 112)) / np.float32(127.5) - np.float32(1)
    outputs = run(models / f"{name}.onnx", tensor)
    write(target / f"{name}.json", name, tensor, outputs, every=1)

    # Symbolic height and width and twelve outputs, whose order matters.
    name = "yunet_n_dynamic"
    tensor = pattern((1, 3, 96, 64))
    outputs = run(models / f"{name}.onnx", tensor)
    write(target / f"{name}.json", name, tensor, outputs, every=7)


def write(path, name, tensor, outputs, every):
    """Every `every`-th value of each output, to keep the file small."""
    path.write_text(
        json.dumps(
            {
                "model": f"{name}.onnx",
                "generator": f"onnxruntime {onnxruntime.__version__} (Python)",
                "input_shape": list(tensor.shape),
                "every": every,
                "outputs": [
                    {
                        "name": output,
                        "shape": list(value.shape),
                        "values": [round(float(number), 6) for number in value.reshape(-1)[::every]],
                    }
                    for output, value in outputs
                ],
            },
            indent=1,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
