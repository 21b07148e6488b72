// One example at a time: what goes forward along every edge, and what comes back.

/** @typedef {import("./training.js").Run} Run */

export class Inspector {
  /** @param {Run} run */
  constructor(run) {
    this.run = run;
    this.at = -1;
  }

  /** Learn from the next training example alone, and remember every number on the way. */
  next() {
    const { run } = this;
    if (run.data.train.n === 0) return;
    this.at = (this.at + 1) % run.data.train.n;
    const row = Int32Array.of(this.at);
    const before = run.network.layers.map(({ weight, bias }) => ({ weight: weight.slice(), bias: bias.slice() }));
    run.step(row);
    const { x, y } = run.batch(row);
    this.numbers = {
      example: this.at, inputs: [...x.subarray(0, run.settings.features.length)], target: y[0],
      layers: run.network.layers.map((layer, k) => ({
        z: [...layer.z.subarray(0, layer.outputs)], a: [...layer.a.subarray(0, layer.outputs)],
        delta: [...layer.delta.subarray(0, layer.outputs)],
        biased: layer.biased, weightGrad: layer.weightGrad.slice(), biasGrad: layer.biasGrad.slice(), ...before[k],
      })),
    };
    const scores = run.network.forward(x, 1);
    this.loss = run.judge(scores, y, 1).loss; // after the step
  }

  report() {
    return this.numbers ? { ...this.numbers, lossAfter: this.loss } : null;
  }
}
