"""The playground's engine: what it computes is what nnbook and PyTorch compute."""

import contextlib
import html
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nnbook import data

HERE = Path(__file__).parent
NODE = HERE.parents[1] / "tools" / "node.py"
SETS = ("circle", "xor", "gauss", "spiral", "plane", "multi_gauss")
ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "silu", "softplus", "step")
FEATURES = ("x1", "x2", "x1^2", "x2^2", "x1x2", "sin1", "sin2")


def node(script, value, *flags):
    """What a script of this folder answers to a value, both as JSON."""
    run = subprocess.run(
        [sys.executable, str(NODE), *flags, str(HERE / script)],
        input=json.dumps(value), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(run.stdout)


def random_settings(seed):
    """Settings in which every control has been touched by one or the other seed."""
    rng = np.random.default_rng(seed)
    one_of = lambda names: str(rng.choice(names))  # noqa: E731
    regression = seed % 5 == 4
    name = one_of(SETS[4:] if regression else SETS[:4])
    losses = ["squared", "half"] if regression else ["squared", "half", "cross-entropy", "softmax"]
    hidden = [int(size) for size in rng.integers(1, 9, rng.integers(0, 5))]
    optimizer = one_of(["sgd", "momentum", "rmsprop", "adam"])
    extra = [f for f in FEATURES[2:] if rng.random() < 0.3]
    settings = {
        "data": name, "n": int(rng.integers(40, 161)),
        "noise": round(float(rng.uniform(0, 0.5)), 2),
        "trainShare": int(rng.integers(30, 81)), "dataSeed": int(rng.integers(2**32)),
        "features": ["x1", "x2", *extra], "hidden": hidden,
        "activations": [one_of(ACTIVATIONS) for _ in hidden], "loss": one_of(losses),
        "regularization": one_of(["none", "l1", "l2"]),
        "rate": round(float(rng.uniform(0, 0.01)), 4),
        "dropout": one_of([0, 0, 0.2, 0.5]), "optimizer": optimizer,
        "lr": {"sgd": 0.001, "momentum": 0.0002}.get(optimizer, 0.001), "momentum": 0.8,
        "batch": int(rng.integers(1, 31)), "weightSeed": int(rng.integers(2**32)),
    }  # fmt: skip
    if settings["loss"] in ("squared", "half") and seed % 2:
        settings["output"] = one_of(["linear", "tanh", "sigmoid"])
    settings["bias"] = bool(seed % 7)
    settings["dropout"] = float(settings["dropout"])
    if seed % 3 == 0:
        settings["weights"] = [{"layer": 0, "index": 1, "value": 0.25}]
    if seed % 11 == 7 and not regression:
        settings |= {"loss": "perceptron", "hidden": [], "activations": []}
        settings["regularization"] = "none"
        settings["bias"] = True
    if seed % 11 == 8 and not regression:
        settings["points"] = [
            [*rng.normal(0, 3, 2).round(2), int(rng.integers(3))] for _ in range(30)
        ]
        settings["loss"] = "softmax"
    return settings


def history(program):
    """The losses that a program has noted, (epochs + 1, 2), and what it prints."""
    names, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(program, "shown by the playground", "exec"), names)  # noqa: S102
    return np.array(names["history"], dtype=float), printed.getvalue()


EPOCHS = 200
RUNS = [random_settings(seed) for seed in range(48)]


@pytest.fixture(scope="module")
def runs():
    return node("engine.mjs", [{"settings": settings, "epochs": EPOCHS} for settings in RUNS])


def test_the_random_settings_touch_every_control():
    for name, values in {
        "data": SETS, "loss": ("squared", "half", "cross-entropy", "softmax", "perceptron"),
        "optimizer": ("sgd", "momentum", "rmsprop", "adam"), "regularization": ("none", "l1", "l2"),
        "dropout": (0.0, 0.2, 0.5),
    }.items():  # fmt: skip
        assert {settings[name] for settings in RUNS} == set(values)
    assert {name for settings in RUNS for name in settings["activations"]} == set(ACTIVATIONS)
    assert {name for settings in RUNS for name in settings["features"]} == set(FEATURES)
    assert {len(settings["hidden"]) for settings in RUNS} == {0, 1, 2, 3, 4}
    assert {settings.get("output") for settings in RUNS} == {None, "linear", "tanh", "sigmoid"}
    assert {settings["bias"] for settings in RUNS} == {True, False}
    assert any("points" in settings for settings in RUNS)
    assert any("weights" in settings for settings in RUNS)


@pytest.mark.parametrize("number", range(len(RUNS)))
def test_the_program_that_it_shows_gives_its_losses(runs, number):
    run = runs[number]
    assert run["notes"] == []
    mine, printed = history(run["numpy"])
    assert mine.shape == (EPOCHS + 1, 2)
    np.testing.assert_allclose(mine, np.array([run["train"], run["test"]]).T, rtol=0, atol=1e-9)
    assert f"training {run['train'][-1]:.6f}" in printed


@pytest.mark.parametrize("number", range(0, len(RUNS), 6))
def test_so_does_the_program_for_pytorch(runs, number):
    mine, _ = history(runs[number]["torch"].replace(f"range({EPOCHS})", "range(20)"))
    wanted = np.array([runs[number]["train"], runs[number]["test"]]).T[:21]
    np.testing.assert_allclose(mine, wanted, rtol=0, atol=1e-9)


def on_the_page(label):
    """What a button of the page sets up."""
    text = (HERE.parents[1] / "docs" / "playground.md").read_text(encoding="utf-8")
    found = re.search(f'data-playground="([^"]*)">{label}</button>', text)
    return html.unescape(found[1])


