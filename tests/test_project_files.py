"""The files around the book: workflows to be trusted, versions that agree, an honest guide."""

import doctest
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from weave.book import examine

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
PINNED = re.compile(
    r"(?P<action>[\w.-]+/[\w./-]+)@(?P<sha>[0-9a-f]{40}) # (?P<version>v\d+\.\d+\.\d+)"
)

# What a job may do beyond reading the code. Whoever needs more has to say so here.
WRITES = {
    ("deploy.yml", "pages"): {"pages", "id-token"},
    ("deploy.yml", "notebooks"): {"contents"},
    ("release.yml", "pypi"): {"id-token"},
    ("release.yml", "github"): {"contents"},
}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def triggers(workflow: dict[Any, Any]) -> dict[str, Any]:
    on = workflow[True] if True in workflow else workflow["on"]  # YAML 1.1 reads `on` as true
    return on if isinstance(on, dict) else dict.fromkeys([on] if isinstance(on, str) else on)


def uses_lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [match[1].strip() for line in lines if (match := re.match(r"\s*(?:- )?uses:(.*)", line))]


def project() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))["project"]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_workflows():
    assert {path.name for path in WORKFLOWS} == {
        "deploy.yml",
        "preview.yml",
        "release.yml",
        "test.yml",
        "weekly.yml",
    }


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
class TestWorkflow:
    def test_parses_and_says_when_it_runs(self, path):
        workflow = load(path)
        assert workflow["name"] == path.stem
        assert workflow["jobs"]
        assert triggers(workflow)

    def test_pins_every_action_with_its_version(self, path):
        lines = uses_lines(path)
        steps = [step for job in load(path)["jobs"].values() for step in job.get("steps", [])]
        assert len(lines) == sum("uses" in step for step in steps)
        assert all("uses" not in job for job in load(path)["jobs"].values())
        for line in lines:
            assert PINNED.fullmatch(line), f"{line}: not pinned to a full SHA with '# vX.Y.Z'"

    def test_grants_only_what_a_job_needs(self, path):
        workflow = load(path)
        assert workflow["permissions"] == {}
        for name, job in workflow["jobs"].items():
            granted = job["permissions"]
            writes = {scope for scope, level in granted.items() if level == "write"}
            assert writes == WRITES.get((path.name, name), set()), name
            rest = {scope: level for scope, level in granted.items() if scope not in writes}
            assert rest in ({}, {"contents": "read"}), name

    def test_jobs_that_may_write_check_out_nothing(self, path):
        for name, job in load(path)["jobs"].items():
            if (path.name, name) in WRITES:
                used = [step.get("uses", "") for step in job["steps"]]
                assert not any(action.startswith("actions/checkout@") for action in used), name

    def test_pull_requests_meet_no_secrets(self, path):
        workflow, text = load(path), path.read_text(encoding="utf-8")
        assert "secrets." not in text
        assert not {"pull_request_target", "workflow_run"} & set(triggers(workflow))
        if "pull_request" in triggers(workflow):
            assert "github.token" not in text
            assert "GITHUB_TOKEN" not in text
            assert not any(file == path.name for file, _ in WRITES)

    def test_leaves_no_credentials_and_ends_in_time(self, path):
        workflow = load(path)
        assert workflow["concurrency"]["group"]
        for name, job in workflow["jobs"].items():
            assert 0 < job["timeout-minutes"] <= 60, name
            for step in job["steps"]:
                if step.get("uses", "").startswith("actions/checkout@"):
                    assert step["with"]["persist-credentials"] is False, name

    def test_scripts_take_values_from_the_environment(self, path):
        for job in load(path)["jobs"].values():
            for step in job["steps"]:
                assert "${{" not in step.get("run", ""), step

    def test_calls_make_targets_that_exist(self, path):
        targets = set(re.findall(r"^([a-z]+):", read("Makefile"), flags=re.MULTILINE))
        for job in load(path)["jobs"].values():
            for step in job["steps"]:
                called = re.findall(r"^make (\w+)", step.get("run", ""), flags=re.MULTILINE)
                assert set(called) <= targets, step


def test_one_version_of_each_action():
    pins: dict[str, set[tuple[str, str]]] = {}
    for path in WORKFLOWS:
        for match in map(PINNED.fullmatch, uses_lines(path)):
            if match:
                pins.setdefault(match["action"], set()).add((match["sha"], match["version"]))
    assert pins
    assert {action: len(found) for action, found in pins.items() if len(found) > 1} == {}


