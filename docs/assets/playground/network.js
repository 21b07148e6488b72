// A multi-layer perceptron, forward and backward: nnbook.nn.Sequential of Linear, activation and
// Dropout. All examples of a batch lie one after the other in one array for each layer.

/** @typedef {import("./rng.js").Generator} Generator */

/**
 * An activation: the answers a to n scores z; and the loss's gradient by the scores, d, from that
 * by the answers, g. Loops of their own, for a function that is handed in would not be inlined.
 * @typedef {object} Activation
 * @property {(z: Float64Array, a: Float64Array, n: number) => void} forward
 * @property {(z: Float64Array, a: Float64Array, g: Float64Array, d: Float64Array, n: number) => void} backward
 */

const sigmoid = (/** @type {number} */ z) => {
  const e = Math.exp(-Math.abs(z)); // never of a large number
  return z >= 0 ? 1 / (1 + e) : e / (1 + e);
};

/** @type {Record<string, Activation>} */
export const ACTIVATIONS = {
  linear: {
    forward(z, a, n) {
      for (let i = 0; i < n; i++) a[i] = z[i];
    },
    backward(_z, _a, g, d, n) {
      for (let i = 0; i < n; i++) d[i] = g[i];
    },
  },
  sigmoid: {
    forward(z, a, n) {
      for (let i = 0; i < n; i++) a[i] = sigmoid(z[i]);
    },
    backward(_z, a, g, d, n) {
      for (let i = 0; i < n; i++) d[i] = g[i] * a[i] * (1 - a[i]);
    },
  },
  tanh: {
    forward(z, a, n) {
      for (let i = 0; i < n; i++) {
        const e = Math.exp(-2 * Math.abs(z[i])); // in half the time of Math.tanh, right to 2e-16
        const size = (1 - e) / (1 + e);
        a[i] = z[i] < 0 ? -size : size;
      }
    },
    backward(_z, a, g, d, n) {
      for (let i = 0; i < n; i++) d[i] = g[i] * (1 - a[i] * a[i]);
    },
  },
  relu: {
    forward(z, a, n) {
      for (let i = 0; i < n; i++) a[i] = z[i] < 0 ? 0 : z[i];
    },
    backward(z, _a, g, d, n) {
      for (let i = 0; i < n; i++) d[i] = z[i] > 0 ? g[i] : 0;
    },
  },
  leaky_relu: {
    forward(z, a, n) {
      for (let i = 0; i < n; i++) a[i] = z[i] < 0 ? 0.01 * z[i] : z[i];
    },
    backward(z, _a, g, d, n) {
      for (let i = 0; i < n; i++) d[i] = z[i] > 0 ? g[i] : 0.01 * g[i];
    },
  },
  elu: {
    forward(z, a, n) {
      for (let i = 0; i < n; i++) a[i] = z[i] < 0 ? Math.expm1(z[i]) : z[i];
    },
    backward(z, a, g, d, n) {
      for (let i = 0; i < n; i++) d[i] = z[i] > 0 ? g[i] : g[i] * (a[i] + 1);
    },
  },
  silu: {
    forward(z, a, n) {
      for (let i = 0; i < n; i++) a[i] = z[i] * sigmoid(z[i]);
    },
    backward(z, _a, g, d, n) {
      for (let i = 0; i < n; i++) {
        const s = sigmoid(z[i]);
        d[i] = g[i] * s * (1 + z[i] * (1 - s));
      }
    },
  },
  softplus: {
    forward(z, a, n) {
      for (let i = 0; i < n; i++) a[i] = Math.max(z[i], 0) + Math.log1p(Math.exp(-Math.abs(z[i])));
    },
    backward(z, _a, g, d, n) {
      for (let i = 0; i < n; i++) d[i] = g[i] * sigmoid(z[i]);
    },
  },
  step: {
    forward(z, a, n) {
      for (let i = 0; i < n; i++) a[i] = z[i] >= 0 ? 1 : 0;
    },
    backward(_z, _a, _g, d, n) {
      for (let i = 0; i < n; i++) d[i] = 0;
    },
  },
};

/** One layer of neurons with all that it has to remember between forward and backward. */
export class Layer {
  rows = 0;
  /** @type {Float64Array} What was read last. */
  x = new Float64Array(0);
  z = new Float64Array(0);
  a = new Float64Array(0);
  mask = new Float64Array(0); // of dropout
  kept = new Float64Array(0); // what it leaves
  delta = new Float64Array(0); // gradient by z
  inputGrad = new Float64Array(0);

