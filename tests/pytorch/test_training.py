"""Training in PyTorch: the same steps as in NumPy, in one process or in several, to be resumed."""

import copy
import importlib.util
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.optim import lr_scheduler

import nnbook
from nnbook import data
from nnbook.data import Loader
from nnbook.pytorch.training import (
    EarlyStopping,
    History,
    accuracy,
    evaluate,
    fit,
    load_checkpoint,
    predict,
    save_checkpoint,
)
from nnbook.scratch import training as scratch

RNG = np.random.default_rng(0)
X = RNG.normal(size=(23, 3))
Y = np.sin(X.sum(axis=1, keepdims=True))
LABELS = (Y[:, 0] > 0).astype(int) + (X[:, 0] > 1)


@pytest.fixture(autouse=True)
def _one_thread():
    """Models as small as these have no work for a second thread, only waiting."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def same(one, other):
    """Equal to the last bit."""
    return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)


# The twins


def twins(library, outputs, dtype):
    """The same model in `torch.nn` and in `nnbook.nn`."""
    float_type = {nn: getattr(torch, dtype), nnbook.nn: np.dtype(dtype)}[library]
    return library.Sequential(
        # A bias here would have a gradient of exactly zero, and Adam divides zero by zero: noise.
        library.Linear(3, 6, bias=False, dtype=float_type),
        library.BatchNorm1d(6, dtype=float_type),
        library.Tanh(),
        library.Linear(6, outputs, dtype=float_type),
    )


OPTIMIZERS = {
    "sgd": lambda o, p: o.SGD(p, lr=0.1),
    "momentum": lambda o, p: o.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": lambda o, p: o.Adam(p, lr=0.02, amsgrad=True),
    "adamw": lambda o, p: o.AdamW(p, lr=0.02),
    "rmsprop": lambda o, p: o.RMSprop(p, lr=0.01),
}
LOSSES = {
    "mse": (lambda n: n.MSELoss(), Y),
    "sum": (lambda n: n.MSELoss(reduction="sum"), Y / 10),
    "huber": (lambda n: n.HuberLoss(delta=0.3), Y),
    "bce": (lambda n: n.BCEWithLogitsLoss(), (Y > 0).astype(float)),
    "classes": (lambda n: n.CrossEntropyLoss(label_smoothing=0.1), LABELS),
}
SCHEDULES = {
    "none": lambda s, o: None,
    "step": lambda s, o: s.StepLR(o, 2, gamma=0.5),
    "multi": lambda s, o: s.MultiStepLR(o, [1, 3]),
    "plateau": lambda s, o: s.ReduceLROnPlateau(o, patience=0, threshold=0.3),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, 5),
}


def both(loss, optimizer, schedule, dtype="float64", **options):
    """Train the twins from the same start; answer their models and histories."""
    make, target = LOSSES[loss]
    target = target if target.dtype.kind == "i" else target.astype(dtype)
    x, outputs = X.astype(dtype), 3 if loss == "classes" else 1
    torch.manual_seed(0)
    theirs, mine = twins(nn, outputs, dtype), twins(nnbook.nn, outputs, dtype)
    mine.load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()})
    found = []
    for model, library, optim, train, extra in (
        (mine, nnbook.nn, nnbook.optim, scratch.fit, {}),
        (theirs, nn, torch.optim, fit, {"device": "cpu"}),
    ):
        made = OPTIMIZERS[optimizer](optim, model.parameters())
        found += [model, train(
            model, make(library), made, (x, target), epochs=5, validation=(x[:9], target[:9]),
            scheduler=SCHEDULES[schedule](optim.lr_scheduler, made), rng=4, **options, **extra,
        )]  # fmt: skip
    return found


def close(mine, theirs, my_history, their_history, rtol=1e-9):
    for key, value in theirs.state_dict().items():
        np.testing.assert_allclose(mine.state_dict()[key], value, rtol=rtol, atol=rtol, err_msg=key)
    assert len(my_history) == len(their_history)
    ours, others = my_history.state_dict(), their_history.state_dict()
    for name in ("loss", "val_loss", "lr"):
        np.testing.assert_allclose(ours[name], others[name], rtol=rtol, err_msg=name)
    assert ours["metrics"].keys() == others["metrics"].keys()
    for name, values in ours["metrics"].items():
        np.testing.assert_allclose(values, others["metrics"][name], rtol=rtol, err_msg=name)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("size", [4, 7, 23])
def test_the_twins_take_the_same_steps(loss, optimizer, size):
    mine, my_history, theirs, their_history = both(loss, optimizer, "none", batch_size=size)
    close(mine, theirs, my_history, their_history)
    assert my_history.loss[0] != my_history.loss[-1]


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(
    "options",
    [
        {"shuffle": False},
        {"clip_grad_norm": 0.05},
        {"early_stopping": 2},
        {"metrics": {"mean": lambda output, target: output.mean()}},
    ],
    ids=lambda options: next(iter(options)),
)
def test_the_twins_agree_on_every_option(schedule, options):
    if "early_stopping" in options:
        options = {"early_stopping": EarlyStopping(2, min_delta=0.05)}
    mine, my_history, theirs, their_history = both("mse", "adam", schedule, batch_size=7, **options)
    close(mine, theirs, my_history, their_history)


def test_the_twins_agree_in_float32_as_far_as_that_goes():
    mine, my_history, theirs, their_history = both("mse", "sgd", "none", "float32", batch_size=7)
    assert mine[0].weight.dtype == np.float32
    assert theirs[0].weight.dtype == torch.float32
    close(mine, theirs, my_history, their_history, rtol=1e-4)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 30), st.integers(2, 5), st.integers(0, 2**32 - 1), st.booleans())
def test_the_twins_agree_on_accuracy(n, classes, seed, deep):
    rng = np.random.default_rng(seed)
    shape = (3,) if deep else ()
    scores, target = rng.normal(size=(n, classes, *shape)), rng.integers(0, classes, (n, *shape))
    expected = scratch.accuracy(scores, target)
    assert accuracy(torch.tensor(scores), torch.tensor(target)) == pytest.approx(expected)
    yes, score = target > 0, scores[:, 0]
    for labels in (yes, yes.astype(float)):
        found = accuracy(torch.tensor(score), torch.tensor(labels), threshold=0.3)
        assert found == pytest.approx(scratch.accuracy(score, labels, threshold=0.3))


@pytest.mark.parametrize(
    ("output", "target", "words"),
    [
        (torch.zeros(4, 3), torch.zeros(5).long(), r"\(4, 3\); target has \(5,\)"),
        (torch.zeros(4, 1), torch.zeros(4).long(), r"\(4, 1\); target has \(4,\)"),
        (torch.zeros(2, 3), torch.tensor([0, 3]), "target contains 3; there are the classes 0 to"),
        (torch.zeros(2), torch.tensor([-1.0, 1.0]), "target contains -1"),
        (torch.zeros(0, 3), torch.zeros(0).long(), "no examples"),
    ],
)
def test_accuracy_refuses_what_it_would_get_wrong(output, target, words):
    with pytest.raises(ValueError, match=words):
        accuracy(output, target)


# What is particular to PyTorch


def small():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Dropout(0.2), nn.Linear(5, 1)
    ).double()


def run(path=None, epochs=6, model=None, schedule=None, kind=torch.optim.Adam, **options):
    """A run with everything that has a state; its model, and its history."""
    model = small() if model is None else model
    optimizer = kind(model.parameters(), lr=0.02)
    arguments = {"batch_size": 8, "data": (X, Y), "device": "cpu", **options}
    return model, fit(
        model, nn.MSELoss(), optimizer, epochs=epochs, checkpoint=path,
        scheduler=schedule and schedule(optimizer), **arguments,
    )  # fmt: skip


def test_predict_and_evaluate_are_the_model_in_eval_mode():
    model = small()
    model[3].eval()
    modes = [m.training for m in model.modules()]
    expected = copy.deepcopy(model).eval()(torch.tensor(X)).detach()
    for x in (X, torch.tensor(X)):
        found = predict(model, x, batch_size=7)
        assert not found.requires_grad
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    figures = evaluate(model, nn.MSELoss(), (X, Y), batch_size=7,
                       metrics={"mean": lambda output, target: output.mean()})  # fmt: skip
    assert figures["loss"] == pytest.approx(float(((expected - torch.tensor(Y)) ** 2).mean()))
    assert figures["mean"] == pytest.approx(float(expected.mean()))
    assert [m.training for m in model.modules()] == modes
    run(model=model, epochs=1)
    assert [m.training for m in model.modules()] == modes
    with pytest.raises(ValueError, match="no examples"):
        predict(model, X[:0])
    with pytest.raises(ValueError, match="is a tuple; predict expects a row for each of 3"):
        predict(nn.LSTM(3, 2), torch.zeros(3, 3))


def test_arrays_tensors_datasets_and_loaders_are_the_same():
    found = []
    for values in [
        (X, Y),
        (torch.tensor(X), torch.tensor(Y)),
        data.Dataset(X, Y),
        Loader((X, Y), 8, shuffle=True, rng=0),
        Loader((torch.tensor(X), torch.tensor(Y)), 8, shuffle=True, rng=0),
    ]:
        size = {"batch_size": 32} if isinstance(values, Loader) else {}
        model, _ = run(data=values, epochs=2, **size)
        found.append(model.state_dict())
    assert all(same(found[0], other) for other in found)


def test_a_loss_that_is_not_finite_is_named_before_it_does_harm():
    y = Y.copy()
    y[20] = np.nan
    model = small()
    with pytest.raises(FloatingPointError, match="epoch 1, batch 3: the loss is nan"):
        run(model=model, data=(X, y), shuffle=False)
    assert all(torch.isfinite(p).all() for p in model.parameters())
    _, history = run(data=(X, y), epochs=1, check_finite=False)
    assert np.isnan(history.loss).all()


@pytest.mark.parametrize("amp", ["bf16", "fp16"])
def test_shorter_floats_learn_too_and_weights_stay_long(amp, tmp_path):
    seen = []

    class Spy(nn.Linear):
        def forward(self, x):
            output = super().forward(x)
            seen.append(output.dtype)
            return output

    def model():
        torch.manual_seed(0)
        return nn.Sequential(Spy(2, 16), nn.Tanh(), Spy(16, 2))

    x, y = data.circle(200)
    options = {"data": (x.astype(np.float32), y), "amp": amp, "validation": (x.astype("f4"), y)}

    def train(path, epochs):
        trained = model()
        return trained, fit(
            trained, nn.CrossEntropyLoss(), torch.optim.Adam(trained.parameters(), lr=0.02),
            epochs=epochs, metrics={"accuracy": accuracy}, device="cpu", checkpoint=path,
            clip_grad_norm=1.0, **options,
        )  # fmt: skip

    whole, history = train(None, 12)
    assert history["val_accuracy"][-1] > 0.95
    assert set(seen) == {torch.bfloat16 if amp == "bf16" else torch.float16}
    assert whole[0].weight.dtype == torch.float32
    path = tmp_path / "run.safetensors"
    train(path, 5)
    assert ("scaler" in load_checkpoint(path).extra) is (amp == "fp16")
    resumed, its_history = train(path, 12)
    assert same(resumed.state_dict(), whole.state_dict())
    assert its_history == history
    plain, _ = run(epochs=1)
    seen.clear()
    with pytest.raises(ValueError, match="amp is 'fp8'"):
        run(model=plain, amp="fp8")


def test_gradients_are_clipped_at_their_own_length_not_that_of_the_scaled_ones():
    found = {}
    for amp in ("start", None, "fp16"):
        torch.manual_seed(0)
        found[amp] = model = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1))
        if amp != "start":
            run(model=model, data=(X.astype("f4"), Y.astype("f4")), amp=amp, epochs=3,
                kind=torch.optim.SGD, clip_grad_norm=0.1)  # fmt: skip
    start, expected, short = (nn.utils.parameters_to_vector(m.parameters()) for m in found.values())
    # Some first steps are left out until the factor is found; without its division none is left.
    assert (short - expected).norm() < 0.5 * (expected - start).norm()


def test_a_schedule_waits_for_the_first_step_that_float16_allows():
    _, history = run(
        model=small().float(), data=(X.astype("f4"), 100 * Y.astype("f4")), amp="fp16", epochs=4,
        schedule=lambda o: lr_scheduler.StepLR(o, 1, gamma=0.5), scheduler_step="batch",
    )  # fmt: skip
    full = 0.02 * 0.5 ** np.arange(0, 12, 3)
    assert history.lr[0] == full[0]
    assert all(history.lr[1:] > full[1:])


def test_compiling_changes_nothing_but_the_time():
    expected, history = run(epochs=3, validation=(X, Y))
    compiled, its_history = run(epochs=3, validation=(X, Y), compile_model="aot_eager")
    for key, value in expected.state_dict().items():
        torch.testing.assert_close(compiled.state_dict()[key], value, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(its_history.loss, history.loss, rtol=1e-9)
    assert isinstance(compiled, nn.Sequential)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("amp", [None, "bf16", "fp16"])
def test_on_a_gpu(amp, tmp_path):
    path = tmp_path / "run.safetensors"
    model = small().float()
    x, y = X.astype(np.float32), Y.astype(np.float32)
    _, first = run(path, 2, model=model, data=(x, y), device="auto", amp=amp)
    assert model[0].weight.device.type == "cuda"
    again = small().float()
    _, history = run(path, 4, model=again, data=Loader((x, y), 8, shuffle=True, rng=0),
                     device="cuda", amp=amp, batch_size=32)  # fmt: skip
    assert history.loss[:2] == first.loss
    assert predict(again, x).device.type == "cpu"
    if amp is None:
        reference = small().float()
        _, expected = run(None, 4, model=reference, data=(x, y), validation=(x, y))
        assert len(expected) == 4


def test_an_optimizer_follows_its_model_to_another_device():
    from nnbook.pytorch._workers import follow

    model = nn.Linear(2, 1)
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.zeros(1, 2)).sum().backward()
    optimizer.step()
    state, groups = optimizer.state[model.weight], optimizer.param_groups
    follow(optimizer)
    assert optimizer.param_groups is groups, "nothing had to move"
    state["exp_avg"] = state["exp_avg"].to("meta")
    with pytest.raises(NotImplementedError, match="meta"):  # a tensor without content cannot move
        follow(optimizer)


# Checkpoints


TORCHS_SCHEDULES = {
    "none": None,
    "step": lambda o: lr_scheduler.StepLR(o, 2),
    "multi": lambda o: lr_scheduler.MultiStepLR(o, [1, 3]),
    "plateau": lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=0, threshold=0.5),
    "lambda": lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 0.9**epoch),
    "sequence": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.LinearLR(o), lr_scheduler.ExponentialLR(o, 0.9)], milestones=[2]
    ),
}


class PulledPlugError(Exception):
    """Somebody pulled the plug."""


def unplug_at(epoch):
    def on_epoch(_, history):
        if len(history) == epoch:
            raise PulledPlugError

    return on_epoch


@pytest.mark.parametrize("schedule", TORCHS_SCHEDULES)
@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.RMSprop, torch.optim.Adagrad])
def test_an_interrupted_run_ends_the_same_to_the_last_bit(tmp_path, schedule, kind):
    options = {"schedule": TORCHS_SCHEDULES[schedule], "kind": kind, "validation": (X[:5], Y[:5])}
    expected, history = run(**options)
    path = tmp_path / "run.safetensors"
    for epoch in (1, 2, 4):
        with pytest.raises(PulledPlugError):
            run(path, on_epoch=unplug_at(epoch), **options)
        torch.manual_seed(epoch)  # what dropout draws next is in the file
    resumed, its_history = run(path, **options)
    assert same(resumed.state_dict(), expected.state_dict())
    assert its_history == history
    again, once_more = run(path, **options)
    assert same(again.state_dict(), expected.state_dict())
    assert once_more == history


def test_a_schedule_per_batch_and_early_stopping_are_taken_up_again(tmp_path):
    def options():
        return {
            "schedule": lambda o: lr_scheduler.OneCycleLR(o, 0.05, total_steps=200),
            "scheduler_step": "batch", "validation": (X[:5], Y[:5]),
            "early_stopping": EarlyStopping(patience=2, min_delta=0.02),
        }  # fmt: skip

    expected, history = run(epochs=40, **options())
    assert 3 < len(history) < 40
    for epoch in range(1, len(history) + 1):
        with pytest.raises(PulledPlugError):
            run(tmp_path / "run", epochs=40, on_epoch=unplug_at(epoch), **options())
    resumed, its_history = run(tmp_path / "run", epochs=40, **options())
    assert same(resumed.state_dict(), expected.state_dict())
    assert its_history == history


def test_what_is_saved_comes_back(tmp_path):
    path, model = tmp_path / "run.safetensors", nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight  # tied
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    extra = {"half": torch.arange(3).to(torch.bfloat16), "none": torch.zeros(0, 2), 3: (1, [None]),
             "bits": torch.tensor([True, False]), "part": torch.arange(12).reshape(3, 4).T[1:],
             "point": torch.tensor(3.5), "count": Counter([2, 2, 5]), "note": "Größe"}  # fmt: skip
    save_checkpoint(path, model, optimizer, None, History(loss=[0.5]), extra)
    other = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    other[1].weight = other[0].weight
    memory = torch.optim.Adam(other.parameters())
    found = load_checkpoint(path, other, memory)
    assert same(other.state_dict(), model.state_dict())
    for mine, theirs in zip(memory.state.values(), optimizer.state.values(), strict=True):
        assert same(mine, theirs)
    assert memory.param_groups[0]["betas"] == (0.9, 0.999)
    assert found.history == History(loss=[0.5])
    assert found.extra.keys() == extra.keys()
    for key, value in extra.items():
        if isinstance(value, torch.Tensor):
            assert found.extra[key].dtype == value.dtype
            assert torch.equal(found.extra[key], value)
        else:
            assert found.extra[key] == value
            assert type(found.extra[key]) is type(value)
    with pytest.raises(TypeError, match=r"extra/f is a function"):
        save_checkpoint(path, model, extra={"f": unplug_at})
    assert load_checkpoint(path).extra["note"] == "Größe"


def test_damage_and_foreign_files_are_named(tmp_path):
    import safetensors.torch

    path, model = tmp_path / "run.safetensors", nn.Linear(1, 1)
    save_checkpoint(path, model, extra={"note": "all is well"})
    before, content = copy.deepcopy(model.state_dict()), path.read_bytes()
    rng = np.random.default_rng(0)
    for length in {0, 1, len(content) - 1, *rng.integers(0, len(content), 20).tolist()}:
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match="damaged"):
            load_checkpoint(path, model)
    unnoticed = 0
    for place in rng.choice(len(content), 200, replace=False):
        changed = bytearray(content)
        changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        try:
            assert load_checkpoint(path, model).extra == {"note": "all is well"}
        except ValueError:
            continue
        finally:
            assert same(model.state_dict(), before)
        unnoticed += 1
    assert unnoticed < 3
    safetensors.torch.save_file({"weight": torch.ones(1)}, path)
    with pytest.raises(ValueError, match=r"run\.safetensors is no checkpoint of this kind"):
        load_checkpoint(path)
    scratch.save_checkpoint(path, nnbook.nn.Linear(1, 1))
    with pytest.raises(ValueError, match="no checkpoint of this kind"):
        load_checkpoint(path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_checkpoint(tmp_path / "nowhere")


def test_a_checkpoint_of_another_run_changes_nothing(tmp_path):
    path, model = tmp_path / "run.safetensors", nn.Linear(1, 1)
    optimizer = torch.optim.Adam(model.parameters())
    save_checkpoint(path, model, optimizer)
    wide, mixed = nn.Linear(2, 1), nn.Linear(1, 1)
    for other in (wide, mixed):
        before = copy.deepcopy(other.state_dict())
        if other is wide:
            with pytest.raises(ValueError, match="belongs to another run"):
                load_checkpoint(path, wide)
        else:
            groups = [{"params": [mixed.weight]}, {"params": [mixed.bias]}]
            with pytest.raises(ValueError, match="belongs to another run"):
                load_checkpoint(path, mixed, torch.optim.Adam(groups))
        assert same(other.state_dict(), before)
    with pytest.raises(ValueError, match="has Adam as optimizer; given is SGD"):
        load_checkpoint(path, model, torch.optim.SGD(model.parameters(), lr=0.1))
    path.unlink()
    run(path, 2)
    for change, words in [
        ({"rng": 1}, "its rng was 0; now it is 1"),
        ({"amp": "bf16"}, "its amp was None"),
        ({"batch_size": 4}, "its data was .*batch_size=8.*batch_size=4"),
        ({"schedule": TORCHS_SCHEDULES["step"]}, "its scheduler was NoneType; now it is StepLR"),
    ]:
        with pytest.raises(ValueError, match=words):
            run(path, 4, **change)
    _, history = run(path, 1, rng=1, resume=False)
    assert len(history) == 1


def test_safetensors_is_asked_for_by_name(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors.torch", None)
    for attempt in (
        lambda: save_checkpoint(tmp_path / "run", nn.Linear(1, 1)),
        lambda: load_checkpoint(tmp_path / "run"),
        lambda: run(tmp_path / "run", 1),
    ):
        with pytest.raises(ImportError, match=r"safetensors.*nnbook\[torch\]"):
            attempt()
    assert list(tmp_path.iterdir()) == []
    run(epochs=1)  # without a checkpoint there is no need of it


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": -1}, "epochs is -1"),
        ({"data": (X[:5], Y[:4])}, "5, 4 rows"),
        ({"data": X}, "only one array"),
        ({"clip_grad_norm": -1.0}, "-1.0"),
        ({"metrics": {"loss": accuracy}}, "'loss'"),
        ({"early_stopping": EarlyStopping(monitor="val_loss")}, "measured are loss"),
        ({"scheduler_step": "day"}, "'day'"),
    ],
)
def test_bad_calls_are_named(options, words):
    model = small()
    before = copy.deepcopy([p.detach() for p in model.parameters()])
    with pytest.raises(ValueError, match=words):
        run(model=model, **options)
    assert all(map(torch.equal, model.parameters(), before))
    with pytest.raises(ValueError, match=r"shape \(23, 1\)"):
        fit(model, nn.MSELoss(reduction="none"), torch.optim.SGD(model.parameters()), (X, Y),
            epochs=1, device="cpu")  # fmt: skip


# Several processes


SCRIPT = Path(__file__).with_name("many_processes.py")
EVEN = ("mse", "sum", "classes", "stop")


def torchrun(folder, *runs):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone",
               "--nproc-per-node", "2", str(SCRIPT), str(folder), *runs]  # fmt: skip
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        _, errors = started.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        started.terminate()  # it ends those that it started
        started.communicate(timeout=60)
        raise
    return started.returncode, errors


def results(folder, name):
    """What both processes have, the same."""
    files = [folder / f"{name}.{rank}.pt" for rank in (0, 1)]
    first, second = (torch.load(file, weights_only=True) for file in files)
    if isinstance(first, str):
        assert first == second
    else:
        assert same(first["weights"], second["weights"])
        assert first["history"] == second["history"]
    return first


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """All runs in two processes, the last of which is killed halfway."""
    folder = tmp_path_factory.mktemp("several")
    code, errors = torchrun(folder, *EVEN, "nan", "weighted", "ignored", "whole", "killed")
    assert code != 0
    assert (folder / "whole.1.pt").exists(), errors
    assert not (folder / "killed.1.pt").exists()
    return folder


@pytest.fixture(scope="module")
def one():
    """The same runs, for this process alone."""
    spec = importlib.util.spec_from_file_location("many_processes", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", EVEN)
def test_two_processes_make_of_it_what_one_does(name, several, one):
    expected, found = one.train(name), results(several, name)
    for key, value in expected["weights"].items():
        torch.testing.assert_close(found["weights"][key], value, rtol=1e-10, atol=1e-12)
    for series in ("loss", "val_loss", "lr"):
        mine, theirs = found["history"][series], expected["history"][series]
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, err_msg=series)
    assert found["history"]["metrics"].keys() == expected["history"]["metrics"].keys()
    for key, value in expected["history"]["metrics"].items():
        np.testing.assert_allclose(found["history"]["metrics"][key], value, rtol=1e-10)
    if name == "stop":
        assert len(expected["history"]["loss"]) < 6


def test_what_several_processes_would_get_wrong_they_all_refuse(several, one):
    with pytest.raises(FloatingPointError, match="epoch 1, batch ") as raised:
        one.train("nan")
    assert results(several, "nan") == f"FloatingPointError: {raised.value}"
    assert results(several, "weighted").startswith("NotImplementedError: CrossEntropyLoss with")
    assert results(several, "ignored").startswith("NotImplementedError: targets of ignore_index")


def test_two_processes_that_were_killed_end_the_same_to_the_last_bit(several):
    assert load_checkpoint(several / "killed.safetensors").epoch in (2, 3)
    code, errors = torchrun(several, "killed")
    assert code == 0, errors
    expected, found = results(several, "whole"), results(several, "killed")
    assert same(found["weights"], expected["weights"])
    assert json.dumps(found["history"]) == json.dumps(expected["history"])
