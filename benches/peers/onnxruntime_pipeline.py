"""The same models under onnxruntime in Python: the peer that `selfsame bench --peer` measures itself against.

Decode (OpenCV, or Pillow where there is no OpenCV) -> CenterFace -> non-maximum suppression -> 68 landmarks of the face
and of its mirror image -> similarity transforms to the chips of both embedders -> MobileFaceNet and dlib's ResNet with
their maps, on one thread. A plain, well-written pipeline: it does what Selfsame does and nothing else.

    python3 onnxruntime_pipeline.py --detector D.onnx --landmarks L.onnx --embedder E.onnx --second-embedder S.onnx
        --maps models/maps --photo P.jpg [--flip] [--iterations 50]

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
import tomllib
from pathlib import Path

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
IMAGENET = [np.array(values, np.float32) * 255 for values in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
FACE_API_MEAN = np.array([122.782, 117.001, 104.298], np.float32)
ARCFACE_POINTS = np.array(  # 112 x 112
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
DLIB_POINTS = np.array(  # corners of the eyes, base of the nose; in a chip with a quarter of padding on each side
    [
        [0.12057506, 0.21372745],
        [0.33408506, 0.22906424],
        [0.6460605, 0.22896744],
        [0.85956746, 0.21349815],
        [0.4901123, 0.6277975],
    ],
    np.float32,
)
DLIB_PADDING = 0.25
LANDMARKS_SIDE = 112
LANDMARKS_CROP = 1.1  # heights of the detector's box
SECOND_WEIGHT = 0.35
# Which of the 68 landmarks is which in the mirror image.
MIRRORED = [*range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1)]
MIRRORED += [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40, *range(54, 47, -1), *range(59, 54, -1)]
MIRRORED += [64, 63, 62, 61, 60, 67, 66, 65]


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
    """Box and five points of the largest face, or None."""
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
    points = [relative[:, 1] * widths[largest] + lefts[largest], relative[:, 0] * heights[largest] + tops[largest]]
    return boxes[largest], np.stack(points, axis=1)


def similarity_transform(source, target):
    """Least squares (Umeyama): the 2 x 3 matrix that takes source to target."""
    source_mean, target_mean = source.mean(0), target.mean(0)
    source, target = source - source_mean, target - target_mean
    u, sizes, vt = np.linalg.svd(target.T @ source / len(source))
    signs = np.array([1, np.sign(np.linalg.det(u @ vt))])
    rotation = u @ np.diag(signs) @ vt
    factor = (sizes * signs).sum() / source.var(0).sum()
    return np.hstack([factor * rotation, (target_mean - factor * rotation @ source_mean)[:, None]])


def warp(image, matrix, side, cubic=False):
    if cv2 is not None:
        return cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR)
    inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    resampling = Image.Resampling.BICUBIC if cubic else Image.Resampling.BILINEAR
    coefficients = inverse.ravel().tolist()
    return np.asarray(Image.fromarray(image).transform((side, side), Image.Transform.AFFINE, coefficients, resampling))


def tensor_of(chip, mean, deviation):
    return ((chip.astype(np.float32) - mean) / deviation).transpose(2, 0, 1)[None]


def unit(vector):
    return vector / np.linalg.norm(vector)


class Landmarks:
    """The 68 landmarks, the mean of a look at the face and one at its mirror image."""

    def __init__(self, path):
        self.model = session(path)
        self.input = self.model.get_inputs()[0].name

    def locate(self, image, box, points):
        left, top, right, bottom = box
        side = max(right - left, bottom - top) * LANDMARKS_CROP
        angle = math.atan2(points[1, 1] - points[0, 1], points[1, 0] - points[0, 0])
        factor = LANDMARKS_SIDE / side
        a, b = factor * math.cos(angle), factor * math.sin(angle)
        turn = np.array([[a, b], [-b, a]])
        shift = LANDMARKS_SIDE / 2 - turn @ [(left + right) / 2, (top + bottom) / 2]
        chip = warp(image, np.hstack([turn, shift[:, None]]), LANDMARKS_SIDE)
        tensor = tensor_of(chip, FACE_API_MEAN, 255)
        seen, mirrored = self.look(tensor), self.look(np.ascontiguousarray(tensor[..., ::-1]))[MIRRORED]
        mirrored[:, 0] = LANDMARKS_SIDE - 1 - mirrored[:, 0]
        return ((seen + mirrored) / 2 - shift) @ np.linalg.inv(turn).T

    def look(self, tensor):
        return self.model.run(None, {self.input: tensor})[0].reshape(68, 2) * LANDMARKS_SIDE


class Embedder:
    """A network, its map, and how it wants its chip."""

    def __init__(self, path, map_path, targets, side, pixels, weight=1.0, flip=False, cubic=False):
        self.model = session(path)
        self.input = self.model.get_inputs()[0].name
        self.targets, self.side, self.pixels = targets, side, pixels
        self.weight, self.flip, self.cubic = weight, flip, cubic
        fitted = tomllib.loads(map_path.read_text())
        self.centre = np.array(fitted["centre"], np.float32)
        self.kept = np.array(fitted["kept"], np.float32)

    def align(self, image, points):
        return warp(image, similarity_transform(points, self.targets), self.side, self.cubic)

    def encode(self, chip):
        """This network's part of the template; the square of its length is its weight."""
        tensor = tensor_of(chip, *self.pixels)
        values = unit(self.model.run(None, {self.input: tensor})[0][0])
        if self.flip:
            mirrored = np.ascontiguousarray(tensor[..., ::-1])
            values = unit(values + unit(self.model.run(None, {self.input: mirrored})[0][0]))
        values = self.kept @ (values - self.centre)
        return unit(values) * math.sqrt(self.weight)


