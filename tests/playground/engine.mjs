// Runs the playground's engine: a JSON list of {settings, epochs} on stdin, its losses and programs on stdout.
import { readFileSync } from "node:fs";

const folder = new URL("../../docs/assets/playground/", import.meta.url);
const { Run } = await import(new URL("training.js", folder));
const { sound } = await import(new URL("settings.js", folder));
const { numpyProgram, torchProgram } = await import(new URL("code.js", folder));

const answers = JSON.parse(readFileSync(0, "utf8")).map(({ settings: given, epochs }) => {
  const { settings, notes } = sound(given);
  const run = new Run(settings);
  for (let i = 0; i < epochs; i++) run.runEpoch();
  return {
    settings, notes, train: run.trainLosses, test: run.testLosses, blownUp: run.blownUp,
    numpy: numpyProgram(settings, epochs), torch: torchProgram(settings, epochs),
  };
});
process.stdout.write(JSON.stringify(answers));
