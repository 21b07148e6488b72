"""Figures: light and dark, captioned, equal bytes every time, in place in every container."""

import re
import xml.etree.ElementTree as ET

import markdown
import pytest
from pymdownx import slugs

from weave.figures import CYCLE, GRID, INK, MUTED, PALETTE, recolour
from weave.markdown import FigureExtension

DRAW = "import matplotlib.pyplot as plt\n{i}plt.figure(figsize=(2, 1))\n{i}plt.plot([1, 2])"


def figure(caption: str = "A line. | alt: A rising line.", indent: str = "") -> str:
    """A captioned snippet that draws, each line behind `indent`."""
    text = f"<!-- figure: {caption} -->\n```python\n{DRAW.format(i='')}\n```\n"
    return "\n".join((indent + line).rstrip() for line in text.split("\n"))


def render(text: str) -> ET.Element:
    """The woven page as the site renders it: the extensions of mkdocs.yml and ours."""
    html = markdown.markdown(
        text,
        extensions=[
            "abbr",
            "admonition",
            "attr_list",
            "def_list",
            "footnotes",
            "md_in_html",
            "tables",
            "toc",
            "pymdownx.arithmatex",
            "pymdownx.details",
            "pymdownx.highlight",
            "pymdownx.inlinehilite",
            "pymdownx.superfences",
            "pymdownx.tabbed",
            "pymdownx.tasklist",
            FigureExtension(),
        ],
        extension_configs={
            "pymdownx.arithmatex": {"generic": True},
            "pymdownx.highlight": {"anchor_linenums": True, "pygments_lang_class": True},
            "pymdownx.tabbed": {"alternate_style": True, "slugify": slugs.slugify(case="lower")},
        },
        output_format="xhtml",
    )
    html = html.replace("&nbsp;", " ")
    return ET.fromstring(f"<body>{html}</body>")  # noqa: S314


PAGE = f"""
{figure("*One* has $x_1$ & `code` < 2. | alt: Has [brackets], a $y_1$ & <b> and 'q'.")}
=== "Tab"

{figure("In a tab.", "    ")}
    after the tab's figure

=== "Other"

    !!! note "Box"

{figure("In an admonition in a tab.", "        ")}
??? question "Open me"

{figure("In details.", "    ")}
- item

{figure("In a list.", "    ")}
1. item

{figure("In a numbered list.", "    ")}
> quote
>
{figure("In a quote.", "> ")}
text

<div markdown>

{figure("In a div.")}
</div>

<!-- figure: Two: the first. -->
<!-- figure: Two: the second.
     | alt: Drawn second. -->
```python
plt.figure(figsize=(1, 1)); plt.plot([1])
plt.figure(figsize=(1, 1)); plt.plot([1])
print("below")
```

```output
below
```

<!-- film: A film. | alt: It moves. -->
```python
for i in range(3):
    plt.figure(figsize=(1, 1)); plt.plot([0, i])
```

```python
x = 1
```
"""

PLACES = {
    "Has [brackets], a y_1 & <b> and 'q'.": "body",
    "In a tab.": "div.tabbed-block",
    "In an admonition in a tab.": "div.admonition",
    "In details.": "details.question",
    "In a list.": "li",
    "In a numbered list.": "li",
    "In a quote.": "blockquote",
    "In a div.": "div",
    "Two: the first.": "body",
    "Drawn second.": "body",
    "It moves.": "body",
}


@pytest.fixture(scope="module")
def report(module_book):
    report = module_book.report(PAGE, "my page (1).md")
    assert report.problems == []
    return report


@pytest.fixture(scope="module")
def body(report):
    return render(report.woven().markdown)


def test_every_figure_is_written_in_light_and_dark(report):
    files = report.woven().files
    assert len(files) == 2 * (8 + 2 + 3)
    assert all(name.startswith("my page (1)-figures/") for name in files)
    for name, svg in files.items():
        assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314
        assert name.endswith(("-light.svg", "-dark.svg"))


def test_every_figure_lands_inside_its_container_as_a_figure_with_a_caption(body):
    parents = {child: parent for parent in body.iter() for child in parent}
    found = {}
    for element in body.iter("figure"):
        images = element.findall("img")
        assert [child.tag for child in element] == ["img", "img", "figcaption"]
        assert "".join(element.find("figcaption").itertext()).strip()
        assert images[0].get("alt") == images[1].get("alt")
        parent = parents[element]
        kind = (
            f"{parent.tag}.{parent.get('class', '').split()[0]}".rstrip(".")
            if parent.get("class")
            else parent.tag
        )
        found[images[0].get("alt")] = kind
    assert found == PLACES


