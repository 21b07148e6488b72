// "Show me the code": the program that does what the playground has done, in NumPy or in PyTorch.

import { FEATURES } from "./data.js";

/** @typedef {import("./settings.js").Settings} Settings */

const MODULES = {
  linear: "Identity()", sigmoid: "Sigmoid()", tanh: "Tanh()", relu: "ReLU()", leaky_relu: "LeakyReLU(0.01)",
  elu: "ELU()", silu: "SiLU()", softplus: "Softplus()",
};
const LOSS_MODULES = { squared: "MSELoss()", half: "MSELoss()", "cross-entropy": "BCEWithLogitsLoss()", softmax: "CrossEntropyLoss()" };

/** A number as Python writes it. @param {number} value */
const py = (value) => String(value).replace(/e\+?(-?)(\d)$/, "e$10$2");
/** @param {Settings} s */
const ownClasses = (s) => (s.points ? s.points.reduce((most, p) => Math.max(most, p[2] + 1), 2) : 2);

/** @param {Settings} s */
const half = (s) => (s.loss === "half" ? "0.5 * " : "");

/** @param {Settings} s @returns {string[]} */
function dataLines(s) {
  const lines = [`rng = np.random.default_rng(${s.dataSeed})`];
  if (s.points) {
    const rows = s.points.map((p) => `    [${p.map(py).join(", ")}],`);
    lines.push("points = np.array([", ...rows, "], dtype=float)", "x, y = points[:, :2], points[:, 2]");
  } else lines.push(`x, y = data.${s.data}(${s.n}, noise=${py(s.noise)}, rng=rng)`);
  const chosen = s.features.map((name) => FEATURES[/** @type {keyof typeof FEATURES} */ (name)].python);
  lines.push(
    "x1, x2 = x.T",
    `x = np.stack([${chosen.join(", ")}], axis=1)  # (N, ${chosen.length})`,
    ...targetLines(s),
    "order = rng.permutation(len(x))",
    `train, test = np.split(order, [int(len(x) * ${py(s.trainShare)} / 100 + 0.5)])`,
  );
  return lines;
}

/** @param {Settings} s @returns {string[]} */
function targetLines(s) {
  if (s.loss === "softmax" || s.loss === "perceptron") return ["y = y.astype(int)"];
  if (s.regression) return ["y = y.reshape(-1, 1).astype(float)"];
  if (s.loss === "squared" || s.loss === "half") return ["y = 2.0 * y.reshape(-1, 1) - 1  # classes -1 and 1"];
  return ["y = y.reshape(-1, 1).astype(float)"];
}

/** @type {(s: Settings, torch: boolean) => string[]} */
function modelLines(s, torch) {
  const outputs = s.loss === "softmax" ? ownClasses(s) : 1;
  const sizes = [s.features.length, ...s.hidden, outputs];
  const seeded = (s.bias ? "" : ", bias=False") + (torch ? "" : ", rng=rng");
  const dropout = torch ? `Dropout(${py(s.dropout)})` : `nn.Dropout(${py(s.dropout)}, rng=rng)`;
  const lines = [];
  for (let k = 1; k < sizes.length; k++) {
    lines.push(`    nn.Linear(${sizes[k - 1]}, ${sizes[k]}${seeded}),`);
    if (k === sizes.length - 1) break;
    const name = s.activations[k - 1];
    lines.push(name === "step" ? "    Step()," : `    nn.${MODULES[/** @type {keyof typeof MODULES} */ (name)]},`);
    if (s.dropout > 0) lines.push(`    ${dropout},`);
  }
  if (s.output !== "linear") lines.push(`    nn.${s.output === "tanh" ? "Tanh" : "Sigmoid"}(),`);
  return [`rng = np.random.default_rng(${s.weightSeed})`, "model = nn.Sequential(", ...lines, torch ? ").double()" : ")"];
}

/** @param {Settings} s @returns {string[]} */
function weightLines(s) {
  const sizes = [s.features.length, ...s.hidden];
  const there = s.weights.filter(({ layer, index }) => s.bias || index % (sizes[layer] + 1) !== sizes[layer]);
  return there.map(({ layer, index, value }) => {
    const row = Math.floor(index / (sizes[layer] + 1));
    const column = index % (sizes[layer] + 1);
    const place = column === sizes[layer] ? `bias.data[${row}]` : `weight.data[${row}, ${column}]`;
    return `linears[${layer}].${place} = ${py(value)}  # set by hand`;
  });
}

