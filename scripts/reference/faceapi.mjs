// Reference outputs of face-api's networks, computed by TensorFlow.js itself.
//
//   npm install @vladmandic/face-api@1.7.15 @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
//   node faceapi.mjs landmarks > …/landmarks.json      (run in the directory of node_modules)
//   node faceapi.mjs recognition > …/dlib_resnet_faceapi.json
//   node faceapi.mjs expression > …/expression.json
//   node faceapi.mjs age-gender > …/age_gender.json
//
// The input is the cartoon face of `cartoon.mjs`.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";
import { rgb } from "./cartoon.mjs";

const require = createRequire(path.join(process.cwd(), "index.js"));
const tf = require("@tensorflow/tfjs");
const faceapi = require("@vladmandic/face-api/dist/face-api.node-wasm.js");
const modelDirectory = path.join(process.cwd(), "node_modules/@vladmandic/face-api/model");

function cartoon(side) {
  return tf.tensor3d(rgb(side), [side, side, 3], "int32");
}

/** The weights as the library's own loader reads them, from disk instead of the network. */
function weightMap(name) {
  const manifest = JSON.parse(readFileSync(path.join(modelDirectory, `${name}-weights_manifest.json`)));
  const shard = readFileSync(path.join(modelDirectory, manifest[0].paths[0]));
  const buffer = shard.buffer.slice(shard.byteOffset, shard.byteOffset + shard.byteLength);
  return tf.io.decodeWeights(buffer, manifest[0].weights);
}

/** The age, then the logits of male and female. */
function ageAndGender({ age, gender }) {
  return tf.concat([age.reshape([1, 1]), gender], 1);
}

const networks = {
  landmarks: ["face_landmark_68_model", 112, () => new faceapi.FaceLandmark68Net(), (net, input) => net.runNet(input)],
  expression: ["face_expression_model", 112, () => new faceapi.FaceExpressionNet(), (net, input) => net.runNet(input)],
  "age-gender": ["age_gender_model", 112, () => new faceapi.AgeGenderNet(), (net, input) => ageAndGender(net.runNet(input))],
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
