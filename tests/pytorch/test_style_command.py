"""The command that trains a large style-based generator: with tiny pictures, for two steps."""

import numpy as np
import pytest
import torch
from PIL import Image

from nnbook.pytorch import _style_command as made
from nnbook.pytorch.style import StyleGenerator, style_mixing

TINY = ("--size", "8", "--steps", "2", "--batch-size", "3", "--width", "4", "--latent", "5")


@pytest.fixture
def folder(tmp_path):
    """A folder of pictures of several kinds and shapes."""
    rng = np.random.default_rng(0)
    (tmp_path / "pictures" / "more").mkdir(parents=True)
    for name, shape in (("a.png", (9, 12, 3)), ("b.PNG", (30, 8, 3)), ("more/c.png", (8, 8))):
        pixels = rng.integers(0, 256, size=shape, dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "pictures" / name, format="png")
    (tmp_path / "pictures" / "notes.txt").write_text("no picture")
    return tmp_path / "pictures"


def run(*arguments):
    made.command(StyleGenerator, style_mixing, [*TINY, "--device", "cpu", *map(str, arguments)])


def test_two_steps_on_a_folder(folder, tmp_path, capsys):
    out = tmp_path / "out" / "here"
    run("--data", folder, "--out", out, "--every", 1)
    assert "3 pictures of 8 x 8 on cpu" in capsys.readouterr().err
    with Image.open(out / "samples.png") as samples, Image.open(out / "mixtures.png") as mixtures:
        assert samples.size == (64, 64)
        assert mixtures.size == (64, 72)
    with np.load(out / "generator.npz") as saved:
        state = {key: torch.from_numpy(value) for key, value in saved.items()}
    model = StyleGenerator(
        (4, 4), latent=5, style=5, mapping_layers=4, dtype=torch.float32, device="cpu"
    )
    model.load_state_dict(state)
    assert all(torch.isfinite(value).all() for value in state.values())


def test_the_widths_halve_with_each_doubling_from_32_on():
    assert made.widths(32, 256) == (256, 256, 256, 128)
    assert made.widths(64, 256) == (256, 256, 256, 128, 64)
    assert made.widths(4, 8) == (8,)


@pytest.mark.parametrize("size", [4, 8, 32])
def test_the_discriminator_gives_a_score_for_each_picture(size):
    critic = made.discriminator(made.widths(size, 8), np.random.default_rng(0))
    scores = critic(torch.randn(5, 3, size, size, generator=torch.Generator().manual_seed(0)))
    assert scores.shape == (5, 1)
    assert scores.std() > 0.01


def test_ink_is_a_pure_hue_on_white_paper():
    gray = np.zeros((2000, 2, 2), np.float32)
    gray[:, 0, 0] = 1
    x = made.in_ink(gray, np.random.default_rng(0))
    assert x.dtype == np.float32
    assert (x[:, :, 1, 1] == 1).all()
    color = x[:, :, 0, 0]
    np.testing.assert_allclose(color.max(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(color.min(axis=1), -1, atol=1e-5)
    assert abs(color.mean(axis=0)).max() < 0.05  # all hues alike


def test_a_folder_is_fitted_to_the_size(folder):
    x = made.load(str(folder), 8, np.random.default_rng(0))
    assert x.shape == (3, 3, 8, 8)
    assert x.dtype == np.float32
    assert -1 <= x.min() < -0.5 < 0.5 < x.max() <= 1
    with Image.open(folder / "more" / "c.png") as gray:
        wanted = np.asarray(gray, np.float32) / 127.5 - 1
    np.testing.assert_allclose(x[2], np.repeat(wanted[None], 3, axis=0))


def test_refusals(folder, tmp_path, capsys):
    for arguments, message in (
        (("--data", folder, "--size", "12"), "size is 12; it must be 4, 8, 16"),
        (("--data", tmp_path / "nowhere"), "no pictures in"),
    ):
        with pytest.raises(SystemExit):
            run(*arguments, "--out", tmp_path)
        assert message in capsys.readouterr().err