def test_nothing_of_the_machinery_is_left_in_the_page(report, body):
    text = "".join(body.itertext())
    for trace in ("<!--", "weave-", "only-light", "figure:", "```", "{:", "{ ."):
        assert trace not in text, trace
    assert "<!--" not in report.woven().markdown
    assert not [p for p in body.iter("p") if "weave-caption" in p.get("class", "")]


def test_images_have_their_size_their_palette_and_an_address_that_exists(report, body):
    from urllib.parse import unquote

    files = report.woven().files
    for image in body.iter("img"):
        path, _, mark = image.get("src").partition("#")
        assert mark in ("only-light", "only-dark")
        assert path.endswith(f"-{mark.removeprefix('only-')}.svg")
        svg = files[unquote(path)]
        width, height = (float(x) for x in re.search(r'0 0 ([\d.]+) ([\d.]+)"', svg).groups())
        assert (int(image.get("width")), int(image.get("height"))) == (
            round(width * 4 / 3),
            round(height * 4 / 3),
        )


def test_a_figure_stands_below_its_snippet_and_its_output(body):
    order = [
        "output" if "weave-output" in e.get("class", "") else e.tag
        for e in body
        if e.tag in ("figure",) or "highlight" in e.get("class", "")
    ]
    assert order[-6:] == ["output", "figure", "figure", "div", "figure", "div"]


def test_math_and_emphasis_in_a_caption_are_rendered(body):
    caption = next(body.iter("figcaption"))
    assert caption.find("em").text == "One"
    assert caption.find("span[@class='arithmatex']").text == "\\(x_1\\)"
    assert caption.find("code").text == "code"


def test_a_film_names_its_frames_in_both_palettes(body):
    import json
    from urllib.parse import unquote

    film = next(f for f in body.iter("figure") if f.get("class") == "weave-film")
    for image, tone in zip(film.findall("img"), ("light", "dark"), strict=True):
        frames = [unquote(name) for name in json.loads(image.get("data-frames"))]
        stem = frames[0].removesuffix(f"-frame000-{tone}.svg")
        assert frames == [f"{stem}-frame{i:03d}-{tone}.svg" for i in range(3)]
        assert unquote(image.get("src")) == f"{frames[-1]}#only-{tone}"


def test_the_palettes_are_exchanged_and_no_light_colour_stays(report):
    for name, svg in report.woven().files.items():
        colours = {colour.lower() for colour in re.findall(r"#[0-9a-fA-F]{6}\b", svg)}
        own, other = PALETTE.keys(), set(PALETTE.values())
        if name.endswith("-dark.svg"):
            own, other = other, own
        assert colours & set(own)
        assert not colours & set(other)


def test_what_matplotlib_draws_by_default_is_of_the_palette(book):
    report = book.report(f"""
        <!-- figure: All sorts. -->
        ```python
        import matplotlib.pyplot as plt
        fig, (a, b) = plt.subplots(2)
        a.set_title("t"); a.set_xlabel("x"); a.grid()
        a.bar([1, 2], [1, 2], label="bar"); a.legend(); a.errorbar([1], [1], yerr=1)
        a.annotate("n", (1, 1), (2, 2), arrowprops={{"arrowstyle": "->"}}); a.axhline(1)
        b.scatter([1], [1]); b.fill_between([1, 2], [1, 2]); b.hist([1, 2]); b.text(0, 0, "t")
        b.plot([1, 2], color={CYCLE[5]!r})
        ```
    """)
    assert report.problems == []
    figure = report.run.results[0].figures[0]
    assert set(re.findall(r"#[0-9a-f]{{6}}\b", figure.light)) <= set(PALETTE)
    for colour in (INK, MUTED, GRID, CYCLE[0]):
        assert colour in figure.light
        assert colour not in figure.dark
        assert PALETTE[colour] in figure.dark


def test_recolour_touches_whole_colours_only():
    assert recolour(f"{INK.upper()} {INK}ff #m{INK[1:]}") == f"{PALETTE[INK]} {INK}ff #m{INK[1:]}"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (figure().split("\n", 1)[1], 2, "leaves 1 figures open but has 0 captions"),
        ("<!-- figure: No. -->\n```python\nx = 1\n```\n", 1, "caption has no figure"),
        ("<!-- figure: A -->\n" + figure(), 2, "caption has no figure: the snippet draws 1"),
        (figure().replace("figure:", "film:"), 1, "film has 1 frames"),
        (figure().replace("<!--", "<!-- film: A -->\n<!--"), 1, "a film stands alone"),
        (figure("| alt: Only seen."), 1, "has no words"),
        (figure().replace("plt.plot([1, 2])", "plt.title(r'$\\frac$')"), 2, "ValueError"),
    ],
)
def test_a_figure_and_its_caption_belong_together(book, text, line, words):
    found = book.fault(text)
    assert words in found[1]
    assert found[0] in (line, line + 1)