/** @param {Settings} s */
function optimizerLine(s) {
  const lr = `lr=${py(s.lr)}`;
  return {
    sgd: `optim.SGD(model.parameters(), ${lr})`,
    momentum: `optim.SGD(model.parameters(), ${lr}, momentum=${py(s.momentum)})`,
    rmsprop: `optim.RMSprop(model.parameters(), ${lr})`,
    adam: `optim.Adam(model.parameters(), ${lr})`,
  }[s.optimizer];
}

/** @type {(s: Settings, torch: boolean) => string[]} */
function penaltyLines(s, torch) {
  if (s.regularization === "none" || s.rate === 0) return [];
  const weight = "layer.weight.data";
  const pull = s.regularization === "l1" ? `${torch ? "torch" : "np"}.sign(${weight})` : weight;
  return ["        for layer in linears:", `            layer.weight.grad += ${py(s.rate)} * ${pull}`];
}

const STEP_NUMPY = `class Step(nn.Module):
    """1 from zero on, and a slope of zero everywhere: no gradient comes through."""

    def forward(self, x):
        return (x >= 0).astype(float)

    def backward(self, grad):
        return np.zeros_like(grad)
`;
const STEP_TORCH = `class Step(nn.Module):
    """1 from zero on, and a slope of zero everywhere: no gradient comes through."""

    def forward(self, x):
        return (x >= 0).to(x) + 0 * x
`;

/** Learning rates that were changed on the way. @param {[number, number][]} schedule */
const rateLines = (schedule) => (schedule.length ? [
  `    rates = {${schedule.map(([epoch, lr]) => `${epoch}: ${py(lr)}`).join(", ")}}  # changed on the way`,
  "    for group in optimizer.param_groups:",
  '        group["lr"] = rates.get(epoch, group["lr"])',
] : []);

/**
 * @param {Settings} s
 * @param {number} epochs
 * @param {[number, number][]} schedule From which epoch on there was another learning rate.
 */
export function numpyProgram(s, epochs, schedule = []) {
  if (s.loss === "perceptron") return perceptronProgram(s, epochs);
  const step = s.activations.includes("step");
  return [
    "import numpy as np", "", "from nnbook import data, nn, optim", "",
    ...(step ? ["", STEP_NUMPY, ""] : []),
    ...dataLines(s), "",
    ...modelLines(s, false),
    "linears = [layer for layer in model if isinstance(layer, nn.Linear)]",
    ...weightLines(s),
    `loss_fn = nn.${LOSS_MODULES[/** @type {keyof typeof LOSS_MODULES} */ (s.loss)]}`,
    `optimizer = ${optimizerLine(s)}`, "", "",
    "def losses():",
    "    model.eval()",
    `    both = [${half(s)}loss_fn(model(x[rows]), y[rows]) for rows in (train, test)]`,
    "    model.train()",
    "    return both", "", "",
    "history = [losses()]",
    `for epoch in range(${epochs}):`,
    ...rateLines(schedule),
    "    order = rng.permutation(len(train))",
    `    for start in range(0, len(train), ${s.batch}):`,
    `        rows = train[order[start : start + ${s.batch}]]`,
    "        loss_fn(model(x[rows]), y[rows])",
    "        optimizer.zero_grad()",
    `        model.backward(${half(s)}loss_fn.backward())`,
    ...penaltyLines(s, false),
    "        optimizer.step()",
    "    history.append(losses())",
    'print("loss after {} epochs: training {:.6f}, test {:.6f}".format(len(history) - 1, *history[-1]))',
    "",
  ].join("\n");
}

/**
 * @param {Settings} s
 * @param {number} epochs
 * @param {[number, number][]} schedule
 */
