// A run with a memory: any earlier epoch can be had again, to the last bit.

import { Run } from "./training.js";

const PICTURES = 64; // so many snapshots are kept, however long the run

/** @typedef {import("./settings.js").Settings} Settings */

export class Album {
  /** @param {Settings} settings */
  constructor(settings) {
    this.run = new Run(settings);
    this.every = 1;
    this.pictures = [this.run.snapshot()];
  }

  /** One more epoch; if it is time, its end is kept. */
  runEpoch() {
    this.run.runEpoch();
    if (this.run.epoch % this.every === 0 && !this.run.blownUp) this.pictures.push(this.run.snapshot());
    if (this.pictures.length > PICTURES) {
      this.every *= 2;
      this.pictures = this.pictures.filter(({ epoch }) => epoch % this.every === 0);
    }
  }

  /**
   * Back to how it was after so many epochs: from the last snapshot before, and on from there.
   * @param {number} epoch
   */
  rewind(epoch) {
    const wanted = Math.max(0, Math.min(epoch, this.run.epoch));
    this.pictures = this.pictures.filter((picture) => picture.epoch <= wanted);
    const { run } = this;
    run.restore(this.pictures[this.pictures.length - 1]);
    while (run.epoch < wanted) {
      run.lr = run.schedule.find(([epoch]) => epoch === run.epoch)?.[1] ?? run.lr; // as it was then
      run.runEpoch();
    }
    run.schedule = run.schedule.filter(([epoch]) => epoch < wanted);
  }
}