  /**
   * @param {number} inputs
   * @param {number} outputs
   * @param {string} activation
   * @param {boolean} biased Whether the neurons have biases; if not, these stay zero.
   * @param {Generator} rng Draws the weights, then the biases, as nn.Linear does.
   */
  constructor(inputs, outputs, activation, biased, rng) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.activation = activation;
    const bound = 1 / Math.sqrt(inputs);
    const draw = (/** @type {number} */ n) =>
      Float64Array.from({ length: n }, () => rng.uniform(-bound, bound));
    this.weight = draw(outputs * inputs); // (out, in)
    this.bias = biased ? draw(outputs) : new Float64Array(outputs);
    this.biased = biased;
    this.weightGrad = new Float64Array(outputs * inputs);
    this.biasGrad = new Float64Array(outputs);
  }

  /**
   * Room for a batch; kept as long as batches do not grow.
   * @param {number} n
   */
  reserve(n) {
    this.rows = n;
    this.z = new Float64Array(n * this.outputs);
    this.a = new Float64Array(n * this.outputs);
    this.mask = new Float64Array(n * this.outputs);
    this.kept = new Float64Array(n * this.outputs);
    this.delta = new Float64Array(n * this.outputs);
    this.inputGrad = new Float64Array(n * this.inputs);
  }

  /**
   * Give a weight or a bias a value: of each neuron first its weights, then its bias.
   * @param {number} index
   * @param {number} value
   */
  set(index, value) {
    const row = Math.floor(index / (this.inputs + 1));
    const column = index % (this.inputs + 1);
    if (row >= this.outputs) return;
    if (column === this.inputs) this.bias[row] = this.biased ? value : 0;
    else this.weight[row * this.inputs + column] = value;
  }

  /**
   * @param {Float64Array} x (n, in)
   * @param {number} n
   * @returns {Float64Array} (n, out), overwritten by the next call.
   */
  forward(x, n) {
    if (n > this.rows) this.reserve(n);
    const { inputs, outputs, weight, bias, z, a } = this;
    for (let row = 0, k = 0; row < n; row++) {
      const start = row * inputs;
      for (let out = 0, w = 0; out < outputs; out++, k++) {
        let sum = 0;
        for (let i = 0; i < inputs; i++) sum += x[start + i] * weight[w++];
        z[k] = sum + bias[out];
      }
    }
    ACTIVATIONS[this.activation].forward(z, a, n * outputs);
    this.x = x;
    return a;
  }

  /**
   * @param {Float64Array} grad The loss's gradient by the answers, (n, out).
   * @param {number} n
   * @param {boolean} further Whether the layer below is to hear of it.
   * @returns {Float64Array} The gradient by the inputs, (n, in).
   */
  backward(grad, n, further) {
    const { inputs, outputs, weight, weightGrad, biasGrad, x, z, a, delta, inputGrad } = this;
    ACTIVATIONS[this.activation].backward(z, a, grad, delta, n * outputs);
    weightGrad.fill(0);
    biasGrad.fill(0);
    for (let row = 0, k = 0; row < n; row++) {
      const start = row * inputs;
      for (let out = 0, w = 0; out < outputs; out++, k++) {
        const d = delta[k];
        biasGrad[out] += d;
        for (let i = 0; i < inputs; i++) weightGrad[w++] += d * x[start + i];
      }
    }
    if (!further) return inputGrad;
    inputGrad.fill(0, 0, n * inputs);
    for (let row = 0, k = 0; row < n; row++) {
      const start = row * inputs;
      for (let out = 0, w = 0; out < outputs; out++, k++) {
        const d = delta[k];
        for (let i = 0; i < inputs; i++) inputGrad[start + i] += d * weight[w++];
      }
    }
    return inputGrad;
  }
}

/** Layers on top of each other; behind each hidden one there may be dropout. */
export class Network {
  /**
   * @param {number[]} sizes Inputs, hidden layers, outputs.
   * @param {string[]} activations One for each layer, that of the outputs among them.
   * @param {boolean} biased
   * @param {number} dropout The share of answers left out in training.
   * @param {Generator} rng
   */
  constructor(sizes, activations, biased, dropout, rng) {
    this.sizes = sizes;
    this.dropout = dropout;
    this.rng = rng;
    /** @type {Layer[]} */
    this.layers = [];
    for (let k = 1; k < sizes.length; k++) {
      this.layers.push(new Layer(sizes[k - 1], sizes[k], activations[k - 1], biased, rng));
    }
    this.training = false;
  }

  /**
   * @param {Float64Array} x (n, in)
   * @param {number} n
   * @returns {Float64Array} The scores, (n, out), overwritten by the next call.
   */
  forward(x, n) {
    this.layers.forEach((layer, k) => {
      x = layer.forward(x, n);
      if (this.drops(k)) x = this.drop(layer, n);
    });
    return x;
  }

  /** Whether some answers of layer k are left out. @param {number} k */
  drops(k) {
    return this.training && this.dropout > 0 && k < this.layers.length - 1;
  }

  /** @type {(layer: Layer, n: number) => Float64Array} */
  drop(layer, n) {
    const { a, mask, kept, outputs } = layer;
    for (let k = 0; k < n * outputs; k++) {
      mask[k] = this.rng.random32() >= this.dropout ? 1 / (1 - this.dropout) : 0;
      kept[k] = a[k] * mask[k];
    }
    return kept;
  }

  /**
   * @param {Float64Array} grad By the scores, (n, out).
   * @param {number} n
   */
  backward(grad, n) {
    for (let k = this.layers.length - 1; k >= 0; k--) {
      const layer = this.layers[k];
      if (this.drops(k)) {
        for (let i = 0; i < n * layer.outputs; i++) grad[i] *= layer.mask[i];
      }
      grad = layer.backward(grad, n, k > 0);
    }
  }
}