export function torchProgram(s, epochs, schedule = []) {
  const step = s.activations.includes("step");
  const start = s.loss === "perceptron" ? perceptronTorch(s, epochs) : [
    ...modelLines(s, true),
    "linears = [layer for layer in model if isinstance(layer, nn.Linear)]",
    "with torch.no_grad():",
    "    for layer in linears:  # the start that NumPy's generator gives",
    "        bound = layer.in_features**-0.5",
    `        for parameter in (layer.weight, ${s.bias ? "layer.bias" : ""}):`.replace(", )", ",)"),
    "            drawn = rng.uniform(-bound, bound, parameter.shape)",
    "            parameter.copy_(torch.from_numpy(drawn))",
    ...weightLines(s).map((line) => `    ${line}`),
    `loss_fn = nn.${LOSS_MODULES[/** @type {keyof typeof LOSS_MODULES} */ (s.loss)]}`,
    `optimizer = ${optimizerLine(s)}`, "", "",
    "def losses():",
    "    model.eval()",
    "    with torch.no_grad():",
    `        both = [${half(s)}loss_fn(model(x[rows]), y[rows]).item() for rows in (train, test)]`,
    "    model.train()",
    "    return both", "", "",
    "history = [losses()]",
    `for epoch in range(${epochs}):`,
    ...rateLines(schedule),
    "    order = rng.permutation(len(train))",
    `    for start in range(0, len(train), ${s.batch}):`,
    `        rows = train[order[start : start + ${s.batch}]]`,
    "        optimizer.zero_grad()",
    `        (${half(s)}loss_fn(model(x[rows]), y[rows])).backward()`.replace(/\((loss_fn.*\))\)\.b/, "$1.b"),
    ...penaltyLines(s, true),
    "        optimizer.step()",
    "    history.append(losses())",
  ];
  return [
    "import numpy as np", "import torch", "from torch import nn, optim", "", "from nnbook import data", "",
    ...(s.dropout > 0 ? ["", NUMPY_DROPOUT, ""] : []),
    ...(step ? ["", STEP_TORCH, ""] : []),
    ...dataLines(s),
    "x, y = torch.from_numpy(x), torch.from_numpy(y)",
    "",
    ...start,
    'print("loss after {} epochs: training {:.6f}, test {:.6f}".format(len(history) - 1, *history[-1]))',
    "",
  ].join("\n");
}

const NUMPY_DROPOUT = `class Dropout(nn.Module):
    """nn.Dropout, with NumPy's random numbers."""

    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        kept = rng.random(x.shape, dtype=np.float32) >= self.p
        return x * torch.from_numpy(kept / (1 - self.p))
`;

/** @type {(s: Settings, epochs: number) => string} */
function perceptronProgram(s, epochs) {
  return [
    "import numpy as np", "", "from nnbook import data", "from nnbook.scratch.perceptron import Perceptron", "",
    ...dataLines(s), "",
    `rng = np.random.default_rng(${s.weightSeed})`,
    `rng.random(${s.features.length + 1})  # the start that Rosenblatt's rule does not need`,
    `model = Perceptron(${s.features.length}, lr=${py(s.lr)})`,
    ...s.weights.map(({ index, value }) => {
      return index === s.features.length ? `model.bias = np.array(${py(value)})` : `model.weight[${index}] = ${py(value)}`;
    }),
    "", "",
    "def losses():  # the share of mistakes",
    "    return [np.mean(model.predict(x[rows]) != y[rows]) for rows in (train, test)]", "", "",
    "history = [losses()]",
    `for epoch in range(${epochs}):`,
    "    model.fit(x[train], y[train], epochs=1, shuffle=True, rng=rng)",
    "    history.append(losses())",
    'print("mistakes after {} epochs: training {:.6f}, test {:.6f}".format(len(history) - 1, *history[-1]))',
    "",
  ].join("\n");
}

/** @type {(s: Settings, epochs: number) => string[]} */
function perceptronTorch(s, epochs) {
  return [
    `rng = np.random.default_rng(${s.weightSeed})`,
    `rng.random(${s.features.length + 1})  # the start that Rosenblatt's rule does not need`,
    `weight, bias = torch.zeros(${s.features.length}, dtype=torch.float64), torch.zeros((), dtype=torch.float64)`,
    ...s.weights.map(({ index, value }) => {
      return index === s.features.length ? `bias += ${py(value)}` : `weight[${index}] = ${py(value)}`;
    }),
    "", "",
    "def answer(x):",
    "    return (bias + x @ weight >= 0).long()", "", "",
    "def losses():  # the share of mistakes",
    "    return [(answer(x[rows]) != y[rows]).double().mean().item() for rows in (train, test)]", "", "",
    "history = [losses()]",
    `for epoch in range(${epochs}):`,
    "    for row in train[rng.permutation(len(train))]:",
    "        error = y[row] - answer(x[row])",
    `        weight += ${py(s.lr)} * error * x[row]`,
    `        bias += ${py(s.lr)} * error`,
    "    history.append(losses())",
  ];
}
