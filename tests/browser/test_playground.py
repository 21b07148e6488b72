"""The playground: every control, by clicks and keys; what it shows is what nnbook computes."""

import contextlib
import io
import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PAGE = "playground.html"


class Desk:
    """The playground on a page, and what one does with it."""

    def __init__(self, tab, address=""):
        self.tab, self.page = tab, tab.page
        self.open(address)

    def open(self, address):
        self.page.goto("about:blank")
        self.page.goto(self.tab.base + PAGE + address)
        expect(self.page.locator("nn-playground[data-ready]")).to_be_visible()

    def go(self, address):
        """Another address of the same page."""
        version = self.page.evaluate("document.querySelector('nn-playground').version")
        self.page.evaluate("address => (location.hash = address)", address)
        self.wait(f"e => e.version > {version} && 'ready' in e.dataset")

    def state(self):
        expect(self.page.locator("nn-playground[data-ready]")).to_be_attached()
        data = self.page.evaluate("({...document.querySelector('nn-playground').dataset})")
        return {name: float(data[name]) for name in ("epoch", "train", "test")}

    def settings(self):
        return self.page.evaluate("document.querySelector('nn-playground').settings")

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def choose(self, label, value):
        self.page.get_by_label(label, exact=True).select_option(value)

    def slide(self, label, value):
        slider = self.page.get_by_label(label, exact=True)
        slider.fill(str(value))
        slider.dispatch_event("change")

    def epochs(self, count):
        """One epoch after the other, by the button."""
        for _ in range(count):
            before = self.state()["epoch"]
            self.press("One epoch")
            self.wait(f"e => e.dataset.epoch === '{before + 1:.0f}'")

    def wait(self, condition):
        self.page.wait_for_function(f"({condition})(document.querySelector('nn-playground'))")

    def said(self):
        return self.page.locator(".nn-pg__note").inner_text()

    def program(self, kind):
        self.page.locator(".nn-pg__code code").evaluate("e => (e.textContent = '')")
        self.press(f"in {kind}")
        self.wait("e => e.querySelector('.nn-pg__code code').textContent")
        return self.page.locator(".nn-pg__code code").text_content()


@pytest.fixture
def desk(visit):
    return Desk(visit())


@pytest.fixture
def tab(visit):
    return visit()


def history(program):
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(program, "shown by the playground", "exec"), names)  # noqa: S102
    return names["history"]


def test_it_waits_runs_pauses_and_starts_again_from_the_very_same_start(desk):
    start = desk.state()
    assert start["epoch"] == 0
    desk.press("Run")
    desk.wait("e => Number(e.dataset.epoch) > 20")
    desk.press("Pause")
    desk.page.wait_for_timeout(200)
    paused = desk.state()
    desk.page.wait_for_timeout(200)
    assert desk.state() == paused
    assert paused["train"] < start["train"] / 5
    desk.press("Start again")
    desk.wait("e => e.dataset.epoch === '0'")
    assert desk.state() == start


def test_one_can_go_back_to_any_earlier_epoch(desk):
    seen = [desk.state()]
    for _ in range(7):
        desk.epochs(1)
        seen.append(desk.state())
    for epoch in (3, 2, 0):
        desk.slide("back to epoch", epoch)
        desk.wait(f"e => e.dataset.epoch === '{epoch}'")
        assert desk.state() == seen[epoch]
    desk.epochs(4)
    assert desk.state() == seen[4]


@pytest.mark.parametrize("kind", ["NumPy", "PyTorch"])
def test_the_program_it_shows_does_what_it_did(desk, kind):
    desk.choose("data", "spiral")
    desk.slide("noise", 10)
    desk.choose("optimizer", "adam")
    desk.choose("learning rate", "0.01")
    desk.slide("dropout", 20)
    desk.epochs(5)
    program = desk.program(kind)
    train, test = history(program)[5]
    state = desk.state()
    assert (train, test) == pytest.approx((state["train"], state["test"]), abs=1e-9)


