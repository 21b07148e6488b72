// Trains where the page does not wait for it. Frames go out as fast as the page asks for them.

import { Album } from "./album.js";
import { numpyProgram, torchProgram } from "./code.js";
import { answers, maps } from "./maps.js";
import { Inspector } from "./inspector.js";

/** @typedef {import("./settings.js").Settings} Settings */

const TOUCHED = "# What was done by hand on the way, to a weight or with a single example, is not in this program.\n";
const SMALL = 32;
const LARGE = 80;
const PATIENCE = 12; // milliseconds of training between two frames

/** @type {Album | null} */
let album = null;
/** @type {Inspector | null} */
let inspector = null;
let running = false;
let stopAfter = Infinity; // epochs without a better test loss
let speed = 1; // epochs to run at most between two frames; 0 for as many as there is time for
let wanted = false; // whether the page is ready for a frame
let touched = false; // whether something was done that the program cannot know
let version = 0;
let best = 0; // the epoch with the smallest test loss so far

/** @type {Record<string, (message: any) => void>} */
const ORDERS = {
  settings(message) {
    album = new Album(message.settings);
    best = 0;
    touched = false;
    inspector = null;
    version = message.version;
    running = false;
    send("changed");
  },
  run(message) {
    running = message.running;
    speed = message.speed ?? speed;
    stopAfter = message.stopAfter ?? Infinity;
    if (running) loop();
    else send("paused");
  },
  epoch() {
    train();
    send("stepped");
  },
  sample() {
    if (!album) return;
    inspector ??= new Inspector(album.run);
    inspector.next();
    touched = true;
    send("sample");
  },
  rewind(message) {
    album?.rewind(message.epoch);
    inspector = null;
    send("rewound");
  },
  weight(message) {
    album?.run.network.layers[message.layer]?.set(message.index, message.value);
    touched = true;
    send("changed");
  },
  rate(message) {
    album?.run.setRate(message.lr);
  },
  frame() {
    wanted = true;
  },
  program(message) {
    if (!album) return;
    const { settings, epoch, schedule } = album.run;
    const write = message.kind === "torch" ? torchProgram : numpyProgram;
    postMessage({ type: "program", kind: message.kind, text: (touched ? TOUCHED : "") + write(settings, epoch, schedule) });
  },
};

self.onmessage = ({ data }) => ORDERS[data.type]?.(data);

function train() {
  if (!album || album.run.blownUp) return;
  album.runEpoch();
  inspector = null;
  if (album.run.blownUp) running = false;
  if (waited(album.run.testLosses) >= stopAfter) running = false;
}

/** Epochs since the test loss was at its best. @param {number[]} losses */
function waited(losses) {
  const last = losses.length - 1;
  if (best > last) best = 0; // the run has been set back
  for (let epoch = best + 1; epoch <= last; epoch++) if (losses[epoch] < losses[best]) best = epoch;
  return last - best;
}

function loop() {
  if (!running) return;
  const end = performance.now() + PATIENCE;
  for (let done = 0; running && (speed === 0 || done < speed) && performance.now() < end; done++) train();
  if (wanted || !running) send(running ? "running" : "stopped");
  setTimeout(loop);
}

/** How things stand, to the page. @param {string} why */
function send(why) {
  if (!album) return;
  wanted = false;
  const { run } = album;
  const { layers } = run.network;
  postMessage({
    type: "frame", why, version, running, epoch: run.epoch, lr: run.lr, blownUp: run.blownUp,
    train: run.trainLosses[run.epoch], test: run.testLosses[run.epoch],
    tests: run.data.test.n,
    curve: curve(run.trainLosses, run.testLosses),
    weights: layers.map((layer) => ({
      inputs: layer.inputs, outputs: layer.outputs, activation: layer.activation,
      weight: layer.weight.slice(), bias: layer.bias.slice(),
      gradient: Math.sqrt(layer.weightGrad.reduce((sum, g) => sum + g * g, 0)),
    })),
    confusion: run.data.classes ? { train: run.confusion(run.data.train), test: run.confusion(run.data.test) } : null,
    maps: maps(run, SMALL), answer: answers(run, LARGE), side: SMALL, answerSide: LARGE,
    points: why === "changed" ? { train: plain(run.data.train), test: plain(run.data.test), classes: run.data.classes } : null,
    sample: why === "sample" ? inspector?.report() : null,
  });
}

/** @param {import("./training.js").Part} part */
const plain = ({ x, y }) => ({ x, y });

/** At most so many points of the curve as a screen can show. @param {number[]} train @param {number[]} test */
function curve(train, test) {
  const every = Math.max(1, Math.ceil(train.length / 300));
  const epochs = train.map((_, epoch) => epoch).filter((epoch) => epoch % every === 0 || epoch === train.length - 1);
  return { epochs, train: epochs.map((e) => train[e]), test: epochs.map((e) => test[e]) };
}
