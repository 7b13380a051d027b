"""RapidOCR on the same models, on one thread: the peer of `selfsame bench document --peer`.

    python3 rapidocr_reader.py --image CARD.jpg [--iterations 20]

prints the milliseconds of each reading as JSON. With `--interactive` it prints one line when it is ready, then reads numbers
from standard input and answers each with one line of JSON: so that another program can take turns with it. It decodes,
finds, classifies and recognises text; it understands no document.
"""

import argparse
import importlib.metadata
import json
import sys
import time

import cv2
import numpy as np
from rapidocr_onnxruntime import RapidOCR

cv2.setNumThreads(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--image", required=True)
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--interactive", action="store_true")
    arguments = parser.parse_args()
    with open(arguments.image, "rb") as file:
        photo = file.read()
    reader = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def read():
        return reader(cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR))[0] or []

    def run(iterations):
        times = []
        for _ in range(iterations):
            begun = time.perf_counter()
            read()
            times.append(1000 * (time.perf_counter() - begun))
        return times

    lines = len(read())
    if not arguments.interactive:
        print(json.dumps(run(arguments.iterations)))
        return
    version = importlib.metadata.version("rapidocr-onnxruntime")
    print(json.dumps({"version": version, "lines": lines}), flush=True)
    for line in sys.stdin:
        print(json.dumps(run(int(line))), flush=True)


main()
