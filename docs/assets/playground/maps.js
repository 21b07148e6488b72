// What each neuron answers, all over the plane: small pictures, a byte for each place.

import { features } from "./data.js";

/** @typedef {import("./training.js").Run} Run */

export const EDGE = 6; // the plane is shown from -6 to 6

/**
 * The places of a picture, row by row from the top.
 * @param {number} side
 * @returns {Float64Array}
 */
export function grid(side) {
  const x = new Float64Array(2 * side * side);
  for (let row = 0, k = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      x[k++] = EDGE * ((2 * column + 1) / side - 1);
      x[k++] = EDGE * (1 - (2 * row + 1) / side);
    }
  }
  return x;
}

/** From -1 to 1, to a byte; 128 is zero. @param {number} value */
const byte = (value) => (value >= 1 ? 255 : value <= -1 ? 1 : value === value ? 128 + Math.round(127 * value) : 0);

/**
 * A picture of every neuron, layer by layer, the inputs first; and of the answer in the classes'
 * numbers or, for a single output, from -1 to 1.
 * @param {Run} run
 * @param {number} side
 * @returns {Uint8Array[][]}
 */
export function maps(run, side) {
  const { network, settings } = run;
  const n = side * side;
  const inputs = features(grid(side), settings.features);
  network.forward(inputs, n);
  const pictures = [pictured(inputs, n, settings.features.length, (value) => value / EDGE)];
  network.layers.forEach((layer, k) => {
    const last = k === network.layers.length - 1;
    const scale = last ? (/** @type {number} */ v) => v : scaleOf(layer.activation);
    pictures.push(pictured(layer.a, n, layer.outputs, scale));
  });
  return pictures;
}

/** @type {(values: Float64Array, n: number, width: number, scale: (v: number) => number) => Uint8Array[]} */
function pictured(values, n, width, scale) {
  return Array.from({ length: width }, (_, k) => {
    const picture = new Uint8Array(n);
    for (let i = 0; i < n; i++) picture[i] = byte(scale(values[i * width + k]));
    return picture;
  });
}

/** Sigmoid and step answer from 0 to 1, and a half is neither. @type {(name: string) => (v: number) => number} */
function scaleOf(name) {
  return name === "sigmoid" || name === "step" ? (v) => 2 * v - 1 : (v) => v;
}

/**
 * What the whole network answers: from -1 to 1 for a single output, else the class and how sure.
 * @param {Run} run
 * @param {number} side
 */
export function answers(run, side) {
  const n = side * side;
  const scores = run.network.forward(features(grid(side), run.settings.features), n);
  const picture = new Uint8Array(n);
  const classes = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const { label, sure } = verdict(run, scores, i);
    classes[i] = label;
    picture[i] = byte(sure);
  }
  return { picture, classes };
}

/**
 * The answer to one example: a class and how sure it is of it, from 0 to 1; or, where there is
 * one output, how far it is on the side of class 1, from -1 to 1.
 * @type {(run: Run, scores: Float64Array, i: number) => { label: number, sure: number }}
 */
export function verdict(run, scores, i) {
  const { settings, outputs } = run;
  const label = run.answer(scores, i);
  if (outputs > 1) {
    let sum = 0;
    for (let k = 0; k < outputs; k++) sum += Math.exp(scores[i * outputs + k] - scores[i * outputs + label]);
    return { label, sure: 1 / sum };
  }
  const score = scores[i];
  if (settings.loss === "squared" || settings.loss === "half") return { label, sure: score };
  if (settings.loss === "perceptron") return { label, sure: score >= 0 ? 1 : -1 };
  return { label, sure: Math.tanh(score / 2) }; // 2 sigma(score) - 1
}