def test_python_versions_agree():
    tested = set(
        load(ROOT / ".github/workflows/test.yml")["jobs"]["full"]["strategy"]["matrix"]["python"]
    )
    prefix = "Programming Language :: Python :: 3."
    declared = {c.rpartition(" ")[2] for c in project()["classifiers"] if c.startswith(prefix)}
    assert tested == declared
    assert (
        f">={min(tested, key=lambda v: int(v.partition('.')[2]))}" == project()["requires-python"]
    )


def test_changelog_knows_the_version():
    headings = re.findall(r"^## \[(.+?)\]", read("CHANGELOG.md"), flags=re.MULTILINE)
    assert headings
    assert headings[0] == "Unreleased" or headings[0] == project()["version"]
    assert {"Unreleased", project()["version"]} & set(headings)
    assert len(headings) == len(set(headings))


def test_citation_agrees_with_pyproject():
    citation = load(ROOT / "CITATION.cff")
    assert str(citation["version"]) == project()["version"]
    assert citation["license"] == project()["license"]
    assert citation["url"] == project()["urls"]["Homepage"]
    assert citation["authors"] == project()["authors"]


def test_licences_are_what_they_are_called():
    assert read("LICENSE").startswith("MIT License\n\nCopyright (c) 2026 The nnbook contributors\n")
    text = read("LICENSE-docs")
    assert "docs/" in "".join(text.splitlines(keepends=True)[:2])
    assert "Creative Commons Attribution 4.0 International Public License" in text
    assert re.findall(r"^Section (\d)", text, flags=re.MULTILINE) == list("12345678")


def test_lowest_pins_match_pyproject():
    bounds = [*project()["dependencies"]]
    for extra in ("torch", "data", "plot"):
        bounds += project()["optional-dependencies"][extra]
    command = [sys.executable, "tools/lowest.py", "torch", "data", "plot"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    pins = dict(line.split("==") for line in done.stdout.splitlines())
    assert len(pins) == len(bounds)
    for bound in map(Requirement, bounds):  # packaging judges what ours has parsed
        floors = [s.version for s in bound.specifier if s.operator in (">=", "==", "~=")]
        assert pins[bound.name] in floors
        assert bound.specifier.contains(pins[bound.name])


def test_oldest_job_leaves_no_test_of_the_package_out():
    steps = load(ROOT / ".github/workflows/test.yml")["jobs"]["oldest"]["steps"]
    run = " ".join(step.get("run", "") for step in steps)
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    elsewhere = {
        "book",
        "browser",
        "labs",
        "playground",
        "weave",
    }  # they need more than the package
    assert folders - set(re.findall(r"tests/(\w+)\b", run)) <= elsewhere


def test_lowest_follows_extras_and_names_unknown_ones(capsys):
    module = script("lowest")
    assert doctest.testmod(module).failed == 0
    assert {"mkdocs==1.6.1", "sybil==9.1", "torch==2.4"} <= set(module.lowest(project(), ["dev"]))
    assert module.main(["nonsense"]) == 2
    assert "no extra 'nonsense'" in capsys.readouterr().err


def test_hooks_use_the_ruff_of_the_constraints():
    pins = re.findall(r"\bruff==[\d.]+", read(".pre-commit-config.yaml"))
    assert pins
    assert set(pins) <= set(read("constraints.txt").splitlines())
    for repo in load(ROOT / ".pre-commit-config.yaml")["repos"]:
        assert repo["repo"] == "local"


def test_dependabot_watches_everything():
    updates = load(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {u["package-ecosystem"] for u in updates} == {"pip", "npm", "github-actions"}
    for update in updates:
        assert update["schedule"]["interval"] == "weekly"
        assert update["groups"]


@pytest.mark.parametrize("path", FORMS, ids=lambda p: p.name)
def test_issue_forms_parse(path):
    form = load(path)
    if path.name == "config.yml":
        assert all({"name", "url", "about"} <= set(link) for link in form["contact_links"])
        return
    assert form["name"]
    assert form["description"]
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids))
    assert all(
        part["attributes"].get("label") for part in form["body"] if part["type"] != "markdown"
    )


def test_guide_shows_what_the_engine_accepts(tmp_path):
    example = re.search(
        r"^````markdown\n(.*?)^````$", read("CONTRIBUTING.md"), re.DOTALL | re.MULTILINE
    )
    assert example is not None
    page = tmp_path / "page.md"
    page.write_text(example[1], encoding="utf-8")
    report = examine([page], tmp_path, quiet=True)[page]
    assert [str(problem) for problem in report.problems] == []
    assert {s.role for s in report.page.snippets} == {None, "starter", "check", "solution"}


@pytest.mark.parametrize(
    "name", ["CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md", "CHANGELOG.md"]
)
def test_links_to_files_lead_somewhere(name):
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", read(name))
    missing = [target for target in targets if not (ROOT / target).exists()]
    assert missing == []
