"""Training in NumPy: steps worked by hand, every option, and runs that are really killed."""

import copy
import json
import math
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook import data, nn, optim
from nnbook.data import Loader
from nnbook.optim import lr_scheduler
from nnbook.scratch.training import (
    EarlyStopping,
    History,
    accuracy,
    evaluate,
    fit,
    load_checkpoint,
    predict,
    save_checkpoint,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(23, 3))
Y = np.sin(X.sum(axis=1, keepdims=True))


def small(rng=0):
    """A little of everything that has a state."""
    return nn.Sequential(
        nn.Linear(3, 5, rng=rng), nn.BatchNorm1d(5), nn.Tanh(), nn.Dropout(0.2, rng=7),
        nn.Linear(5, 1, rng=rng + 1),
    )  # fmt: skip


def line(weight=0.0, bias=0.0):
    model = nn.Linear(1, 1)
    model.load_state_dict({"weight": [[weight]], "bias": [bias]})
    return model


def sgd(model, lr=0.1, **options):
    return optim.SGD(model.parameters(), lr=lr, **options)


def same(one, other):
    """Equal to the last bit."""
    return all(np.array_equal(one[k], other[k]) for k in one) and one.keys() == other.keys()


# The loop itself


def test_two_steps_by_hand():
    # y = w x + b from w = b = 0, examples (1, 2) and (3, 4) in one batch, lr = 0.1.
    # Errors -2, -4: dL/dw = 2 (-2 * 1 - 4 * 3) / 2 = -14, dL/db = 2 (-2 - 4) / 2 = -6, L = 10.
    # So w = 1.4, b = 0.6: errors 0, 0.8: dL/dw = 2.4, dL/db = 0.8, L = 0.32; w = 1.16, b = 0.52.
    model = line()
    x, y = np.array([[1.0], [3.0]]), np.array([[2.0], [4.0]])
    history = fit(model, nn.MSELoss(), sgd(model), (x, y), epochs=2, batch_size=2)
    assert history.loss == pytest.approx([10, 0.32])
    assert model.weight.data.item() == pytest.approx(1.16)
    assert model.bias.data.item() == pytest.approx(0.52)
    assert history.lr == [0.1, 0.1]
    assert len(history.seconds) == 2
    assert history.val_loss == []
    assert history.metrics == {}


def test_a_smaller_last_batch_counts_less():
    model = line(1.0)  # a learning rate of 0: the losses are those of y = x
    x, y = np.ones((5, 1)), np.array([[1.0], [1.0], [1.0], [1.0], [3.0]])
    history = fit(
        model, nn.MSELoss(), sgd(model, lr=0.0), (x, y), epochs=1, batch_size=2, validation=(x, y),
        shuffle=False, metrics={"last": lambda output, target: target[-1, 0]},
    )  # fmt: skip
    assert history.loss == history.val_loss == pytest.approx([4 / 5])
    assert history["last"] == history["val_last"] == pytest.approx([(2 * 1 + 2 * 1 + 3) / 5])


@pytest.mark.parametrize("size", [3, 4, 23, 100])
@pytest.mark.parametrize("shuffle", [False, True])
def test_it_is_the_loop_that_one_writes_oneself(size, shuffle):
    mine, theirs = small(), small()
    history = fit(
        mine, nn.MSELoss(), optim.Adam(mine.parameters(), lr=0.01), (X, Y), epochs=3,
        batch_size=size, shuffle=shuffle, rng=5,
    )  # fmt: skip
    rng, loss_fn = np.random.default_rng(5), nn.MSELoss()
    optimizer = optim.Adam(theirs.parameters(), lr=0.01)
    losses = []
    for _ in range(3):
        order = rng.permutation(23) if shuffle else np.arange(23)
        total = 0.0
        for start in range(0, 23, size):
            rows = order[start : start + size]
            optimizer.zero_grad()
            total += loss_fn(theirs(X[rows]), Y[rows]) * len(rows)
            theirs.backward(loss_fn.backward())
            optimizer.step()
        losses.append(total / 23)
    assert same(mine.state_dict(), theirs.state_dict())
    assert history.loss == losses


def test_a_dataset_a_tuple_and_a_loader_are_the_same():
    dataset = data.circle(30)
    found = []
    for given_data, options in [
        (dataset, {"batch_size": 8, "rng": 3}),
        (tuple(dataset), {"batch_size": 8, "rng": 3}),
        (Loader(dataset, 8, shuffle=True, rng=3), {}),
        (Loader(dataset, 8, shuffle=True, rng=np.random.default_rng(3)), {}),
        (dataset, {"batch_size": 8, "rng": np.random.default_rng(3)}),
    ]:
        model = nn.Linear(2, 2, rng=0)
        fit(model, nn.CrossEntropyLoss(), sgd(model), given_data, epochs=2, **options)
        found.append(model.state_dict())
    assert all(same(found[0], other) for other in found[1:])


