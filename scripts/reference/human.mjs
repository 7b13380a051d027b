// Reference outputs of the networks that Human publishes, computed by TensorFlow.js itself from the published graphs.
//
//   npm install @vladmandic/human@3.3.6 @tensorflow/tfjs@4.22.0
//   node human.mjs faceres > …/faceres.json      (run in the directory of node_modules)
//   node human.mjs iris > …/iris.json
//
// The input is the cartoon face of `cartoon.mjs`. Of large outputs every 499th number is kept, channels first.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";
import { rgb } from "./cartoon.mjs";

const require = createRequire(path.join(process.cwd(), "index.js"));
const tf = require("@tensorflow/tfjs");
const directory = path.join(process.cwd(), "node_modules/@vladmandic/human/models");
const STEP = 499;

/** The graph as the library's own loader reads it, from disk instead of the network. */
async function graphModel(name) {
  const model = JSON.parse(readFileSync(path.join(directory, `${name}.json`)));
  const shard = readFileSync(path.join(directory, `${name}.bin`));
  const weightData = shard.buffer.slice(shard.byteOffset, shard.byteOffset + shard.byteLength);
  const artifacts = {
    modelTopology: model.modelTopology,
    signature: model.signature,
    format: model.format,
    weightSpecs: model.weightsManifest[0].weights,
    weightData,
  };
  return tf.loadGraphModel({ load: async () => artifacts });
}

const networks = {
  // BGR minus the means of VGGFace
  faceres: [
    224,
    (pixels) => tf.reverse(pixels, 2).sub([103.939, 116.779, 123.68]),
    ["conv_pw_5_relu/clip_by_value", "conv_pw_11_relu/clip_by_value", "age_pred/Softmax", "gender_pred/Sigmoid"],
  ],
  iris: [64, (pixels) => pixels.div(255), ["Identity"]],
};

await tf.setBackend("cpu");
await tf.ready();
const name = process.argv[2];
const [side, normalise, nodes] = networks[name];
const model = await graphModel(name);
const pixels = tf.tensor3d(rgb(side), [side, side, 3], "float32");
const outputs = [];
for (const node of nodes) {
  const output = model.execute(normalise(pixels).expandDims(0), node);
  const isMap = output.rank === 4 && output.shape[1] > 1;
  const numbers = Array.from(await (isMap ? output.transpose([0, 3, 1, 2]) : output).data());
  const kept = numbers.length > 10 * STEP ? numbers.filter((_, index) => index % STEP === 0) : numbers;
  outputs.push(kept.map((number) => Number(number.toPrecision(8))));
}
process.stdout.write(
  JSON.stringify({ made_by: `scripts/reference/human.mjs ${name}, TensorFlow.js ${tf.version_core}`, side_px: side, step: STEP, outputs }) + "\n",
);
