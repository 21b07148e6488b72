// The playground's engine against that of TensorFlow Playground (Smilkov and Carter, 2016), in the
// same run: epochs of 250 examples in batches of 10 with 7-8-8-8-8-8-8-1 tanh neurons, and after each
// the loss over 250 training and 250 test examples, as both pages compute it.
//
//     git clone https://github.com/tensorflow/playground
//     node_modules/.bin/tsc --module es2022 --target es2022 --outDir tf playground/src/nn.ts
//     mv tf/nn.js tf/nn.mjs && node benchmarks/playground.mjs tf/nn.mjs

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

if (!process.argv[2]) throw new Error("name the compiled nn.ts of TensorFlow Playground; see the top of this file");
const theirs = await import(pathToFileURL(resolve(process.argv[2])));
const folder = new URL("../docs/assets/playground/", import.meta.url);
const { Run } = await import(new URL("training.js", folder));
const { sound } = await import(new URL("settings.js", folder));

const EPOCHS = 20;
const ROUNDS = 11;
const FEATURES = {
  x: (x) => x, y: (_, y) => y, xx: (x) => x * x, yy: (_, y) => y * y, xy: (x, y) => x * y,
  sinX: (x) => Math.sin(x), sinY: (_, y) => Math.sin(y),
};
const { settings } = sound({
  features: ["x1", "x2", "x1^2", "x2^2", "x1x2", "sin1", "sin2"], hidden: [8, 8, 8, 8, 8, 8],
  activations: ["tanh"], data: "spiral", n: 500, trainShare: 50, batch: 10, lr: 0.01,
});

const points = ({ x, y }) => Array.from(y, (label, i) => ({ x: x[2 * i], y: x[2 * i + 1], label: 2 * label - 1 }));
const inputs = ({ x, y }) => Object.values(FEATURES).map((of) => of(x, y));

function lossOf(network, data) {
  const errors = data.map((p) => theirs.Errors.SQUARE.error(theirs.forwardProp(network, inputs(p)), p.label));
  return errors.reduce((sum, error) => sum + error, 0) / data.length;
}

function epoch(network, train, test) {
  train.forEach((point, i) => {
    theirs.forwardProp(network, inputs(point));
    theirs.backProp(network, point.label, theirs.Errors.SQUARE);
    if ((i + 1) % settings.batch === 0) theirs.updateWeights(network, settings.lr, 0);
  });
  return [lossOf(network, train), lossOf(network, test)];
}

function milliseconds(work) {
  const start = performance.now();
  for (let i = 0; i < EPOCHS; i++) work();
  return performance.now() - start;
}

const ratios = [];
const rates = [];
for (let round = 0; round < ROUNDS; round++) {
  const run = new Run(settings);
  const shape = [7, 8, 8, 8, 8, 8, 8, 1];
  const { TANH } = theirs.Activations;
  const network = theirs.buildNetwork(shape, TANH, TANH, null, Object.keys(FEATURES), false);
  const [train, test] = [points(run.data.train), points(run.data.test)];
  const mine = milliseconds(() => run.runEpoch());
  ratios.push(milliseconds(() => epoch(network, train, test)) / mine);
  rates.push((1000 * EPOCHS) / mine);
}
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
console.log(`${median(rates).toFixed(0)} epochs a second, ${median(ratios).toFixed(1)} times as many as TensorFlow Playground`);