def test_a_batch_of_one_left_by_drop_last_is_the_loaders_affair():
    model = small()
    loader = Loader((X[:9], Y[:9]), 4, drop_last=True)
    history = fit(model, nn.MSELoss(), sgd(model), loader, epochs=1)
    assert len(history) == 1


def test_models_with_two_inputs_and_two_outputs():
    class Both(nn.Module):
        def __init__(self):
            self.first, self.second = nn.Linear(3, 1, rng=0), nn.Linear(2, 1, rng=1)

        def forward(self, a, b):
            return self.first(a), self.second(b)

        def backward(self, grad_a, grad_b):
            return self.first.backward(grad_a), self.second.backward(grad_b)

    class Sum(nn.Module):
        def __init__(self, answers):
            self.parts, self.answers = (nn.MSELoss(), nn.MSELoss()), answers

        def forward(self, outputs, target):
            return sum(f(o, target) for f, o in zip(self.parts, outputs, strict=True))

        def backward(self, grad=1.0):
            grads = tuple(f.backward(grad) for f in self.parts)
            return (grads, None) if self.answers == "target too" else grads

    found = []
    for answers in ("output", "target too"):
        model = Both()
        history = fit(model, Sum(answers), sgd(model), (X, X[:, :2], Y), epochs=20)
        assert history.loss[-1] < history.loss[0]
        found.append(model.state_dict())
    assert same(*found)


def test_losses_of_all_kinds_are_learned_from():
    x, y = data.circle(60, rng=1)
    for loss, out, target in [
        (nn.CrossEntropyLoss(), 2, y),
        (nn.BCEWithLogitsLoss(), 1, y[:, None].astype(float)),
        (nn.MSELoss(reduction="sum"), 1, y[:, None] - 0.5),
    ]:
        model = nn.Sequential(nn.Linear(2, 8, rng=0), nn.Tanh(), nn.Linear(8, out, rng=1))
        history = fit(
            model, loss, optim.Adam(model.parameters(), lr=0.05), (x, target), epochs=40,
            metrics={"accuracy": lambda output, target: accuracy(output, target > 0)},
        )  # fmt: skip
        assert history["accuracy"][-1] > 0.95, loss


def test_no_epochs_are_no_epochs():
    model = small()
    before = model.state_dict()
    assert fit(model, nn.MSELoss(), sgd(model), (X, Y), epochs=0) == History()
    assert same(model.state_dict(), before)


# Modes, and gradients that nobody needs


def test_validation_is_in_eval_mode_and_learns_nothing():
    modes = []

    class Spy(nn.Identity):
        def forward(self, x):
            modes.append((self.training, len(x)))
            return super().forward(x)

    model, alone = nn.Sequential(small(), Spy()), nn.Sequential(small(), Spy())
    history = fit(
        model, nn.MSELoss(), sgd(model), (X, Y), epochs=2, batch_size=12, validation=(X[:5], Y[:5])
    )
    assert modes == [(True, 12), (True, 11), (False, 5)] * 2
    fit(alone, nn.MSELoss(), sgd(alone), (X, Y), epochs=2, batch_size=12)
    assert same(model.state_dict(), alone.state_dict())
    expected = evaluate(model, nn.MSELoss(), (X[:5], Y[:5]))
    assert history.val_loss[-1] == expected["loss"]


def test_modes_are_as_before():
    model = small()
    model[3].eval()
    before = [m.training for m in model.modules()]
    fit(model, nn.MSELoss(), sgd(model), (X, Y), epochs=1, validation=(X, Y))
    assert [m.training for m in model.modules()] == before
    predict(model, X)
    evaluate(model, nn.MSELoss(), (X, Y))
    assert [m.training for m in model.modules()] == before
    model.eval()
    with pytest.raises(ZeroDivisionError):
        fit(model, nn.MSELoss(), sgd(model), (X, Y), epochs=1, on_epoch=lambda *_: 1 / 0)
    assert not any(m.training for m in model.modules())


def test_training_is_in_training_mode_whatever_came_before():
    found = []
    for mode in (True, False):
        model = small().train(mode)
        fit(model, nn.MSELoss(), sgd(model), (X, Y), epochs=2)
        found.append(model.state_dict())
    assert same(*found)


