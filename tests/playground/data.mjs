// Draws data sets: a JSON list of {name, n, noise, seed} on stdin, the points on stdout.
import { readFileSync } from "node:fs";

const { draw } = await import(new URL("../../docs/assets/playground/data.js", import.meta.url));
const wanted = JSON.parse(readFileSync(0, "utf8"));
const answers = wanted.map(({ name, n, noise, seed }) => draw(name, n, noise, seed));
process.stdout.write(JSON.stringify(answers.map(({ x, y }) => ({ x: [...x], y: [...y] }))));
