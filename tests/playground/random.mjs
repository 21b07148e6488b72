// Draws random numbers of every kind: a JSON list of seeds on stdin, the numbers on stdout.
import { readFileSync } from "node:fs";

const { Generator } = await import(new URL("../../docs/assets/playground/rng.js", import.meta.url));
const times = (n, draw) => Array.from({ length: n }, draw);
const answers = JSON.parse(readFileSync(0, "utf8")).map((seed) => {
  const rng = new Generator(seed);
  return {
    uniform: times(5, () => rng.uniform(-2, 3)),
    integers: times(5, () => rng.integer(7)),
    order: [...rng.permutation(23)],
    floats: times(5, () => rng.random32()),
    normal: times(20_000, () => rng.normal()),
  };
});
process.stdout.write(JSON.stringify(answers));