def test_data_need_no_gradient():
    asked = []

    class Spy(nn.Linear):
        def forward(self, x):
            asked.append(self.input_requires_grad)
            return super().forward(x)

    for before in (True, False):
        model = nn.Sequential(Spy(3, 4, rng=0), nn.Tanh(), Spy(4, 1, rng=1))
        model.requires_input_grad_(before)
        fit(model, nn.MSELoss(), sgd(model), (X, Y), epochs=1)
        assert asked == [False, True]
        assert model[0].input_requires_grad is before
        assert model[2].input_requires_grad is True
        asked.clear()
    with pytest.raises(FloatingPointError):
        fit(model, nn.MSELoss(), sgd(model), (X, np.nan * Y), epochs=1)
    assert model[0].input_requires_grad is False


class Residual(nn.Sequential):
    """What goes in is added to what comes out; its `backward` needs that of the layers below."""

    def forward(self, x):
        return super().forward(x) + x

    def backward(self, grad_output):
        return super().backward(grad_output) + grad_output


@pytest.mark.parametrize("wrap", [lambda m: m, nn.Sequential])
def test_a_backward_that_builds_on_another_still_gets_its_answer(wrap):
    model = wrap(Residual(nn.Linear(3, 3, rng=0), nn.Tanh(), nn.Linear(3, 3, rng=1)))
    history = fit(model, nn.MSELoss(), sgd(model), (X, X[:, ::-1].copy()), epochs=5)
    assert history["loss"][-1] < history["loss"][0]


def test_a_list_of_arrays_is_as_good_as_a_tuple():
    histories = []
    for pair in ((X, Y), [X, Y]):
        model = small()
        histories.append(fit(model, nn.MSELoss(), sgd(model), pair, epochs=2))
    assert histories[0]["loss"] == histories[1]["loss"]


# Losses that are not finite


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_is_named_before_it_does_harm(value):
    model, y = line(), np.zeros((10, 1))
    y[7] = value
    with pytest.raises(FloatingPointError, match=rf"epoch 1, batch 4: the loss is {value}"):
        fit(model, nn.MSELoss(), sgd(model), (np.ones((10, 1)), y), epochs=3, batch_size=2,
            shuffle=False)  # fmt: skip
    assert np.isfinite(model.weight.data).all()
    history = fit(model, nn.MSELoss(), sgd(model), (np.ones((10, 1)), y), epochs=2, batch_size=2,
                  check_finite=False)  # fmt: skip
    assert not np.isfinite(history.loss).any()


def test_a_run_that_explodes_says_when():
    model = line()
    words = r"epoch \d+, batch 1: the loss is (inf|nan)"
    with pytest.raises(FloatingPointError, match=words), np.errstate(all="ignore"):
        fit(model, nn.MSELoss(), sgd(model, lr=1e6), (100 * X[:, :1], Y), epochs=100)


# What goes along


class Notes:
    """A schedule that notes what it is told."""

    def __init__(self, optimizer):
        self.optimizer, self.steps = optimizer, 0

    def step(self):
        self.steps += 1
        self.optimizer.param_groups[0]["lr"] /= 2


def test_a_schedule_steps_after_each_epoch_or_each_batch():
    model = line()
    optimizer = sgd(model, lr=0.8)
    notes = Notes(optimizer)
    options = {"epochs": 3, "batch_size": 4, "scheduler": notes}
    history = fit(model, nn.MSELoss(), optimizer, (X[:10, :1], Y[:10]), **options)
    assert notes.steps == 3
    assert history.lr == [0.8, 0.4, 0.2]
    history = fit(
        model, nn.MSELoss(), optimizer, (X[:10, :1], Y[:10]), scheduler_step="batch", **options
    )
    assert notes.steps == 3 + 9
    assert history.lr == pytest.approx([0.1, 0.1 / 8, 0.1 / 64])


@pytest.mark.parametrize("validated", [True, False])
def test_a_schedule_that_wants_a_loss_gets_that_of_the_validation(validated):
    told = []

    class Plateau(lr_scheduler.ReduceLROnPlateau):
        def step(self, metrics, epoch=None):
            told.append(metrics)
            return super().step(metrics, epoch)

    model = line()
    optimizer = sgd(model)
    history = fit(
        model, nn.MSELoss(), optimizer, (X[:, :1], Y), epochs=3, scheduler=Plateau(optimizer),
        validation=(X[:7, :1], Y[:7]) if validated else None,
    )  # fmt: skip
    assert told == (history.val_loss if validated else history.loss)


def test_clipping_is_that_of_the_utilities():
    mine, theirs = line(), line()
    x, y = np.array([[1.0], [3.0]]), np.array([[2.0], [4.0]])  # gradients -14 and -6, see above
    fit(mine, nn.MSELoss(), sgd(mine), (x, y), epochs=1, clip_grad_norm=1.0)
    length = math.hypot(14, 6)
    assert mine.weight.data.item() == pytest.approx(0.1 * 14 / length)
    assert mine.bias.data.item() == pytest.approx(0.1 * 6 / length)
    fit(theirs, nn.MSELoss(), sgd(theirs), (x, y), epochs=1, clip_grad_norm=length + 1)
    assert theirs.weight.data.item() == pytest.approx(1.4)


