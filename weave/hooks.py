"""The MkDocs adapter: runs the pages before they are rendered. Nothing else here knows MkDocs.

Options stand in mkdocs.yml under `extra.weave`: `notebooks` (a glob of pages that readers can
download as notebooks), `notebook_setup` (their first cell), `labs` (a glob of pages whose two
notebooks lie beside them, see tools/labs.py), `colab` (the address at which Colab
finds them, ending where the page's path begins).
"""

import fnmatch
import functools
import os
import re
import sys
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils.meta import get_data

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the engine need not be installed

from weave.book import Report, describe, examine
from weave.markdown import FigureExtension
from weave.notebook import notebook
from weave.snippets import parse

_reports: dict[str, Report] = {}
_serving = False


def on_startup(*, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:  # noqa: ARG001
    """Remember whether this is the live preview, which shows faults instead of stopping."""
    global _serving
    _serving = command == "serve"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add the extension that makes figures of woven images."""
    config.markdown_extensions.append(FigureExtension())  # type: ignore[arg-type]
    return config


@event_priority(100)
def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Run the pages; add their figures and notebooks to the site; stop if anything is wrong."""
    root = Path(config.config_file_path).resolve().parent
    sources = {
        f.src_uri: Path(f.abs_src_path) for f in files.documentation_pages() if f.abs_src_path
    }
    only = os.environ.get("WEAVE_ONLY")  # `make page` runs one chapter
    chosen = {u: p for u, p in sources.items() if not only or p == (root / only).resolve()}
    reports = examine(chosen.values(), root)
    _reports.clear()
    _reports.update({uri: reports[path] for uri, path in chosen.items()})
    found = [problem for report in _reports.values() for problem in report.problems]
    if found:
        message = f"{len(found)} fault(s) in the pages:\n\n{describe(found, root)}"
        if not _serving:
            raise PluginError(message)
        print(f"\nweave: {message}\n", file=sys.stderr)  # noqa: T201
    for uri, report in _reports.items():
        folder = uri.rpartition("/")[0]
        for name, content in report.woven().files.items():
            place = f"{folder}/{name}".lstrip("/")
            files.append(File.generated(config, place, content=content))
    for uri, path in sources.items():
        if has_notebook(uri, config):
            files.append(
                File.generated(config, notebook_uri(uri), content=as_notebook(path, uri, config))
            )
    return files


@event_priority(100)
def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Hand MkDocs the woven text, with the links to the page's notebook below its title."""
    uri = page.file.src_uri
    if uri in _reports:
        markdown, _ = get_data(_reports[uri].woven(show_problems=_serving).markdown)
    if has_notebook(uri, config) or is_lab(uri, config):
        markdown = re.sub(
            r"^# .*$",
            lambda m: f"{m[0]}\n\n{links(uri, config)}",
            markdown,
            count=1,
            flags=re.MULTILINE,
        )
    return markdown


def options(config: MkDocsConfig) -> dict[str, Any]:
    """Our part of mkdocs.yml."""
    return dict(config.extra.get("weave", {}))


def has_notebook(uri: str, config: MkDocsConfig) -> bool:
    """Whether readers can download this page as a notebook."""
    return fnmatch.fnmatch(uri, options(config).get("notebooks", ""))


def is_lab(uri: str, config: MkDocsConfig) -> bool:
    """Whether this page's two notebooks lie beside it: one with blanks, one with solutions."""
    return fnmatch.fnmatch(uri, options(config).get("labs", ""))


def notebook_uri(uri: str) -> str:
    """Where a page's notebook lies in the site."""
    return uri.removesuffix(".md") + ".ipynb"


def as_notebook(path: Path, uri: str, config: MkDocsConfig) -> str:
    """A page's notebook, its links leading to the published site."""
    folder = uri.rpartition("/")[0]
    base = f"{(config.site_url or '').rstrip('/')}/{folder}/" if config.site_url else ""
    setup = str(options(config).get("notebook_setup", "")).strip()
    return _notebook(path, path.read_text(encoding="utf-8"), setup, base)


@functools.lru_cache(maxsize=256)  # the live preview asks for all of them after each edit
def _notebook(path: Path, text: str, setup: str, base_url: str) -> str:
    return notebook(parse(path, text), setup=setup, base_url=base_url)


def links(uri: str, config: MkDocsConfig) -> str:
    """The line below a chapter's title: its notebook, to keep or to open in Colab."""
    name = notebook_uri(uri).rpartition("/")[2]
    line = f'[Download as notebook]({quote(name)}){{ download="{name}" }}'
    if is_lab(uri, config):
        solved = name.removesuffix(".ipynb") + "-solved.ipynb"
        line += f' [with solutions]({quote(solved)}){{ download="{solved}" }}'
    if colab := options(config).get("colab"):
        line += f" [Open in Colab]({colab}{quote(notebook_uri(uri))})"
    return f"{line}\n{{: .weave-links }}"
