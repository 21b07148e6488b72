// The data sets of nnbook.data, drawn as it draws them: same seed, same points.

import { Generator } from "./rng.js";

/**
 * Points in the plane, one after the other in x: x1, x2, x1, x2, ...
 * @typedef {{ x: Float64Array, y: Float64Array, classes: number }} Points
 *   y holds classes 0, 1, ... or, where `classes` is 0, targets from -1 to 1.
 */

const RADIUS = 5;
const BUMPS = [[-4, 2.5, 1], [0, 2.5, -1], [4, 2.5, 1], [-4, -2.5, -1], [0, -2.5, 1], [4, -2.5, -1]];

/** @type {Record<string, { classes: number, draw: (n: number, noise: number, rng: Generator) => Points }>} */
export const SETS = {
  circle: { classes: 2, draw: circle },
  xor: { classes: 2, draw: xor },
  gauss: { classes: 2, draw: gauss },
  spiral: { classes: 2, draw: spiral },
  plane: { classes: 0, draw: plane },
  multi_gauss: { classes: 0, draw: multiGauss },
};

/**
 * @param {string} name One of SETS.
 * @param {number} n
 * @param {number} noise
 * @param {number} seed
 * @returns {Points}
 */
export function draw(name, n, noise, seed) {
  return SETS[name].draw(n, noise, new Generator(seed));
}

/** Classes that alternate, beginning with 1. @param {number} n */
const alternate = (n) => Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : 0));

/** @type {(n: number, low: number, high: number, rng: Generator) => Float64Array} */
const uniforms = (n, low, high, rng) => Float64Array.from({ length: n }, () => rng.uniform(low, high));

/** @type {(x: Float64Array, width: number, noise: number, rng: Generator) => Float64Array} */
function shaken(x, width, noise, rng) {
  const shift = uniforms(x.length, -width, width, rng);
  return x.map((value, i) => value + shift[i] * noise);
}

/** @type {(n: number, noise: number, rng: Generator) => Points} */
function circle(n, noise, rng) {
  const y = alternate(n);
  const inner = uniforms(n, 0, 0.5, rng);
  const outer = uniforms(n, 0.7, 1, rng);
  const angle = uniforms(n, 0, 2 * Math.PI, rng);
  const x = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    const radius = (y[i] === 1 ? inner[i] : outer[i]) * RADIUS;
    x[2 * i] = radius * Math.sin(angle[i]);
    x[2 * i + 1] = radius * Math.cos(angle[i]);
  }
  return { x: shaken(x, RADIUS, noise, rng), y, classes: 2 };
}

/** @type {(n: number, noise: number, rng: Generator) => Points} */
function xor(n, noise, rng) {
  const y = alternate(n);
  const x = uniforms(2 * n, 0, RADIUS, rng).map((size) => size + 0.3); // a corridor along the axes
  for (let i = 0; i < n; i++) {
    const sign = rng.integer(2) === 1 ? 1 : -1;
    x[2 * i] *= sign;
    x[2 * i + 1] *= y[i] === 1 ? sign : -sign;
  }
  return { x: shaken(x, RADIUS, noise, rng), y, classes: 2 };
}

/** @type {(n: number, noise: number, rng: Generator) => Points} */
function gauss(n, noise, rng) {
  const y = alternate(n);
  const deviation = Math.sqrt(0.5 + 7 * noise);
  const x = Float64Array.from({ length: 2 * n }, (_, i) => {
    return (y[i >> 1] === 1 ? 2 : -2) + deviation * rng.normal();
  });
  return { x, y, classes: 2 };
}

/** @type {(n: number, noise: number, rng: Generator) => Points} */
function spiral(n, noise, rng) {
  const y = alternate(n);
  const x = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    const along = (i >> 1) / Math.max((n + 1) >> 1, 1); // 0 at the center, toward 1 at the end
    const angle = 1.75 * 2 * Math.PI * along + (y[i] === 0 ? Math.PI : 0);
    x[2 * i] = RADIUS * along * Math.sin(angle);
    x[2 * i + 1] = RADIUS * along * Math.cos(angle);
  }
  return { x: shaken(x, 1, noise, rng), y, classes: 2 };
}

/** @type {(n: number, noise: number, rng: Generator) => Points} */
function plane(n, noise, rng) {
  const x = uniforms(2 * n, -6, 6, rng);
  const y = Float64Array.from({ length: n }, (_, i) => {
    return Math.min(1, Math.max(-1, (x[2 * i] + x[2 * i + 1]) / 10));
  });
  return { x: shaken(x, 6, noise, rng), y, classes: 0 };
}

/** @type {(n: number, noise: number, rng: Generator) => Points} */
function multiGauss(n, noise, rng) {
  const x = uniforms(2 * n, -6, 6, rng);
  const y = Float64Array.from({ length: n }, (_, i) => {
    let highest = 0; // of several bumps the higher counts
    for (const [x1, x2, sign] of BUMPS) {
      const distance = Math.hypot(x[2 * i] - x1, x[2 * i + 1] - x2);
      const height = Math.min(1, Math.max(0, 1 - distance / 2));
      if (height > Math.abs(highest)) highest = sign * height;
    }
    return highest;
  });
  return { x: shaken(x, 6, noise, rng), y, classes: 0 };
}

/** What a network may be shown of a point; TensorFlow Playground's seven. */
export const FEATURES = {
  x1: { label: "x₁", python: "x1", of: (/** @type {number} */ a) => a },
  x2: { label: "x₂", python: "x2", of: (/** @type {number} */ _, /** @type {number} */ b) => b },
  "x1^2": { label: "x₁²", python: "x1**2", of: (/** @type {number} */ a) => a * a },
  "x2^2": { label: "x₂²", python: "x2**2", of: (/** @type {number} */ _, /** @type {number} */ b) => b * b },
  x1x2: { label: "x₁x₂", python: "x1 * x2", of: (/** @type {number} */ a, /** @type {number} */ b) => a * b },
  sin1: { label: "sin x₁", python: "np.sin(x1)", of: (/** @type {number} */ a) => Math.sin(a) },
  sin2: { label: "sin x₂", python: "np.sin(x2)", of: (/** @type {number} */ _, /** @type {number} */ b) => Math.sin(b) },
};

/**
 * The features of points, a row of them for each point.
 * @param {Float64Array} x
 * @param {string[]} names
 * @returns {Float64Array}
 */
export function features(x, names) {
  const n = x.length / 2;
  const rows = new Float64Array(n * names.length);
  const chosen = names.map((name) => FEATURES[/** @type {keyof typeof FEATURES} */ (name)].of);
  for (let i = 0, k = 0; i < n; i++) {
    for (const of of chosen) rows[k++] = of(x[2 * i], x[2 * i + 1]);
  }
  return rows;
}