def shares_right(label, epochs, **changes):
    """The share of right answers on the test data, from six starts."""
    order = {"hash": on_the_page(label), "epochs": epochs}
    orders = [order | {"settings": {"weightSeed": seed, **changes}} for seed in range(6)]
    return [run["right"] for run in node("engine.mjs", orders)]


def test_the_page_is_right_about_the_spiral():
    assert min(shares_right("The spiral", 250)) > 0.97
    tanh = shares_right("The spiral", 250, activations=["tanh"] * 3)
    assert np.median(tanh) < 0.97
    easy = shares_right("The spiral", 250, activations=["tanh"] * 3,
                        features=["x1", "x2", "sin1", "sin2"])  # fmt: skip
    assert min(easy) > 0.97


def test_the_page_is_right_about_what_one_neuron_and_what_a_step_can_do():
    assert min(shares_right("One neuron", 20)) > 0.99
    assert max(shares_right("One neuron", 50, data="circle")) < 0.8
    two = shares_right("One neuron", 50, data="circle", features=["x1", "x2", "x1^2", "x2^2"])
    assert min(two) > 0.99
    assert max(shares_right("XOR, by Rosenblatt's rule", 50)) < 0.9
    helped = shares_right("XOR, by Rosenblatt's rule", 50, features=["x1", "x2", "x1x2"])
    assert min(helped) > 0.97
    assert max(shares_right("Six layers of sigmoids", 30)) < 0.7


def test_the_page_is_right_about_too_large_a_step_and_about_learning_by_heart():
    (run,) = node("engine.mjs", [{"hash": on_the_page("Too large a step"), "epochs": 60}])
    assert run["blownUp"]
    (run,) = node("engine.mjs", [{"hash": on_the_page("By heart"), "epochs": 400}])
    assert run["train"][-1] < 0.3 * run["test"][-1]
    assert run["test"][-1] > 1.3 * min(run["test"])


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_learning_rate_changed_on_the_way_stands_in_the_program(optimizer):
    settings = {"n": 100, "optimizer": optimizer, "lr": 0.01}
    order = {"settings": settings, "epochs": 30, "schedule": [[5, 0.03], [20, 0.001]]}
    (run,) = node("engine.mjs", [order])
    wanted = np.array([run["train"], run["test"]]).T
    for kind in ("numpy", "torch"):
        mine, _ = history(run[kind])
        np.testing.assert_allclose(mine, wanted, rtol=0, atol=1e-9)
    (plain,) = node("engine.mjs", [order | {"schedule": []}])
    assert plain["train"][5] == run["train"][5]
    assert plain["train"][6] != run["train"][6]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(
    ("n", "noise", "seed"), [(2, 0.0, 0), (201, 0.25, 7), (100, 0.5, 2**32 - 1)]
)
def test_its_data_are_those_of_the_package(name, n, noise, seed):
    (points,) = node("data.mjs", [{"name": name, "n": n, "noise": noise, "seed": seed}])
    wanted = getattr(data, name)(n, noise=noise, rng=seed)
    np.testing.assert_allclose(np.reshape(points["x"], (n, 2)), wanted.x, rtol=0, atol=1e-13)
    np.testing.assert_allclose(points["y"], wanted.y, rtol=0, atol=1e-13)


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**32 - 1, 2**40 + 7])
def test_its_random_numbers_are_numpys(seed):
    (drawn,) = node("random.mjs", [seed])
    rng = np.random.default_rng(seed)
    assert drawn["uniform"] == rng.uniform(-2, 3, 5).tolist()
    assert drawn["integers"] == rng.integers(0, 7, 5).tolist()
    assert drawn["order"] == rng.permutation(23).tolist()
    assert drawn["floats"] == rng.random(5, dtype=np.float32).tolist()
    np.testing.assert_allclose(drawn["normal"], rng.normal(size=20_000), rtol=1e-12)


def test_ten_thousand_epochs_need_no_more_memory_and_any_of_them_can_be_had_again():
    seen = node("memory.mjs", None, "--expose-gc")
    assert seen["after"] - seen["before"] < 1_000_000  # the losses themselves are 160,000
    assert seen["pictures"] <= 64
    assert seen["epoch"] == 5003
    assert seen["again"] == seen["loss"]


def test_the_scripts_are_small():
    scripts = (HERE.parents[1] / "docs" / "assets" / "playground").glob("*.js")
    assert sum(path.stat().st_size for path in scripts) < 150_000


HOSTILE = [
    {"lr": 1e9, "hidden": [1e9, -3], "n": 0, "batch": 0, "noise": 99},
    {"lr": "1", "hidden": "8", "activations": 3, "points": "x", "weights": 1, "features": {}},
    {"data": "constructor", "loss": "__proto__", "activations": ["toString"]},
    {"points": [[1, 2], [None, 1, 1], ["x", 0, 0]], "features": []},
    {"hidden": [1] * 100, "points": [[0, 0, 0]] * 5000},
    {"weights": [{"layer": 9, "index": 0, "value": 1}, {"layer": 0, "index": -1, "value": 1}]},
]


@pytest.mark.parametrize("given", HOSTILE, ids=lambda given: next(iter(given)))
def test_absurd_settings_are_made_sound_with_a_word(given):
    (run,) = node("engine.mjs", [{"settings": given, "epochs": 1}])
    settings = run["settings"]
    assert run["notes"]
    assert 1e-6 <= settings["lr"] <= 1000
    assert all(1 <= size <= 16 for size in settings["hidden"])
    assert len(settings["hidden"]) == len(settings["activations"]) <= 8
    assert settings["features"]
    assert 1 <= len(settings["points"] or [0]) <= 2000
