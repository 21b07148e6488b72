"""The site: built strictly by MkDocs, and served with a preview that survives every fault."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

HOOKS = Path(__file__).resolve().parents[2] / "weave" / "hooks.py"
CONFIG = f"""
site_name: Tiny
site_url: https://book.org/
use_directory_urls: false
theme: {{name: mkdocs, highlightjs: false}}
plugins: []
hooks: [{HOOKS}]
markdown_extensions:
  - admonition
  - attr_list
  - md_in_html
  - pymdownx.details
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.tabbed: {{alternate_style: true}}
extra:
  weave:
    notebooks: "*/*.md"
    notebook_setup: "%pip install x"
    colab: https://colab.example/
"""
FIGURE = """
<!-- figure: A line. | alt: It rises. -->
```python
import matplotlib.pyplot as plt
plt.figure(figsize=(1, 1))
plt.plot([1, 2])
```
"""
GOOD = "---\ntitle: Titled\n---\n\n# Good\n\n```python\nprint(1)\n```\n\n```output\n1\n```\n"


@pytest.fixture
def site(book):
    book.write("mkdocs.yml", CONFIG)
    book.write("docs/index.md", GOOD)
    return book


def test_a_strict_build_makes_pages_figures_and_notebooks(site):
    site.write("docs/part/my page.md", f"# Drawn\n\n[home](../index.md)\n{FIGURE}")
    code, _, err = site.python("-m", "mkdocs", "build", "--strict")
    assert code == 0, err
    page = (site.root / "site/part/my page.html").read_text()
    assert '<figure class="weave-figure"><img alt="It rises."' in page
    assert "<figcaption>A line.</figcaption>" in page
    assert 'href="https://colab.example/part/my%20page.ipynb"' in page
    assert '<a download="my page.ipynb" href="my%20page.ipynb">' in page
    for tone in ("light", "dark"):
        assert f'src="my%20page-figures/00-0-{tone}.svg#only-{tone}"' in page
        svg = (site.root / f"site/part/my page-figures/00-0-{tone}.svg").read_text()
        assert svg.startswith("<?xml")
    home = (site.root / "site/index.html").read_text()
    assert "weave-output" in home
    assert "title: Titled" not in home
    assert not (site.root / "site/index.ipynb").exists()
    cells = json.loads((site.root / "site/part/my page.ipynb").read_text())["cells"]
    assert "".join(cells[0]["source"]).endswith("[home](https://book.org/index.html)")
    assert "".join(cells[1]["source"]) == "%pip install x"


def test_a_build_with_broken_pages_names_them_all_and_fails(site):
    site.write("docs/a.md", "\n\ntext\n```python\n1 / 0\n```\n")
    site.write("docs/b.md", "```python\nprint(1)\n```\n")
    code, _, err = site.python("-m", "mkdocs", "build", "--strict")
    assert code != 0
    assert "2 fault(s) in the pages" in err
    assert "docs/a.md:3: ZeroDivisionError" in err
    assert "docs/b.md:2: this snippet prints" in err
    assert "Traceback" not in err
    assert not (site.root / "site").exists()


def test_one_page_alone_can_be_built(site):
    site.write("docs/a.md", "```python\n1 / 0\n```\n")
    code, _, err = site.python("-m", "mkdocs", "build", WEAVE_ONLY="docs/index.md")
    assert code == 0, err
    assert "weave-output" in (site.root / "site/index.html").read_text()


class Server:
    """A live preview of a book, and what it shows."""

    def __init__(self, book):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = (book.root / "log.txt").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{self.port}"],
            cwd=book.root,
            env={**os.environ, "PYTHONPATH": str(HOOKS.parents[1])},
            stdout=self.log,
            stderr=self.log,
        )

    def get(self, name="index.html"):
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            address = f"http://127.0.0.1:{self.port}/{name}"
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.read().decode()
        return ""

    def shows(self, words, name="index.html", within=60.0):
        """Whether the page shows these words within some seconds."""
        end = time.monotonic() + within
        while time.monotonic() < end and self.process.poll() is None:
            text = self.get(name)
            if words in re.sub("<[^>]+>", "", text):
                return text
            time.sleep(0.1)
        self.log.seek(0)
        raise AssertionError(f"{words!r} is not shown; the log:\n{self.log.read()}")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


def test_the_preview_follows_edits_shows_faults_and_recovers(site):
    server = Server(site)
    try:
        server.shows("Good")
        site.write("docs/index.md", GOOD.replace("# Good", "# Edited prose"))
        server.shows("Edited prose")
        site.write("docs/index.md", GOOD.replace("print(1)", "x = 1\n1 / 0"))
        page = server.shows("ZeroDivisionError: division by zero")
        assert "index.md, line 9" in page
        assert 'class="admonition failure"' in page
        assert "<h1" in page
        assert server.process.poll() is None
        site.write("docs/index.md", GOOD)
        page = server.shows("Good")
        end = time.monotonic() + 60
        while "ZeroDivisionError" in page and time.monotonic() < end:
            page = server.get()
        assert "ZeroDivisionError" not in page
        assert "weave-output" in page
    finally:
        server.close()


def test_the_preview_starts_with_a_broken_page_and_shows_its_faults(site):
    site.write(
        "docs/index.md", "---\ntitle: Titled\n---\n\n# Bad\n\n```pycon\n>>>1\n```\n\n" + FIGURE
    )
    site.write(
        "docs/part/other.md", "# Other\n\n```python\nimport os; os._exit(1)\n```\n\n```text\n"
    )
    server = Server(site)
    try:
        page = server.shows("lacks blank")
        assert "index.md, line 8" in page
        page = server.shows("ended the page's process", "part/other.html")
        assert "other.md, line 3" in page
        assert "this fence is never closed" in page
        site.write("docs/index.md", GOOD)
        assert "lacks blank" not in server.shows("Good")
    finally:
        server.close()
