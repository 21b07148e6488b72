"""Exercises, hidden checks and skips: what a reader is asked to do is proved to be doable."""

import pytest

from weave.run import run_page
from weave.snippets import parse

EXERCISE = """
```python
base = 10
```

??? question "Double it"

    ```python starter="double"
    def double(x):
        return {starter}
    ```

    ```python check="double"
    value = double(base)
    assert value == 20, value
    ```

??? success "Solution"

    ```python solution="double"
    def double(x):
        return {solution}
    ```

```python
assert not {{"double", "value"}} & set(globals())
{after}
```
"""


def exercise(starter="...", solution="2 * x", after=""):
    return EXERCISE.format(starter=starter, solution=solution, after=after)


def test_a_sound_exercise_passes_and_leaks_no_names(book):
    report = book.report(exercise())
    assert report.problems == []
    assert sorted(report.run.results) == [0, 1, 2, 3, 4]


def test_a_starter_that_passes_its_check_is_an_error(book):
    line, message = book.fault(exercise(starter="x + x"))
    assert line == 8
    assert message == "the starter of exercise 'double' already passes its check"


def test_a_solution_that_fails_its_check_is_an_error_at_the_checks_line(book):
    line, message = book.fault(exercise(solution="3 * x"))
    assert line == 14
    assert message.startswith("AssertionError: 30")


@pytest.mark.parametrize(("part", "line"), [("starter", 9), ("solution", 21)])
def test_a_part_that_does_not_compile_is_an_error_at_its_line(book, part, line):
    found = book.faults(exercise(**{part: "2 *"}))
    assert (line, "SyntaxError: invalid syntax") in [(n, m.split("\n")[0]) for n, m in found]


def test_a_solution_that_raises_is_an_error_at_its_line(book):
    text = exercise().replace("        return 2 * x", "        return 2 * x\n\n    1 / 0")
    line, message = book.fault(text)
    assert (line, message.split(":")[0]) == (23, "ZeroDivisionError")


@pytest.mark.parametrize("role", ["starter", "check", "solution"])
def test_a_missing_or_doubled_part_is_an_error(book, role):
    words = f'```python {role}="double"'
    found = book.faults(exercise().replace(words, "```python"))
    assert any(f"'double' has 0 {role} fences" in m for _, m in found)
    twice = exercise() + f'\n```python {role}="double"\n1\n```\n'
    found = book.faults(twice)
    assert any(f"'double' has 2 {role} fences" in m for _, m in found)


@pytest.mark.parametrize("role", ["starter", "check", "solution"])
@pytest.mark.parametrize("mark", ["skip", "pycon", "empty"])
def test_a_part_that_cannot_run_counts_as_missing(book, role, mark):
    fence = f'    ```python {role}="double"'
    new = {
        "skip": f"    <!-- skip: not today -->\n{fence}",
        "pycon": fence.replace("python", "pycon"),
        "empty": fence.replace('"double"', '""'),
    }[mark]
    found = book.faults(exercise().replace(fence, new))
    assert any(f"exercise 'double' has 0 {role} fences that run" in m for _, m in found)


def test_a_figure_left_open_by_one_part_is_not_another_parts(book):
    draw = "import matplotlib.pyplot as plt; plt.figure(figsize=(1, 1))"
    text = exercise().replace("    value =", f"    {draw}\n    value =")
    line, message = book.fault(text)
    assert line == 13
    assert "leaves 1 figures open" in message


def test_what_parts_print_needs_output_fences_and_is_its_own(book):
    text = exercise().replace("    value =", "    print('checked')\n    value =")
    line, message = book.fault(text)
    assert (line, message.split("\n")[-1]) == (13, "+checked")


def test_two_exercises_of_a_page_keep_apart(book):
    other = exercise().partition("??? ")[2].replace('="double"', '="again"')
    report = book.report(exercise() + "\n??? " + other)
    assert report.problems == []
    assert len(report.run.results) == 9


