// Ten thousand epochs with all that is kept of them; the heap before and after, in bytes.
const { Album } = await import(new URL("../../docs/assets/playground/album.js", import.meta.url));
const { sound } = await import(new URL("../../docs/assets/playground/settings.js", import.meta.url));
const album = new Album(sound({ n: 40, hidden: [3], activations: ["tanh"] }).settings);
const heap = () => {
  globalThis.gc();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
};
const run = (epochs) => {
  for (let i = 0; i < epochs; i++) album.runEpoch();
};
run(1000);
const before = heap();
run(10_000);
const after = heap();
const loss = album.run.trainLosses[5003];
album.rewind(5003);
process.stdout.write(JSON.stringify({ before, after, pictures: album.pictures.length, epoch: album.run.epoch, loss, again: album.run.loss(album.run.data.train) }));