class Pipeline:
    def __init__(self, arguments):
        self.detector, self.landmarks = session(arguments.detector), Landmarks(arguments.landmarks)
        first_map, second_map = arguments.maps / "mobilefacenet-foamliu-1.toml", arguments.maps / "dlib-resnet-1.toml"
        first = (ARCFACE_POINTS, 112, IMAGENET)
        self.first = Embedder(arguments.embedder, first_map, *first, flip=arguments.flip, cubic=True)
        second = ((DLIB_POINTS + DLIB_PADDING) / (2 * DLIB_PADDING + 1) * 150, 150, (FACE_API_MEAN, 256))
        self.second = Embedder(arguments.second_embedder, second_map, *second, weight=SECOND_WEIGHT)
        self.photo = Path(arguments.photo).read_bytes()

    def run(self):
        """One pass; the template and the milliseconds per stage."""
        times = [time.perf_counter()]
        image = decode(self.photo)
        times.append(time.perf_counter())
        face = detect(self.detector, image)
        if face is None:
            sys.exit("error: there is no face in the photo")
        times.append(time.perf_counter())
        chips = self.align(image, *face)
        times.append(time.perf_counter())
        template = unit(np.concatenate([self.first.encode(chips[0]), self.second.encode(chips[1])]))
        times.append(time.perf_counter())
        stages = dict(zip(("decode", "detect", "align", "encode"), np.diff(times) * 1e3))
        return template, {**stages, "total": (times[-1] - times[0]) * 1e3}

    def align(self, image, box, points):
        dense = self.landmarks.locate(image, box, points)
        eyes = [dense[36:42].mean(0), dense[42:48].mean(0)]
        refined = (points + np.stack([*eyes, dense[30], dense[48], dense[54]])) / 2
        return self.first.align(image, refined), self.second.align(image, dense[[36, 39, 42, 45, 33]])

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
    parser.add_argument("--landmarks", required=True)
    parser.add_argument("--embedder", required=True)
    parser.add_argument("--second-embedder", required=True)
    parser.add_argument("--maps", required=True, type=Path, help="the directory models/maps")
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