def test_an_exercise_that_reads_what_another_binds_is_an_error(book):
    other = exercise().partition("??? ")[2].replace('="double"', '="again"')
    other = other.replace("def double(x)", "def twice(x)").replace("double(base)", "twice(value)")
    other = other.replace("value = ", "result = ").replace("assert value == 20, value", "")
    found = book.faults(exercise() + "\n??? " + other)
    names = [(line, message) for line, message in found if "binds" in message]
    line, message = names[0]
    assert len(names) == 1
    assert line == 37
    assert message.startswith("exercise 'again' reads 'value', which exercise 'double' binds")


def test_an_exercise_may_read_what_it_binds_itself(book):
    other = exercise().partition("??? ")[2].replace('="double"', '="again"')
    assert book.faults(exercise() + "\n??? " + other) == []


LIST = "```python\nseen = []\n```\n"


def test_no_part_of_an_exercise_changes_what_the_page_has(book):
    text = exercise(starter="seen.append(1)", solution="seen.append(2) or 2 * x")
    text = text.replace("    value =", "    seen.append(3)\n    value =")
    report = book.report(LIST + text + "\n```python\nassert seen == []\n```\n")
    assert report.problems == []


def test_a_hidden_check_changes_nothing_of_what_the_page_has(book):
    change = "<!--- invisible-code-block: python\nseen.append(1)\nassert seen == [1]\n-->\n"
    report = book.report(LIST + 2 * (change + "\n") + "```python\nassert seen == []\n```\n")
    assert report.problems == []


@pytest.mark.parametrize(
    ("code", "how"),
    [("os._exit(0)", "exit code 0"), ("os.kill(os.getpid(), 9)", "signal SIGKILL")],
)
def test_a_hidden_check_that_ends_its_process_is_an_error(book, code, how):
    text = f"a\n<!--- invisible-code-block: python\nimport os; {code}\n-->\n"
    line, message = book.fault(text)
    assert (line, message) == (3, f"this snippet ended the process that ran it ({how})")


def test_modules_that_only_a_hidden_check_imports_belong_to_the_record(book):
    book.write("helper.py", "x = 1\n")
    text = "a\n<!--- invisible-code-block: python\nimport helper\nassert helper.x == 1\n-->\n"
    path = book.write("page.md", text)
    cache = book.root / ".cache"
    assert not run_page(parse(path), book.root, cache).cached
    assert run_page(parse(path), book.root, cache).cached
    book.write("helper.py", "x = 2\n")
    again = run_page(parse(path), book.root, cache)
    assert not again.cached
    assert again.results[0].error is not None


WITHOUT_COPIES = """
import pathlib
from weave import snippets, worker
worker.FORKS = False
page = snippets.parse(pathlib.Path("page.md"))
runner = worker.PageRunner(worker.Job(page.path, pathlib.Path(), page.snippets))
results = [result for snippet in page.snippets for result in runner.run(snippet).values()]
pathlib.Path("seen").write_text(repr([result.error for result in results]))
"""


def test_where_processes_cannot_be_copied_names_at_least_do_not_leak(book):
    book.write("page.md", exercise())
    assert book.python("-c", WITHOUT_COPIES)[0] == 0
    assert (book.root / "seen").read_text(encoding="utf-8") == repr([None] * 5)


def test_a_hidden_check_runs_fails_with_its_line_and_leaks_no_names(book):
    text = """
        ```python
        x = 1
        ```

        - item

            <!--- invisible-code-block: python
            seen = x
            assert seen == {}
            -->

        ```python
        assert "seen" not in globals()
        ```
    """
    assert book.faults(text.format(1)) == []
    line, message = book.fault(text.format(2))
    assert line == 9
    assert message.startswith("AssertionError")