SELECTS = {
    "data": ("xor", "data"), "learning rate": ("0.3", "lr"), "optimizer": ("rmsprop", "optimizer"),
    "activation, all layers": ("relu", "activations"), "loss": ("cross-entropy", "loss"),
    "regularization": ("l2", "regularization"), "its rate": ("0.01", "rate"),
    "activation of the output": ("sigmoid", "output"),
    "activation of layer 2": ("step", "activations"),
}  # fmt: skip
SLIDERS = {
    "points": (200, "n"), "noise": (25, "noise"), "training": (70, "trainShare"),
    "dropout": (30, "dropout"), "batch": (17, "batch"), "seed of the data": (5, "dataSeed"),
    "seed of the weights": (6, "weightSeed"),
}  # fmt: skip
VALUES = {
    "lr": 0.3, "rate": 0.01, "noise": 0.25, "dropout": 0.3,
}  # fmt: skip


def test_every_choice_is_taken_and_stands_in_the_address(desk):
    before = desk.settings()
    for label in [*SELECTS, *SLIDERS]:
        value, name = (SELECTS | SLIDERS)[label]
        if label in SELECTS:
            desk.choose(label, value)
        else:
            desk.slide(label, value)
        after = desk.settings()
        assert after[name] != before[name], label
        if name == "activations":
            assert value in after[name]
        else:
            assert after[name] == VALUES.get(name, value)
        address = desk.page.evaluate("location.hash")
        assert name in address
        desk.go("")
        assert desk.settings() == before
        desk.go(address)
        assert desk.settings() == after
        desk.go("")
    desk.choose("data", "spiral")
    address = desk.page.evaluate("location.hash")
    desk.open(address)
    assert desk.settings()["data"] == "spiral"


def test_a_new_learning_rate_needs_no_new_start_and_is_undone_on_the_way_back(desk):
    desk.epochs(3)
    desk.choose("learning rate", "0.3")
    assert desk.state()["epoch"] == 3
    desk.epochs(3)
    end = desk.state()
    train, test = history(desk.program("NumPy"))[6]
    assert (train, test) == pytest.approx((end["train"], end["test"]), abs=1e-9)
    desk.slide("back to epoch", 2)
    desk.wait("e => e.dataset.epoch === '2'")
    expect(desk.page.get_by_label("learning rate", exact=True)).to_have_value("0.03")
    desk.epochs(2)
    plain = desk.state()
    desk.press("Start again")
    desk.wait("e => e.dataset.epoch === '0'")
    desk.epochs(4)
    assert desk.state() == plain


def test_what_was_done_by_hand_on_the_way_is_said_above_the_program(desk):
    assert "by hand" not in desk.program("NumPy")
    desk.press("One example")
    assert desk.program("NumPy").startswith("# What was done by hand")


def test_a_pause_is_announced(desk):
    desk.press("Run")
    desk.wait("e => Number(e.dataset.epoch) > 2")
    desk.press("Pause")
    expect(desk.page.locator(".nn-pg__live")).to_contain_text("Paused after epoch")


def test_momentum_is_there_for_those_who_want_it(desk):
    expect(desk.page.get_by_label("momentum", exact=True)).to_be_hidden()
    desk.choose("optimizer", "momentum")
    desk.slide("momentum", 0.5)
    assert desk.settings()["momentum"] == 0.5
    desk.page.get_by_label("biases").uncheck()
    assert desk.settings()["bias"] is False


def test_layers_neurons_and_features_come_and_go(desk):
    desk.press("Add a hidden layer")
    desk.press("more neurons in layer 1")
    desk.press("fewer neurons in layer 3")
    assert desk.settings()["hidden"] == [5, 2, 3]
    desk.page.locator(".nn-pg__feature", has_text="x₁x₂").click()
    assert desk.settings()["features"] == ["x1", "x2", "x1x2"]
    expect(desk.page.locator(".nn-pg__neuron")).to_have_count(5 + 2 + 3 + 1)
    expect(desk.page.locator(".nn-pg__lines path")).to_have_count(3 * 5 + 5 * 2 + 2 * 3 + 3)
    for _ in range(3):
        desk.press("Remove the last one")
    assert desk.settings()["hidden"] == []
    for name in ("x₁x₂", "x₁", "x₂"):
        desk.page.locator(".nn-pg__feature", has=desk.page.get_by_text(name, exact=True)).click()
    assert desk.settings()["features"]  # the last one stays