def test_a_figure_that_cannot_be_saved_does_not_reach_the_next_snippet(book):
    text = f"```python\n{DRAW.format(i='')}\nplt.title(r'$\\frac$')\n```\n"
    assert len(book.faults(text)) == 1


COLD = """
```python
import numpy as np
import matplotlib.pyplot as plt
```

<!-- figure: Lines, clipped and filled. -->
```python
rng = np.random.default_rng(0)
fig, axes = plt.subplots(1, 2, figsize=(4, 2))
axes[0].plot(rng.normal(size=9), marker="o", label="x")
axes[0].legend()
axes[1].imshow(rng.normal(size=(9, 9)))
axes[1].contour(rng.normal(size=(9, 9)))
axes[1].bar([1], [2], hatch="/")
```

<!-- figure: Many points, drawn as a picture, whatever the settings. -->
```python
plt.rcdefaults()
plt.figure(figsize=(3, 2))
plt.scatter(*rng.normal(size=(2, 20_000)), s=4)
plt.plot([0, 1])
```
"""


def test_two_cold_runs_draw_the_same_bytes(book):
    book.write("docs/page.md", COLD)
    found = []
    for seed in ("1", "2"):
        out = book.root / f"out{seed}"
        code, _, err = book.weave(str(out), PYTHONHASHSEED=seed)
        assert code == 0, err
        for record in (book.root / ".cache").rglob("*.json"):
            record.unlink()
        found.append({p.relative_to(out): p.read_bytes() for p in out.rglob("*.*")})
    assert len(found[0]) == 5
    assert found[0] == found[1]
    picture = next(svg for path, svg in found[0].items() if path.name == "02-0-light.svg")
    assert b"<image" in picture
    assert len(picture) < 150_000


def test_few_points_stay_vectors(book):
    report = book.report("""
        <!-- figure: Points. -->
        ```python
        import matplotlib.pyplot as plt
        plt.scatter(range(2000), range(2000))
        ```
    """)
    assert "<image" not in report.run.results[0].figures[0].light


@pytest.mark.parametrize("caption", ["1. First", "- dash", "# hash", "> more", "+ plus", "12) x"])
def test_a_caption_that_looks_like_a_block_is_still_a_caption(book, caption):
    body = render(book.report(figure(caption)).woven().markdown)
    assert "".join(body.find("figure/figcaption").itertext()) == caption


def test_a_page_without_problems_is_woven_unchanged_but_for_its_marks(book):
    text = (
        '---\ntitle: x\n---\n\n# T\n\n```python title="a" limit=3\nx = 1\n```\n\n'
        "<!--- invisible-code-block: python\nassert x == 1\n-->\n\n- a\n\n    ```pycon\n"
        "    >>> x\n    1\n    ```\n\n~~~text\nfoo\n~~~\n"
    )
    woven = book.report(text).woven().markdown
    assert woven == text.replace(" limit=3", "").replace(
        "<!--- invisible-code-block: python\nassert x == 1\n-->", ""
    )


def test_a_hidden_check_does_not_split_the_quote_around_it(book):
    text = "> a\n>\n> <!--- invisible-code-block: python\n> assert True\n> -->\n>\n> b\n"
    assert book.faults(text) == []
    assert len(list(render(book.report(text).woven().markdown).iter("blockquote"))) == 1


def test_faults_are_shown_where_they_arose(book):
    text = f'---\ntitle: x\n---\n\n<!-- skip -->\n\n=== "A"\n\n{raising("    ")}\n\nend\n'
    woven = book.report(text).woven(show_problems=True).markdown
    assert woven.startswith("---\ntitle: x\n---\n")
    body = render(woven.split("---\n", 2)[2])
    boxes = [e for e in body.iter("div") if "failure" in e.get("class", "")]
    titles = [e.find("p[@class='admonition-title']").text for e in boxes]
    assert titles == ["page.md, line 5", "page.md, line 5", "page.md, line 10"]
    parents = {child: parent for parent in body.iter() for child in parent}
    assert "tabbed-block" in parents[boxes[2]].get("class", "")
    assert "ZeroDivisionError" in "".join(boxes[2].itertext())


def raising(indent: str) -> str:
    return f"{indent}```python\n{indent}1 / 0\n{indent}```"
