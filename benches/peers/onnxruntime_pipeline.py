"""The same models under onnxruntime in Python: the peer that `selfsame bench --peer` measures itself against.

Decode (OpenCV, or Pillow where there is no OpenCV) -> CenterFace -> non-maximum suppression -> similarity transform
to the 112-pixel template -> MobileFaceNet, on one thread. A plain, well-written pipeline: it does what Selfsame does
and nothing else.

    python3 onnxruntime_pipeline.py --detector D.onnx --embedder E.onnx --photo P.jpg [--flip] [--iterations 50]

prints one JSON document. With `--interactive` it prints one line when it is ready, then reads numbers from standard
input, one per line, runs that many iterations for each and answers with one line of JSON: so that another program can
take turns with it.
"""

import argparse
import json
import math
import statistics
import sys
import time

import numpy as np
import onnxruntime

try:
    import cv2

    cv2.setNumThreads(1)
except ImportError:
    cv2 = None
if cv2 is None:
    import io

    from PIL import Image

# The reference values of the models; the same numbers stand in Selfsame's manifests.
CONFIDENCE_MINIMUM = 0.35
OVERLAP_MAXIMUM = 0.3
STRIDE = 4
MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32) * 255
TEMPLATE_POINTS = np.array(  # ArcFace, 112 x 112
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
TEMPLATE_SIDE = 112


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # without the warnings about initialisers that no node uses
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def decode(photo):
    """RGB, HWC, uint8."""
    if cv2 is None:
        return np.asarray(Image.open(io.BytesIO(photo)).convert("RGB"))
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def pad_to_multiple(image, multiple=32):
    height, width = image.shape[:2]
    padded_height, padded_width = (math.ceil(side / multiple) * multiple for side in (height, width))
    if (height, width) == (padded_height, padded_width):
        return image
    padded = np.zeros((padded_height, padded_width, 3), np.uint8)
    padded[:height, :width] = image
    return padded


def suppress(boxes, scores):
    """Greedy non-maximum suppression; the indices that stay, best first."""
    order = scores.argsort()[::-1]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(best)
        left_top = np.maximum(boxes[best, :2], boxes[rest, :2])
        right_bottom = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        overlap = np.prod(np.maximum(0, right_bottom - left_top), axis=1)
        order = rest[overlap / (areas[best] + areas[rest] - overlap) <= OVERLAP_MAXIMUM]
    return kept


def detect(model, image):
    """The five points of the largest face, or None."""
    tensor = pad_to_multiple(image).transpose(2, 0, 1)[None].astype(np.float32)
    heatmap, scale, offset, points = model.run(None, {model.get_inputs()[0].name: tensor})
    rows, columns = np.nonzero(heatmap[0, 0] > CONFIDENCE_MINIMUM)
    if rows.size == 0:
        return None
    scores = heatmap[0, 0, rows, columns]
    heights, widths = np.exp(scale[0][:, rows, columns]) * STRIDE
    tops = (rows + offset[0, 0, rows, columns] + 0.5) * STRIDE - heights / 2
    lefts = (columns + offset[0, 1, rows, columns] + 0.5) * STRIDE - widths / 2
    boxes = np.stack([lefts, tops, lefts + widths, tops + heights], axis=1)
    kept = suppress(boxes, scores)
    largest = max(kept, key=lambda index: heights[index] * widths[index])
    relative = points[0][:, rows[largest], columns[largest]].reshape(5, 2)
    return np.stack(
        [relative[:, 1] * widths[largest] + lefts[largest], relative[:, 0] * heights[largest] + tops[largest]], axis=1
    )


def similarity_transform(source, target):
    """Least squares (Umeyama): the 2 x 3 matrix that takes source to target."""
    source_mean, target_mean = source.mean(0), target.mean(0)
    source, target = source - source_mean, target - target_mean
    u, sizes, vt = np.linalg.svd(target.T @ source / len(source))
    signs = np.array([1, np.sign(np.linalg.det(u @ vt))])
    rotation = u @ np.diag(signs) @ vt
    factor = (sizes * signs).sum() / source.var(0).sum()
    return np.hstack([factor * rotation, (target_mean - factor * rotation @ source_mean)[:, None]])


def warp(image, matrix):
    size = (TEMPLATE_SIDE, TEMPLATE_SIDE)
    if cv2 is not None:
        return cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR)
    inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    coefficients = inverse.ravel().tolist()
    picture = Image.fromarray(image).transform(size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
    return np.asarray(picture)


def unit(vector):
    return vector / np.linalg.norm(vector)


def embed(model, chip, flip):
    tensor = ((chip.astype(np.float32) - MEAN) / DEVIATION).transpose(2, 0, 1)[None]
    name = model.get_inputs()[0].name
    template = unit(model.run(None, {name: tensor})[0][0])
    if flip:
        template = unit(template + unit(model.run(None, {name: np.ascontiguousarray(tensor[..., ::-1])})[0][0]))
    return template


class Pipeline:
    def __init__(self, arguments):
        self.detector, self.embedder = session(arguments.detector), session(arguments.embedder)
        self.flip = arguments.flip
        with open(arguments.photo, "rb") as file:
            self.photo = file.read()

    def run(self):
        """One pass; the template and the milliseconds per stage."""
        times = [time.perf_counter()]
        image = decode(self.photo)
        times.append(time.perf_counter())
        points = detect(self.detector, image)
        if points is None:
            sys.exit("error: there is no face in the photo")
        times.append(time.perf_counter())
        chip = warp(image, similarity_transform(points, TEMPLATE_POINTS))
        times.append(time.perf_counter())
        template = embed(self.embedder, chip, self.flip)
        times.append(time.perf_counter())
        stages = dict(zip(("decode", "detect", "align", "encode"), np.diff(times) * 1e3))
        return template, {**stages, "total": (times[-1] - times[0]) * 1e3}

    def measure(self, iterations):
        runs = [self.run()[1] for _ in range(iterations)]
        return {stage: [run[stage] for run in runs] for stage in runs[0]}


def summary(values):
    ordered = sorted(values)
    p99 = ordered[math.ceil(0.99 * len(ordered)) - 1]
    return {"median_ms": statistics.median(ordered), "p99_ms": p99}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--detector", required=True)
    parser.add_argument("--embedder", required=True)
    parser.add_argument("--photo", required=True)
    parser.add_argument("--flip", action="store_true", help="average the template with that of the mirrored face")
    parser.add_argument("--iterations", type=int, default=50)
    parser.add_argument("--interactive", action="store_true")
    arguments = parser.parse_args()
    pipeline = Pipeline(arguments)
    template = pipeline.run()[0]  # the first pass warms up
    about = {"onnxruntime": onnxruntime.__version__, "decoder": "Pillow" if cv2 is None else f"OpenCV {cv2.__version__}"}
    if not arguments.interactive:
        stages = {stage: summary(values) for stage, values in pipeline.measure(arguments.iterations).items()}
        print(json.dumps({**about, "threads": 1, "stages": stages}, indent=2))
        return
    print(json.dumps({**about, "template": [float(value) for value in template]}), flush=True)
    for line in sys.stdin:
        print(json.dumps(pipeline.measure(int(line))), flush=True)


if __name__ == "__main__":
    main()