def test_somebody_may_watch():
    seen, model = [], line()
    fit(
        model, nn.MSELoss(), sgd(model), (X[:, :1], Y), epochs=3,
        on_epoch=lambda m, history: seen.append((m is model, len(history), history.loss[-1] > 0)),
    )  # fmt: skip
    assert seen == [(True, 1, True), (True, 2, True), (True, 3, True)]


def test_a_bar_is_shown_if_asked_for(capfd):
    pytest.importorskip("tqdm")
    model = line()
    fit(model, nn.MSELoss(), sgd(model), (X[:, :1], Y), epochs=2, batch_size=5, progress=True)
    shown = capfd.readouterr().err
    assert "10/10" in shown
    assert "loss=" in shown
    fit(model, nn.MSELoss(), sgd(model), (X[:, :1], Y), epochs=2)
    assert capfd.readouterr() == ("", "")


def test_without_tqdm_there_is_no_bar(monkeypatch):
    model = line()
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r"tqdm.*nnbook\[train\]"):
        fit(model, nn.MSELoss(), sgd(model), (X[:, :1], Y), epochs=1, progress=True)


def test_numpy_is_all_it_needs():
    code = """
import sys
for name in ("torch", "tqdm", "safetensors", "sklearn", "scipy", "matplotlib"):
    sys.modules[name] = None
from nnbook import data, nn, optim
from nnbook.scratch.training import fit
import tempfile, pathlib
model = nn.Linear(2, 2, rng=0)
path = pathlib.Path(tempfile.mkdtemp()) / "run.npz"
for epochs in (2, 4):
    history = fit(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1),
                  data.gauss(50), epochs=epochs, checkpoint=path)
print(len(history))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "4\n"


# Early stopping


def stop_at(values, **options):
    """The epoch at which it ends, and the weight it leaves, for losses that are given."""
    model, stopping = line(), EarlyStopping(monitor="loss", **options)
    history = History()
    for epoch, value in enumerate(values):
        model.weight.data[...] = epoch
        history.append({"loss": value}, lr=0.1)
        if stopping.update(model, history):
            break
    stopping.restore(model)
    return epoch, model.weight.data.item(), stopping


@pytest.mark.parametrize(
    ("values", "options", "last", "weight"),
    [
        ([3, 2, 1, 0], {"patience": 1}, 3, 3),
        ([3, 2, 2.5, 1, 4, 5, 6], {"patience": 2}, 5, 3),
        ([3, 2, 2.5, 1, 4, 5, 6], {"patience": 1}, 2, 1),
        ([3, 3, 3, 3], {"patience": 2}, 2, 0),  # as good is not better
        ([3, 2.9, 2.8, 2.7], {"patience": 2, "min_delta": 0.15}, 3, 2),
        ([1, 2, 3, 2, 1], {"patience": 2, "mode": "max"}, 4, 2),
        ([3, 2, 2.5, 2.6], {"patience": 2, "restore_best": False}, 3, 3),
        ([math.nan, math.nan, 1], {"patience": 2}, 1, 1),
        ([1, math.nan, 0.5], {"patience": 2}, 2, 2),
    ],
)
def test_when_it_ends_and_what_it_leaves(values, options, last, weight):
    epoch, left, stopping = stop_at(values, **options)
    assert (epoch, left) == (last, weight)
    if stopping.best_epoch is not None:
        assert values[stopping.best_epoch] == stopping.best


def test_fit_ends_early_and_brings_the_best_back():
    model, stopping = small(), EarlyStopping(patience=3)
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    weights = []
    history = fit(
        model, nn.MSELoss(), optimizer, (X[:8], Y[:8]), epochs=200, validation=(X[8:], Y[8:]),
        early_stopping=stopping, on_epoch=lambda m, _: weights.append(m.state_dict()),
    )  # fmt: skip
    best = int(np.argmin(history.val_loss))
    assert len(history) == best + 4 < 200
    assert stopping.best_epoch == best
    assert same(model.state_dict(), weights[best])
    again = fit(
        model, nn.MSELoss(), optimizer, (X[:8], Y[:8]), epochs=2, validation=(X[8:], Y[8:]),
        early_stopping=stopping,
    )  # fmt: skip
    assert len(again) == 2, "a new run begins with new patience"


# Checkpoints


def build(path, epochs, kind="Adam", **options):
    """A run with everything that has a state; its model, and its history."""
    model = small()
    optimizer = {
        "Adam": lambda p: optim.Adam(p, lr=0.02, amsgrad=True),
        "SGD": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
        "RMSprop": lambda p: optim.RMSprop(p, lr=0.01, centered=True, momentum=0.5),
        "NAdam": optim.NAdam,
        "Adagrad": optim.Adagrad,
    }[kind](model.parameters())
    make = options.pop("schedule", None)
    return model, fit(
        model, nn.MSELoss(), optimizer, (X, Y), epochs=epochs, batch_size=8, checkpoint=path,
        scheduler=make(optimizer) if make else None, **options,
    )  # fmt: skip


SCHEDULES = {
    "none": None,
    "step": lambda o: lr_scheduler.StepLR(o, 2),
    "multi": lambda o: lr_scheduler.MultiStepLR(o, [1, 3]),
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, 6),
    "plateau": lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=0, threshold=0.5),
    "sequence": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.LinearLR(o), lr_scheduler.ExponentialLR(o, 0.9)], milestones=[2]
    ),
}


class PulledPlugError(Exception):
    """Somebody pulled the plug."""


def interrupt_at(epoch):
    def on_epoch(_, history):
        if len(history) == epoch:
            raise PulledPlugError

    return on_epoch


@pytest.mark.parametrize(
    ("kind", "schedule"),
    [*(("Adam", name) for name in SCHEDULES),
     *((kind, "step") for kind in ("SGD", "RMSprop", "NAdam", "Adagrad"))],
)  # fmt: skip
def test_an_interrupted_run_ends_the_same_to_the_last_bit(tmp_path, kind, schedule):
    options = {"kind": kind, "schedule": SCHEDULES[schedule], "validation": (X[:5], Y[:5])}
    expected, history = build(tmp_path / "whole.npz", 6, **options)
    path = tmp_path / "run.npz"
    for epoch in (1, 2, 4):
        with pytest.raises(PulledPlugError):
            build(path, 6, on_epoch=interrupt_at(epoch), **options)
    resumed, its_history = build(path, 6, **options)
    assert same(resumed.state_dict(), expected.state_dict())
    assert its_history == history
    assert len(its_history.seconds) == 6
    again, once_more = build(path, 6, **options)  # there is nothing left to do
    assert same(again.state_dict(), expected.state_dict())
    assert once_more == history
    longer, _ = build(path, 8, **options)
    assert same(longer.state_dict(), build(None, 8, **options)[0].state_dict())


def test_early_stopping_and_generators_are_taken_up_again(tmp_path):
    def options():
        shuffled = Loader((X[:9], Y[:9]), 4, shuffle=True, rng=np.random.Generator(
            np.random.Philox(3)))  # fmt: skip
        return {
            "early_stopping": EarlyStopping(patience=2, min_delta=0.05),
            "validation": shuffled, "rng": np.random.Generator(np.random.MT19937(5)),
        }  # fmt: skip

    expected, history = build(None, 60, **options())
    assert 3 < len(history) < 60
    for epoch in range(1, len(history) + 1):
        with pytest.raises(PulledPlugError):
            build(tmp_path / "run.npz", 60, on_epoch=interrupt_at(epoch), **options())
    resumed, its_history = build(tmp_path / "run.npz", 60, **options())
    assert its_history == history
    assert same(resumed.state_dict(), expected.state_dict())


def test_resume_can_be_declined(tmp_path):
    path = tmp_path / "run.npz"
    build(path, 3)
    _, history = build(path, 2, resume=False)
    assert len(history) == 2
    assert load_checkpoint(path).epoch == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "SGD"}, "its optimizer was"),
        ({"rng": 1}, "its rng was 0; now it is 1"),
        ({"shuffle": False}, "its data was .*shuffle=True.*shuffle=False"),
        ({"clip_grad_norm": 1.0}, "its clip_grad_norm was None; now it is 1.0"),
        ({"validation": (X, Y)}, "its validation was None"),
        ({"schedule": SCHEDULES["step"]}, "its scheduler was NoneType; now it is StepLR"),
        ({"early_stopping": EarlyStopping(monitor="loss")}, "its saves was"),
    ],
)
def test_another_run_is_not_mistaken_for_this_one(tmp_path, change, words):
    path = tmp_path / "run.npz"
    build(path, 2)
    with pytest.raises(ValueError, match=rf"(?s)run\.npz belongs to another run: {words}"):
        build(path, 4, **change)


def test_what_is_saved_comes_back(tmp_path):
    path, model = tmp_path / "run.npz", small()
    optimizer = optim.Adam(model.parameters())
    scheduler = lr_scheduler.MultiStepLR(optimizer, [2, 2, 5])
    fit(model, nn.MSELoss(), optimizer, (X, Y), epochs=3, scheduler=scheduler)
    extra = {"note": "Größe", "pair": (1, [None, True]), 3: {"nan": math.nan, "big": 2**200},
             "array": np.arange(6, dtype=np.int16).reshape(2, 3), "empty": np.zeros((0, 2)),
             "scalar": np.float32(0.1), "point": np.array(3.5)}  # fmt: skip
    save_checkpoint(path, model, optimizer, scheduler, History(loss=[0.5]), extra)
    other = small(rng=5)
    other_optimizer = optim.Adam(other.parameters())
    other_scheduler = lr_scheduler.MultiStepLR(other_optimizer, [9])
    found = load_checkpoint(path, other, other_optimizer, other_scheduler)
    assert same(other.state_dict(), model.state_dict())
    assert other_scheduler.state_dict() == scheduler.state_dict()
    np.testing.assert_equal(other_optimizer.state_dict(), optimizer.state_dict())
    assert (found.history, found.epoch) == (History(loss=[0.5]), 1)
    np.testing.assert_equal(found.extra, extra)
    assert found.extra["array"].dtype == np.int16
    assert type(found.extra["pair"]) is tuple
    assert found.extra["scalar"] == float(np.float32(0.1))


def test_float32_models_come_back_in_float32(tmp_path):
    model = nn.Linear(3, 2, rng=0, dtype=np.float32)
    save_checkpoint(tmp_path / "run.npz", model)
    other = nn.Linear(3, 2, rng=1, dtype=np.float32)
    load_checkpoint(tmp_path / "run.npz", other)
    assert same(other.state_dict(), model.state_dict())
    assert other.weight.dtype == np.float32


def test_what_cannot_be_saved_is_named_and_the_old_file_stays(tmp_path):
    path = tmp_path / "run.npz"
    save_checkpoint(path, line(), extra={"a": 1})
    for bad, words in [
        ({"a": [0, {"f": len}]}, "extra/a/1/f is a builtin_function"),
        ({"a": np.array([None])}, "arrays of dtype object"),
        ({(1, 2): 3}, r"the key \(1, 2\)"),
    ]:
        with pytest.raises(TypeError, match=words):
            save_checkpoint(path, line(), extra=bad)
    assert load_checkpoint(path).extra == {"a": 1}


def test_no_pickle_is_read(tmp_path):
    path = tmp_path / "run.npz"

    class Bomb:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "exploded",))

    np.savez(path, checkpoint=np.array([Bomb()], dtype=object))
    path.with_suffix(".pkl").write_bytes(pickle.dumps(Bomb()))
    for file in (path, path.with_suffix(".pkl")):
        with pytest.raises(ValueError, match="no checkpoint"):
            load_checkpoint(file)
    assert not (tmp_path / "exploded").exists()


def test_foreign_files_are_named(tmp_path):
    path, model = tmp_path / "run.npz", line()
    with pytest.raises(FileNotFoundError, match=r"run\.npz"):
        load_checkpoint(path, model)
    (tmp_path / "folder.npz").mkdir()
    np.savez(tmp_path / "weights.npz", weight=np.ones(3))
    (tmp_path / "empty.npz").touch()
    (tmp_path / "text.npz").write_text("no zip")
    np.save(tmp_path / "array.npy", np.ones(3))
    text = np.frombuffer(json.dumps({"format": "else"}).encode(), np.uint8)
    np.savez(tmp_path / "else.npz", checkpoint=text)
    for name in ("folder.npz", "weights.npz", "empty.npz", "text.npz", "array.npy", "else.npz"):
        with pytest.raises(ValueError, match=rf"{name} is no checkpoint of this kind"):
            load_checkpoint(tmp_path / name, model)
    header = {"format": "nnbook checkpoint", "version": 9, "content": {}}
    np.savez(path, checkpoint=np.frombuffer(json.dumps(header).encode(), np.uint8))
    with pytest.raises(ValueError, match="version 9; this nnbook reads 1"):
        load_checkpoint(path)


def test_a_checkpoint_of_another_model_changes_nothing(tmp_path):
    path, model = tmp_path / "run.npz", line(1.0)
    optimizer = sgd(model, momentum=0.9)
    save_checkpoint(path, model, optimizer)
    wide = nn.Linear(2, 1, rng=0)
    before = wide.state_dict()
    with pytest.raises(ValueError, match=r"another run: Linear cannot load.*\(1, 1\).*\(1, 2\)"):
        load_checkpoint(path, wide)
    assert same(wide.state_dict(), before)
    narrow = line(5.0)
    with pytest.raises(ValueError, match="has SGD as optimizer; given is Adam"):
        load_checkpoint(path, narrow, optim.Adam(narrow.parameters()))
    grouped = optim.SGD([{"params": [narrow.weight]}, {"params": [narrow.bias]}], lr=0.1)
    with pytest.raises(ValueError, match="another run"):
        load_checkpoint(path, narrow, grouped)
    assert narrow.weight.data.item() == 5.0, "the model went back to what it was"
    with pytest.raises(ValueError, match="has no scheduler; given is StepLR"):
        load_checkpoint(path, scheduler=SCHEDULES["step"](sgd(narrow)))
    with pytest.raises(ValueError, match="was not saved by fit"):
        fit(narrow, nn.MSELoss(), sgd(narrow), (X[:, :1], Y), epochs=1, checkpoint=path)


def test_damage_is_noticed_wherever_it_is(tmp_path):
    path, model = tmp_path / "run.npz", line(1.0)
    save_checkpoint(path, model, sgd(model), extra={"note": "all is well"})
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    lengths = sorted({0, 1, len(content) - 1, *rng.integers(0, len(content), 40).tolist()})
    for length in lengths:
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match="damaged"):
            load_checkpoint(path, model)
    unnoticed = 0
    for place in rng.choice(len(content), 300, replace=False):
        changed = bytearray(content)
        changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        other = line(7.0)
        try:
            found = load_checkpoint(path, other)
        except ValueError as error:
            assert str(path) in str(error)  # noqa: PT017 - either is right
            assert other.weight.data.item() == 7.0
        else:  # a date in the archive, say
            unnoticed += 1
            assert found.extra == {"note": "all is well"}
            assert other.weight.data.item() == 1.0
    assert unnoticed < 150


def test_the_content_is_on_the_disk_before_it_gets_its_name(tmp_path, monkeypatch):
    calls, real_fsync, real_replace = [], os.fsync, os.replace

    def fsync(file):
        calls.append("fsync")
        real_fsync(file)

    def replace(*names):
        calls.append("replace")
        real_replace(*names)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    save_checkpoint(tmp_path / "run.npz", line())
    assert calls == ["fsync", "replace", "fsync"]  # the last one is for the folder


def test_what_an_earlier_kill_left_lying_does_no_harm(tmp_path):
    path = tmp_path / "run.npz"
    (tmp_path / "run.npz.tmp").write_bytes(b"half a checkpoi")
    save_checkpoint(path, line(2.0))
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


# Runs that are killed


def start(folder, how, number):
    script = Path(__file__).with_name("killed_run.py")
    command = [sys.executable, str(script), str(folder), how, str(number)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    done = start(tmp_path_factory.mktemp("whole"), "never", 0)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "kills",
    [
        [("batch", 1), ("batch", 6), ("batch", 11)],
        [("write", 1), ("write", 2), ("batch", 3), ("write", 3)],
        [("before", 1), ("after", 1), ("before", 3), ("after", 2)],
        [("after", 8)],
    ],
    ids=lambda kills: "-".join(how for how, _ in kills),
)
def test_a_killed_run_ends_the_same_to_the_last_bit(tmp_path, kills, uninterrupted):
    for how, number in kills:
        killed = start(tmp_path, how, number)
        assert killed.returncode == -9, killed.stderr
        if (tmp_path / "run.npz").exists():
            load_checkpoint(tmp_path / "run.npz")
    done = start(tmp_path, "never", 0)
    assert done.stdout == uninterrupted, done.stderr
    assert [p.name for p in tmp_path.iterdir()] in (["run.npz"], ["run.npz.tmp", "run.npz"],
                                                    ["run.npz", "run.npz.tmp"])  # fmt: skip


# Using what was learned


@pytest.mark.parametrize("size", [1, 7, 23, 1000])
def test_predict_is_the_model_in_eval_mode(size):
    model = small()
    model(X)
    expected = copy.deepcopy(model).eval()(X)
    np.testing.assert_allclose(predict(model, X, batch_size=size), expected, rtol=1e-12)
    found = evaluate(
        model, nn.MSELoss(), (X, Y), batch_size=size,
        metrics={"bias": lambda output, target: np.mean(output - target)},
    )  # fmt: skip
    assert found["loss"] == pytest.approx(np.mean((expected - Y) ** 2))
    assert found["bias"] == pytest.approx(np.mean(expected - Y))


def test_predict_wants_a_row_for_each_example():
    with pytest.raises(ValueError, match="no examples"):
        predict(line(), np.zeros((0, 1)))

    class Pair(nn.Module):
        def forward(self, x):
            return x, x

    with pytest.raises(ValueError, match="is a tuple; predict expects a row for each of 3"):
        predict(Pair(), X[:3])
    with pytest.raises(ValueError, match=r"has shape \(9,\); predict expects a row for each of 3"):
        predict(nn.Flatten(0), X[:3])


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 30), st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_accuracy_counts_right_answers(n, classes, seed):
    rng = np.random.default_rng(seed)
    scores, target = rng.normal(size=(n, classes)), rng.integers(0, classes, n)
    right = sum(max(range(classes), key=row.__getitem__) == t
                for row, t in zip(scores.tolist(), target.tolist(), strict=True))  # fmt: skip
    assert accuracy(scores, target) == right / n
    yes = target > 0
    assert accuracy(scores[:, 0], yes) == np.mean((scores[:, 0] > 0) == yes)


def test_accuracy_of_sequences_and_of_several_questions():
    scores = np.array([[[1.0, 5.0], [2.0, 4.0], [3.0, 0.0]]])  # (N, C, T) = (1, 3, 2)
    assert accuracy(scores, [[2, 0]]) == 1.0
    assert accuracy(scores, [[2, 1]]) == 0.5
    assert accuracy([[0.3, 0.8], [0.6, 0.4]], [[0, 1], [1, 1]], threshold=0.5) == 0.75
    assert accuracy([0.0], [1]) == 1.0, "a score of exactly zero is a 1, as for the perceptron"


@pytest.mark.parametrize(
    ("output", "target", "words"),
    [
        (np.zeros((4, 3)), np.zeros(5, int), r"\(4, 3\); target has \(5,\)"),
        (np.zeros((4, 1)), np.zeros(4, int), r"\(4, 1\); target has \(4,\)"),
        (np.zeros((4, 3)), np.zeros((4, 1), int), r"\(4, 3\); target has \(4, 1\)"),
        (np.zeros((2, 3)), np.array([0, 3]), "target contains 3; there are the classes 0 to 2"),
        (np.zeros((2, 3)), np.array([0, -1]), "target contains -1"),
        (np.zeros(2), np.array([-1.0, 1.0]), "target contains -1"),
        (np.zeros((0, 3)), np.zeros(0, int), "no examples"),
    ],
)
def test_accuracy_refuses_what_it_would_get_wrong(output, target, words):
    with pytest.raises(ValueError, match=words):
        accuracy(output, target)


# Calls that cannot be meant


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"epochs": -1}, ValueError, "epochs is -1"),
        ({"batch_size": 0}, ValueError, "batch_size is 0"),
        ({"data": (X[:5], Y[:4])}, ValueError, "5, 4 rows"),
        ({"data": (X[:0], Y[:0])}, ValueError, "nothing to go by"),
        ({"data": X}, ValueError, "only one array"),
        ({"data": Loader((X, Y), 4), "batch_size": 8}, ValueError, "its own batch_size"),
        ({"data": Loader((X, Y), 4), "rng": 1}, ValueError, "its own batch_size, shuffle and rng"),
        ({"data": Loader((X, Y), 4), "shuffle": False}, ValueError, "its own batch_size"),
        ({"validation": (X[:0], Y[:0])}, ValueError, "nothing to go by"),
        ({"rng": None}, TypeError, "rng"),
        ({"loss_fn": lambda x, y: 0.0}, TypeError, "backward"),
        ({"loss_fn": nn.MSELoss(reduction="none")}, ValueError, r"shape \(23, 1\)"),
        ({"scheduler_step": "day"}, ValueError, "'day'"),
        ({"metrics": {"lr": accuracy}}, ValueError, "'lr'"),
        ({"early_stopping": EarlyStopping()}, ValueError, "'val_loss'; measured are loss"),
        ({"clip_grad_norm": -1.0}, ValueError, "-1.0"),
    ],
)
def test_bad_calls_are_named(options, error, words):
    model = nn.Linear(3, 1, rng=0)
    arguments = {"loss_fn": nn.MSELoss(), "data": (X, Y), "epochs": 1, **options}
    before = model.state_dict()
    with pytest.raises(error, match=words):
        fit(model, optimizer=sgd(model), **arguments)
    assert same(model.state_dict(), before)


def test_a_plateau_has_no_batches():
    model = line()
    optimizer = sgd(model)
    with pytest.raises(ValueError, match="ReduceLROnPlateau looks at the loss of an epoch"):
        fit(model, nn.MSELoss(), optimizer, (X[:, :1], Y), epochs=1, scheduler_step="batch",
            scheduler=lr_scheduler.ReduceLROnPlateau(optimizer))  # fmt: skip


@pytest.mark.parametrize(
    ("options", "words"),
    [({"patience": 0}, "patience"), ({"min_delta": -1}, "min_delta"), ({"mode": "up"}, "'up'")],
)
def test_early_stopping_refuses(options, words):
    with pytest.raises(ValueError, match=words):
        EarlyStopping(**options)


def test_a_history_knows_its_names():
    history = History()
    history.append({"loss": 1.0, "accuracy": 0.5}, lr=0.1, seconds=3.0)
    other = History([1.0], [], {"accuracy": [0.5]}, [0.1], [99.0])
    assert history == other
    assert history != History([1.0], [], {"accuracy": [0.6]}, [0.1])
    with pytest.raises(KeyError, match="there are loss, val_loss, lr, seconds, accuracy"):
        _ = history["precision"]