@pytest.mark.parametrize("dashes", ["<!--", "<!---"])
def test_hidden_checks_do_not_show_in_the_page(book, dashes):
    text = f"a\n\n{dashes} invisible-code-block: python\nassert True\n-->\n\nb\n"
    report = book.report(text)
    assert list(report.run.results) == [0]
    assert report.woven().markdown.split() == ["a", "b"]


def test_a_hidden_check_that_prints_is_an_error(book):
    line, message = book.fault("a\n<!--- invisible-code-block: python\nprint(1)\n-->\n")
    assert (line, message) == (3, "a hidden check prints, where no reader can see it")


def test_a_skipped_snippet_does_not_run_and_shows_its_reason(book):
    report = book.report("<!-- skip: needs a *GPU* -->\n```python\n1 / 0\n```\n")
    assert report.problems == []
    assert report.run.results == {}
    assert report.woven().markdown == "*Not run: needs a *GPU**\n\n```python\n1 / 0\n```\n"


def test_a_skip_without_a_reason_is_an_error(book):
    for mark in ("<!-- skip: -->", "<!-- skip:-->", "<!-- skip -->"):
        line, message = book.fault(f"text\n\n{mark}\n```python\nx = 1\n```\n")
        assert (line, message) == (3, "this skip comment is empty")


def test_a_skipped_snippet_with_an_output_is_an_error(book):
    text = "<!-- skip: no -->\n```python\nprint(1)\n```\n\n```output\n1\n```\n"
    line, message = book.fault(text)
    assert line == 6
    assert "nothing stands behind the output shown" in message


def test_exercise_fences_keep_their_attributes_in_the_page(book):
    text = exercise().replace('```python starter="double"', "``` { .python .x starter=double }")
    woven = book.report(text).woven().markdown
    assert '    ``` { .python .x title="Starter" }\n' in woven.replace("```{", "``` {")
    assert '    ```python title="Check"\n' in woven
    assert "double}" not in woven


def kept(starter="...", solution="2 * x", after=""):
    text = exercise(starter, solution, after).replace(
        'solution="double"', 'solution="double" keep=yes'
    )
    return text.replace('assert not {"double", "value"} & set(globals())', "print(double(4))")


def test_a_kept_solution_stays_and_its_check_does_not(book):
    text = kept(after='assert "value" not in globals()') + "\n```output\n8\n```\n"
    report = book.report(text)
    assert report.problems == []
    assert sorted(report.run.results) == [0, 1, 2, 3, 4]
    assert "keep" not in report.woven().markdown


def test_a_kept_solution_is_held_to_its_check_and_its_starter_to_failing(book):
    _, message = book.fault(kept(solution="3 * x") + "\n```output\n12\n```\n")
    assert message.startswith("AssertionError: 30")
    _, message = book.fault(kept(solution="oops") + "\n```output\n8\n```\n")
    assert "oops" in message
    _, message = book.fault(kept(starter="x + x") + "\n```output\n8\n```\n")
    assert message == "the starter of exercise 'double' already passes its check"


def test_what_the_check_says_of_the_starter_is_on_record(book):
    report = book.report(exercise(starter="x"))
    assert report.run.results[1].starter_error.startswith("AssertionError: 10")


@pytest.mark.parametrize(
    "fence",
    ['python starter="double" keep=yes', "python keep=yes", 'python solution="double" keep=no'],
)
def test_only_a_solution_is_kept(book, fence):
    text = (
        exercise().replace('python starter="double"', fence)
        if "starter" in fence
        else f"```{fence}\n1\n```\n"
    )
    assert "keep=yes stands at a solution, nowhere else" in [m for _, m in book.faults(text)]


def test_a_later_exercise_may_read_what_a_kept_one_binds(book):
    later = """
```python starter="use"
result = 0
```

```python check="use"
assert result == double(3), result
```

```python solution="use"
result = double(3)
```
"""
    assert book.faults(kept() + "\n```output\n8\n```\n" + later) == []
    (_, message), *_ = book.faults(exercise() + later)
    assert "which exercise 'double' binds" in message
