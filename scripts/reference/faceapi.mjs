// Reference outputs of face-api's networks, computed by TensorFlow.js itself.
//
//   npm install @vladmandic/face-api@1.7.15 @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
//   node faceapi.mjs landmarks > …/landmarks.json      (run in the directory of node_modules)
//   node faceapi.mjs recognition > …/dlib_resnet_faceapi.json
//
// The input is the cartoon face of `cartoon.py` and `crates/vision/tests/common/mod.rs`: integers only, the same everywhere.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "index.js"));
const tf = require("@tensorflow/tfjs");
const faceapi = require("@vladmandic/face-api/dist/face-api.node-wasm.js");
const modelDirectory = path.join(process.cwd(), "node_modules/@vladmandic/face-api/model");

// [x, y, radius x, radius y, [r, g, b]] on a square of 150, later ones on top
const SHAPES = [
  [55, 53, 11, 2, [60, 40, 30]],
  [95, 53, 11, 2, [60, 40, 30]],
  [55, 65, 8, 4, [240, 240, 240]],
  [95, 65, 8, 4, [240, 240, 240]],
  [55, 65, 3, 3, [30, 20, 20]],
  [95, 65, 3, 3, [30, 20, 20]],
  [75, 88, 5, 12, [190, 135, 110]],
  [75, 115, 18, 5, [160, 60, 60]],
];

function pixel(x, y) {
  const inside = ([cx, cy, rx, ry]) => ((x - cx) * ry) ** 2 + ((y - cy) * rx) ** 2 <= (rx * ry) ** 2;
  let colour = [60 + Math.floor(y / 2), 80 + Math.floor(y / 3), 120];
  const shade = Math.abs(x - 75);
  if (inside([75, 80, 45, 60])) colour = [210 - shade, 160 - shade, 130 - shade];
  for (const shape of SHAPES) if (inside(shape)) colour = shape[4];
  return colour;
}

function cartoon(side) {
  const data = [];
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      data.push(...pixel(Math.floor((column * 150) / side), Math.floor((row * 150) / side)));
  return tf.tensor3d(data, [side, side, 3], "int32");
}

/** The weights as the library's own loader reads them, from disk instead of the network. */
function weightMap(name) {
  const manifest = JSON.parse(readFileSync(path.join(modelDirectory, `${name}-weights_manifest.json`)));
  const shard = readFileSync(path.join(modelDirectory, manifest[0].paths[0]));
  const buffer = shard.buffer.slice(shard.byteOffset, shard.byteOffset + shard.byteLength);
  return tf.io.decodeWeights(buffer, manifest[0].weights);
}

const networks = {
  landmarks: ["face_landmark_68_model", 112, () => new faceapi.FaceLandmark68Net(), (net, input) => net.runNet(input)],
  recognition: ["face_recognition_model", 150, () => new faceapi.FaceRecognitionNet(), (net, input) => net.forwardInput(input)],
};

await tf.setBackend("cpu");
await tf.ready();
const [model, side, make, run] = networks[process.argv[2]];
const net = make();
net.loadFromWeightMap(weightMap(model));
const output = run(net, new faceapi.NetInput([cartoon(side)]));
const numbers = Array.from(await output.data(), (number) => Number(number.toPrecision(8)));
process.stdout.write(
  JSON.stringify({ made_by: `scripts/reference/faceapi.mjs ${process.argv[2]}, TensorFlow.js ${tf.version_core}`, side_px: side, output: numbers }) + "\n",
);
