"""Mistakes that students make, each told apart from a right answer, in words that name it.

Every one was made by hand while the labs were done as a student would; many were let through then.
A mistake is a change of the solution: the words to take out, those to put in, and what is said.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from weave.snippets import parse

LABS = Path(__file__).parents[2] / "docs" / "labs"

MISTAKES = {
    "classifier": {
        "split": [
            (
                "x[learn], y[learn], x[test], y[test]",
                "x[test], y[test], x[learn], y[learn]",
                "15, then",
            ),
            (
                "x[learn], y[learn], x[test], y[test]",
                "x[learn], x[test], y[learn], y[test]",
                "15, then",
            ),
            ("rng.permutation(len(x))", "np.arange(len(x))", "the order is not random"),
            ("rng.permutation(len(x))", "rng.integers(len(x), size=len(x))", "in exactly one"),
            ("y[learn], x[test]", "rng.permutation(y[learn]), x[test]", "lost their class"),
            ("    return", "    None,", "is there a return?"),
        ],
        "accuracy": [
            ("np.mean", "np.sum", "you say 3"),
            ("argmax(axis=1)", "argmax()", "you say 0.25"),
            ("np.mean", "", "one number; yours has shape (4,)"),
            ("    return", "    None,", "is there a return?"),
        ],
        "perceptron": [
            ("w +=", "w -=", "Yours is [-1. -2.  3.]"),
            ("> 0)", ">= 0)", "Yours is [0. 0. 0.]"),
            ("(y[i] - answer) * x[i]", "abs(y[i] - answer) * x[i]", "so (1, 4, 1) is taken away"),
            ("(y[i] - answer) * x[i]", "(y - (x @ w > 0)) @ x", "one example at a time"),
            ("(y[i] - answer)", "(2 * y[i] - 1)", "nothing may change"),
        ],
        "step": [
            ("optimizer.zero_grad()", "pass", "begin with optimizer.zero_grad()"),
            ("optimizer.step()", "pass", "have not moved"),
            ("model.backward(loss_fn.backward())", "loss_fn.backward()", "have not moved"),
            (
                "    optimizer.step()",
                "    optimizer.zero_grad(); optimizer.step()",
                "have not moved",
            ),
        ],
        "step_torch": [
            ("optimizer.zero_grad()", "pass", "Is there a zero_grad()"),
            ("optimizer.step()", "pass", "and a step()?"),
        ],
        "experiment": [
            ("build((2, 16, 16, 2), seed=0)", "model", "Build a new network"),
            ("seed=0", "seed=5", "begin with seed=0"),
            ("x_test, y_test", "x, y", "the loss on x_test"),
            ("batch_size, x, y,", "batch_size, x_test, y_test,", "learn from x and y"),
            ("lr, 30", "0.2, 30", "is lr handed on?"),
            ("30, batch_size", "30, 16", "Is batch_size handed on?"),
            ("30, batch_size", "60, batch_size", "I expect thirty losses"),
        ],
        "confusion": [
            ("(y, scores.argmax(axis=1))", "(scores.argmax(axis=1), y)", "Turned around"),
            (
                "np.add.at(counts, (y, scores.argmax(axis=1)), 1)",
                "counts[y, scores.argmax(axis=1)] += 1",
                "Are both counted?",
            ),
        ],
        "regression": [("MSELoss", "BCEWithLogitsLoss", "is a loss for classes")],
    },
    "seeing": {
        "correlate": [
            ("kernel[i, j]", "kernel[-1 - i, -1 - j]", "upside down"),
            ("kernel[i, j]", "kernel[j, i]", "lies on its side"),
            ("answer +=", "answer =", "Yours: [[0.0, 20.0]]"),
            ("np.ndindex(kernel.shape)", "np.ndindex(3, 3)", "out of bounds"),
            ("    return", "    None,", "is there a return?"),
        ],
        "sideways": [
            ("[-2.0, 0.0, 2.0]", "[-2.0, 0.0, 3.0]", "add up to?"),
            ("])", "]).T", "upper row have to do"),
            ("sideways = ", "sideways = 0 * ", "silent on a slope"),
        ],
        "pool": [
            (".max(", ".mean(", "you have [1.5"),
            (
                "h // 2, 2, w // 2, 2).max(axis=(-3, -1))",
                "h // 2, w // 2, 2, 2).max(axis=(-2, -1))",
                "you have [3.0, 5.0, 0.0, 9.0]",
            ),
        ],
        "counts": [
            ("16 * 8 * 9", "16 * 9", "EACH of 8 maps"),
            ("8 * 12 * 12", "8 * 10 * 10", "as large as the paper"),
        ],
        "train": [
            ("            optimizer.zero_grad()\n", "", "is there a zero_grad()"),
            ("x[batch]), y[batch]", "x), y", "each once for each batch"),
            (
                "            optimizer.step()",
                "            optimizer.step()\n"
                "            values[-1] = loss_fn(model(x[batch]), y[batch])",
                "before the step",
            ),
        ],
        "first_maps": [
            ("model[1](model[0](x))", "model[0](x)", "the tanh is missing"),
            ("model[1](model[0](x))", "model[2](model[1](model[0](x)))", "yours: (3, 8, 6, 6)"),
        ],
        "shift": [
            ("(rows, columns)", "(-rows, -columns)", "One row down"),
            ("(rows, columns)", "(columns, rows)", "One row down"),
            ("max(abs(rows), abs(columns))", "0", "What comes in is empty"),
            ("    return", "    None,", "is there a return?"),
        ],
        "scramble": [
            (
                "flat[:, rng.permutation(flat.shape[1])].reshape(x.shape)",
                "x[:, :, rng.permutation(12)]",
                "moved whole rows",
            ),
            (
                "flat[:, rng.permutation(flat.shape[1])]",
                "rng.permuted(flat, axis=1)",
                "one permutation",
            ),
            (".reshape(x.shape)", "", "yours is (2, 144)"),
            ("rng.permutation(flat.shape[1])", "rng.integers(144, size=144)", "exactly once"),
        ],
    },
    "your-data": {
        "read_table": [
            ("else np.nan", "else 0", "Missing numbers are nan"),
            ("np.unique([row.pop(target)", "np.unique([row[target]", "could not convert"),
            ("names.tolist()", "names.tolist()[::-1]", "in alphabetical order"),
        ],
        "three_piles": [
            ("round(choose * n), round(test * n)", "int(choose * n), int(test * n)", "rounded 2"),
            ("rng.permutation(n)", "np.arange(n)", "the order is not random"),
            (
                "[n - second - third, n - third]",
                "[second, second + third]",
                "I expect 30, 15 and 5",
            ),
            ("    return", "    None,", "is there a return?"),
        ],
        "fitted": [
            (
                "    deviation = np.where(deviation > 0, deviation, 1)\n",
                "",
                "Divide such a column by 1",
            ),
            (
                "np.nan_to_num((x - mean) / deviation, nan=0.0)",
                "(x - mean) / deviation",
                "numbers that are none",
            ),
            (
                "(x - mean) / deviation, nan",
                "(x - np.nanmean(x, axis=0)) / deviation, nan",
                "peeking",
            ),
            ("np.nanstd(x, axis=0)", "np.nanstd(x, axis=0, ddof=1)", "-1.22, 0, 1.22"),
            ("    return prepare", "    return prepare(x)", "should return a function"),
        ],
        "train": [
            (">= patience", "> patience", "Yours ran 14"),
            ("            break", "            pass", "It never stops early"),
            (
                "        if losses[-1] == min(losses):\n            best",
                "        if True:\n            best",
                "the best were those of epoch 6",
            ),
            ("    net.restore(best)\n", "", "with net.restore"),
            ("return losses", "return min(losses)", "the list of all losses"),
        ],
        "tune": [
            ("min(train(Net(hidden, lr)))", "train(Net(hidden, lr))[-1]", "at their best"),
            (
                "for lr in lrs] for hidden in hiddens",
                "for hidden in hiddens] for lr in lrs",
                "your table is (3, 2)",
            ),
            ("(hiddens[i], lrs[j])", "(i, j)", "you say (0.0, 1.0)"),
        ],
        "wilson": [
            ("z**2 / (2 * n)", "z**2 / 2 * n", "9 right of 10"),
            (" + z**2 / (4 * n**2)", "", "9 right of 10"),
            ("    return", "    None,", "is there a return?"),
        ],
        "read_folder": [
            (" / 255", "", "From 0 to 1"),
            ('.convert("L")', '.convert("1")', "51 of 255 is 0.2"),
            ("            y.append(k)", "        y.append(k)", "The classes are 0, 1, 1"),
            (
                "in sorted((Path(path) / name).iterdir())",
                "in sorted((Path(path) / name).iterdir())[::-1]",
                "51 of 255 is 0.2",
            ),
        ],
    },
}


def run(code, names):
    exec(compile(code, "cell", "exec"), names)  # noqa: S102 - the book's own code
    plt.close("all")


def said(code, names):
    """What is raised when a cell is run, or nothing."""
    try:
        run(code, names)
    except Exception as error:  # a student may cause any
        return str(error)
    return ""


# In a notebook a division by zero warns; here it would end the run.
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("lab", MISTAKES)
def test_each_mistake_is_told_what_it_is(lab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a lab writes files where it runs
    snippets = [s for s in parse(LABS / f"{lab}.md").snippets if s.kind == "python" and not s.needs]
    checks = {s.exercise: s.code for s in snippets if s.role == "check"}
    assert set(MISTAKES[lab]) == set(checks)
    names = {"__name__": "lab"}
    for snippet in snippets:
        if snippet.role == "solution":
            check = checks[snippet.exercise]
            for old, new, words in MISTAKES[lab][snippet.exercise]:
                assert snippet.code.count(old) >= 1, (snippet.exercise, old)
                wrong = snippet.code.replace(old, new)
                answer = said(f"{wrong}\n{check}", dict(names))
                assert words in answer, f"{snippet.exercise}, {new}: {answer or 'passed'}"
            run(f"{snippet.code}\n{check}", names)
        elif snippet.role is None:
            run(snippet.code, names)
