// Runs the playground's engine: a JSON list of {settings, epochs} on stdin, its losses and programs on stdout.
import { readFileSync } from "node:fs";

const folder = new URL("../../docs/assets/playground/", import.meta.url);
const { Run } = await import(new URL("training.js", folder));
const { fromHash, sound } = await import(new URL("settings.js", folder));
const { numpyProgram, torchProgram } = await import(new URL("code.js", folder));

const right = (run) => {
  if (!run.data.classes) return null;
  const table = run.confusion(run.data.test);
  return table.reduce((sum, row, k) => sum + row[k], 0) / run.data.test.n;
};
const answers = JSON.parse(readFileSync(0, "utf8")).map(({ settings: given, hash, epochs, schedule = [] }) => {
  const { settings, notes } = hash ? fromHash(hash) : sound(given);
  if (hash) Object.assign(settings, given); // another seed, say
  const run = new Run(settings);
  for (let i = 0; i < epochs; i++) {
    for (const [epoch, lr] of schedule) if (epoch === i) run.setRate(lr);
    run.runEpoch();
  }
  return {
    settings, notes, right: right(run), train: run.trainLosses, test: run.testLosses, blownUp: run.blownUp,
    numpy: numpyProgram(settings, epochs, run.schedule), torch: torchProgram(settings, epochs, run.schedule),
  };
});
process.stdout.write(JSON.stringify(answers));