def test_a_weight_can_be_read_and_changed_and_the_program_knows(desk):
    desk.page.locator(".nn-pg__neuron").first.click()
    desk.page.get_by_label("weight from x₂").fill("2.5")
    desk.page.keyboard.press("Enter")
    assert desk.settings()["weights"] == [{"layer": 0, "index": 1, "value": 2.5}]
    desk.epochs(2)
    program = desk.program("NumPy")
    assert "linears[0].weight.data[0, 1] = 2.5" in program
    assert history(program)[2][0] == pytest.approx(desk.state()["train"], abs=1e-9)


def test_a_line_leads_to_the_weights_of_its_neuron(desk):
    desk.page.locator(".nn-pg__lines path").nth(3).dispatch_event("click")
    expect(desk.page.get_by_text("Neuron 2, layer 1")).to_be_visible()


def test_own_points_by_text_and_rubbish_is_left_out_with_a_word(desk):
    desk.page.locator("summary", has_text="Your own points").click()
    box = desk.page.get_by_label("points as text")
    box.fill("x1,x2,class\n1,2,0\n-1;-2;1\n3 3 2\nnonsense\n1,2\n")
    desk.press("Take these points")
    assert desk.settings()["points"] == [[1, 2, 0], [-1, -2, 1], [3, 3, 2]]
    assert desk.settings()["loss"] == "softmax"
    assert "2 lines" in desk.said()
    desk.epochs(3)
    box.fill("<img src=x onerror=alert(1)>\n,,,\n1e999,1,1\n")
    desk.press("Take these points")
    assert "at least two lines" in desk.said()
    assert len(desk.settings()["points"]) == 3


