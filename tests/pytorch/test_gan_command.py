"""The command that trains a DCGAN: with tiny pictures, for two steps, on the CPU."""

import copy

import numpy as np
import pytest
import torch
from PIL import Image

from nnbook.pytorch import _gan_command as made
from nnbook.pytorch._pictures import follow
from nnbook.pytorch.gan import train_gan

TINY = ("--size", "8", "--epochs", "2", "--batch-size", "3", "--width", "4", "--latent", "5")


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "pictures").mkdir()
    for i in range(4):
        pixels = rng.integers(0, 256, size=(9, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "pictures" / f"{i}.png")
    return tmp_path / "pictures"


def run(*arguments):
    made.command(train_gan, [*TINY, "--device", "cpu", *map(str, arguments)])


@pytest.mark.parametrize("more", [(), ("--penalty", "1")])
def test_two_epochs_on_a_folder(folder, tmp_path, capsys, more):
    out = tmp_path / "out" / "here"
    run("--data", folder, "--out", out, *more)
    said = capsys.readouterr().err
    assert "4 pictures of 8 x 8 on cpu" in said
    assert "epoch 1, " in said
    assert "epoch 2, " in said
    for name in ("epoch-001.png", "epoch-002.png"):
        with Image.open(out / name) as samples:
            assert samples.size == (64, 64)
            assert samples.mode == "RGB"
    with np.load(out / "generator.npz") as saved:
        state = {key: torch.from_numpy(value) for key, value in saved.items()}
    model = made.painter(made.widths(8, 4), 8, 5, 3, np.random.default_rng(0))
    start = copy.deepcopy(model.state_dict())
    model.load_state_dict(state)
    assert all(torch.isfinite(value).all() for value in state.values())
    assert any(not torch.equal(start[key], state[key]) for key in start)


@pytest.mark.parametrize(
    ("size", "maps"),
    [(8, (4,)), (28, (8, 4)), (32, (16, 8, 4)), (64, (32, 16, 8, 4)), (14, (4,))],
)
def test_the_two_networks_fit_every_size(size, maps):
    assert made.widths(size, 4) == maps
    rng = np.random.default_rng(0)
    pictures = made.painter(maps, size, 6, 3, rng)(torch.randn(2, 6))
    assert pictures.shape == (2, 3, size, size)
    assert pictures.abs().max() <= 1
    for calm in (False, True):
        critic = made.judge(maps, size, 3, rng, calm=calm)
        assert critic(pictures).shape == (2, 1)
        kinds = {type(layer).__name__ for layer in critic}
        assert ("BatchNorm2d" in kinds) == (not calm and len(maps) > 1)


def test_the_start_is_that_of_the_paper():
    weight = made.started(torch.nn.Conv2d(64, 64, 4), np.random.default_rng(0)).weight
    assert abs(float(weight.detach().std()) - 0.02) < 1e-3


def test_digits_become_black_on_white_and_are_padded(monkeypatch):
    class Set:
        x = np.zeros((2, 784), np.float32)

    Set.x[:, 0] = 1
    monkeypatch.setattr(made.data, "mnist", lambda part, dtype: Set)
    x = made.load("mnist", 32)
    assert x.shape == (2, 1, 32, 32)
    assert x[0, 0, 2, 2] == -1
    assert x.sum() == 2 * (32 * 32 - 2)
    assert made.load("mnist", 28).shape == (2, 1, 28, 28)


def test_the_average_is_the_mean_at_first_and_slow_later():
    model, average = torch.nn.Linear(1, 1, bias=False), torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(average.weight)
    torch.nn.init.ones_(model.weight)
    follow(average, model, 0)
    assert average.weight.item() == pytest.approx(0.5)
    follow(average, model, 10**6, slowness=0.9)
    assert average.weight.item() == pytest.approx(0.55)


def test_refusals(folder, tmp_path, capsys):
    for arguments, message in (
        (("--data", folder, "--size", "12"), "size is 12; it must be 4 or 7 times"),
        (("--data", tmp_path / "nowhere"), "no pictures in"),
        (("--data", "mnist"), "size is 8; mnist has 28 x 28"),
        (("--data", folder, "--epochs", "0"), "epochs"),
    ):
        with pytest.raises(SystemExit):
            run(*arguments, "--out", tmp_path)
        assert message in capsys.readouterr().err