def test_own_points_from_a_file(desk, tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("".join(f"{k},{-k},{k % 2}\n" for k in range(-5, 6)), encoding="utf-8")
    desk.page.locator("summary", has_text="Your own points").click()
    desk.page.get_by_label("or a file").set_input_files(path)
    desk.wait("e => e.settings.points?.length === 11")


def test_points_are_drawn_by_pointer_and_by_keys(desk):
    desk.page.locator("summary", has_text="Your own points").click()
    desk.press("No points at all")
    desk.page.get_by_label("draw points").check()
    desk.choose("as class", "1")
    desk.page.locator(".nn-pg__dots").click(position={"x": 20, "y": 30})
    points = desk.settings()["points"]
    assert len(points) == 3
    assert points[-1][0] < -5
    assert points[-1][1] > 4
    assert points[-1][2] == 1
    desk.page.locator(".nn-pg__dots").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Enter"):
        desk.page.keyboard.press(key)
    assert desk.settings()["points"][-1] == [0.5, 0.25, 1]


def test_everything_is_there_for_the_keyboard_alone(desk):
    run = desk.page.get_by_role("button", name="Run", exact=True)
    run.focus()
    desk.page.keyboard.press("Space")
    desk.wait("e => Number(e.dataset.epoch) > 2")
    desk.page.keyboard.press("Enter")
    expect(run).to_be_visible()
    feature = desk.page.locator(".nn-pg__feature", has_text="sin x₁")
    feature.focus()
    desk.page.keyboard.press("Enter")
    assert "sin1" in desk.settings()["features"]
    assert desk.page.evaluate("document.activeElement.title") == "feature sin x₁"


def test_rosenblatts_rule_fails_on_xor_and_not_on_two_clouds(desk):
    desk.choose("loss", "perceptron")
    assert desk.settings()["hidden"] == []
    assert "no hidden layers" in desk.said()
    desk.choose("data", "gauss")
    desk.epochs(3)
    assert desk.state()["train"] < 0.02
    desk.choose("data", "xor")
    desk.epochs(10)
    assert desk.state()["train"] > 0.2


def test_a_blown_up_run_is_explained(desk):
    desk.choose("data", "plane")
    desk.choose("activation, all layers", "linear")
    desk.choose("learning rate", "10")
    desk.press("Run")
    desk.wait("e => e.querySelector('.nn-pg__note').textContent")
    assert re.search(r"In epoch \d+ .* learning rate, 10, is too large", desk.said())
    expect(desk.page.get_by_role("button", name="Run", exact=True)).to_be_visible()


def test_it_stops_by_itself_if_asked_to(desk):
    desk.choose("data", "xor")
    desk.slide("noise", 50)
    desk.choose("stop", "20")
    desk.choose("learning rate", "0.3")
    desk.press("Run")
    desk.wait("e => e.querySelector('.nn-pg__note').textContent.startsWith('Stopped after')")


def test_one_example_shows_the_numbers_of_the_lecture(tab):
    weights = [(0, 0, 0.14), (0, 1, 0.19), (0, 3, 0.24), (0, 4, 0.29), (1, 0, 0.35), (1, 1, 0.4)]
    settings = {
        "points": [[0.05, 0.1, 0.1]], "regression": True, "hidden": [2], "activations": ["sigmoid"],
        "output": "sigmoid", "bias": False, "loss": "half", "lr": 1, "trainShare": 100,
        "weights": [{"layer": k, "index": i, "value": w} for k, i, w in weights],
    }  # fmt: skip
    desk = Desk(tab, "#" + "&".join(f"{k}={json.dumps(v)}" for k, v in settings.items()))
    desk.press("One example")
    labels = desk.page.locator(".nn-pg__labels text")
    expect(labels.first).to_be_attached()
    numbers = labels.all_text_contents()
    assert {"0.5065", "0.0604", "0.5942", "0.3500"} <= set(numbers)
    expect(desk.page.locator(".nn-pg__example")).to_contain_text("0.3500 → 0.0604")
    desk.page.locator(".nn-pg__neuron").last.click()
    new = float(desk.page.get_by_label("weight from neuron 1").input_value())
    assert new == pytest.approx(0.35 - 0.0604, abs=1e-4)


HOSTILE = [
    "#lr=1e9&hidden=[1e9,-3]&n=0&batch=0&noise=99", '#data="<img src=x onerror=alert(1)>"',
    "#points=[]&features=[]", "#hidden=%ff&lr={", "#weights=[{}]&points=[[1]]", "#__proto__=1&a=b",
    '#activations=["constructor"]&features=["__proto__"]&loss="toString"', "#" + "a" * 300_000,
]  # fmt: skip


def test_a_hostile_address_does_no_harm(tab):
    desk = Desk(tab, HOSTILE[0])
    for address in [*HOSTILE[1:], HOSTILE[0]]:
        desk.go(address)
        desk.epochs(1)
        assert np.isfinite(desk.state()["train"]) or "not a number" in desk.said(), address
        assert desk.page.locator("nn-playground img").count() == 0
    desk.open(HOSTILE[1])
    assert "data is one of circle" in desk.said()
    assert not tab.complaints


def test_saved_settings_come_back(desk, tmp_path):
    desk.choose("data", "spiral")
    desk.slide("batch", 3)
    wanted = desk.settings()
    with desk.page.expect_download() as download:
        desk.press("Save")
    path = tmp_path / "saved.json"
    download.value.save_as(path)
    desk.open("")
    assert desk.settings() != wanted
    desk.page.get_by_label("Load", exact=True).set_input_files(path)
    desk.wait("e => e.settings.batch === 3")
    assert desk.settings() == wanted
    path = tmp_path / "other.json"
    path.write_text("no JSON", encoding="utf-8")
    desk.page.get_by_label("Load", exact=True).set_input_files(path)
    desk.wait("e => e.querySelector('.nn-pg__note').textContent.includes('no settings')")


def test_parts_can_be_hidden(tab):
    desk = Desk(tab, "#hide=data,training,keep")
    expect(desk.page.locator(".nn-pg__data")).to_be_hidden()
    expect(desk.page.locator(".nn-pg__keep")).to_be_hidden()
    expect(desk.page.locator(".nn-pg__network")).to_be_visible()
    desk.choose("activation of layer 1", "relu")
    assert "hide=data,training,keep" in desk.page.evaluate("location.hash")


def test_the_engine_in_the_browser_is_the_one_in_the_tests(desk):
    settings = {"data": "spiral", "n": 100, "hidden": [8, 8], "activations": ["tanh", "elu"]}
    losses = desk.page.evaluate(
        """async (given) => {
            const load = (name) => import(new URL(`assets/playground/${name}.js`, location.href));
            const [{ Run }, { sound }] = [await load("training"), await load("settings")];
            const { numpyProgram } = await load("code");
            const { settings } = sound(given);
            const run = new Run(settings);
            for (let i = 0; i < 200; i++) run.runEpoch();
            return [run.trainLosses, run.testLosses, numpyProgram(settings, 200)];
        }""",
        settings,
    )
    wanted = np.array(history(losses.pop())).T
    np.testing.assert_allclose(losses, wanted, rtol=0, atol=1e-9)
