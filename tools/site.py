"""A MkDocs hook: what the site needs besides the woven pages.

It copies KaTeX and the fonts from node_modules into the site, with their licences; gives the first
use of each glossary term on a page a tooltip; and takes out of Material's pages what would ask
another host for something.
"""

import functools
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, Tag

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
NODE_MODULES = ROOT / "node_modules"
VENDOR = "assets/vendor"

FONTS = {
    "inter": ("wght.css",),
    "jetbrains-mono": ("wght.css", "wght-italic.css"),
    "source-serif-4": ("wght.css", "wght-italic.css"),
}
SUBSETS = ("latin", "latin-ext", "greek")

GLOSSARY = "glossary.md"
# A tooltip inside one of these would nest controls, break code or formulas, or be invisible.
NO_TOOLTIPS = (
    "a, abbr, button, code, dfn, details, h1, h2, h3, h4, h5, h6, kbd, label, pre, script, style,"
    " summary, svg, .admonition-title, .arithmatex, .md-button, .nn-cards, .nn-hero, .tabbed-set,"
    " .weave-links, .weave-output"
)
LONGEST_TOOLTIP = 240
TEX_SYMBOLS = {
    "cdot": "·", "times": "×", "to": "→", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠",
    "neq": "≠", "in": "∈", "sum": "Σ", "prod": "Π", "partial": "∂", "nabla": "∇", "infty": "∞",
    "approx": "≈", "pm": "±", "ldots": "…", "dots": "…", "top": "ᵀ", "mid": "|", "odot": "⊙",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "Delta": "Δ", "epsilon": "ε",
    "varepsilon": "ε", "eta": "η", "theta": "θ", "lambda": "λ", "mu": "μ", "nu": "ν", "pi": "π",
    "rho": "ρ", "sigma": "σ", "Sigma": "Σ", "tau": "τ", "phi": "φ", "varphi": "φ", "psi": "ψ",
    "omega": "ω",
}  # fmt: skip


class SiteError(Exception):
    """The site cannot be built; the message says what to do."""


# Front-end files of others


def copy_vendor(site: Path, node_modules: Path = NODE_MODULES) -> None:
    """Copy KaTeX, the fonts and the search's helper into a built site, with their licences."""
    if not (node_modules / "katex").is_dir():
        raise SiteError(
            f"No KaTeX in {node_modules}: run `npm ci --ignore-scripts` (or any `make` target)"
            " once, then build again."
        )
    vendor = site / VENDOR
    shutil.rmtree(vendor, ignore_errors=True)
    copy_katex(node_modules / "katex", vendor / "katex")
    copy_fonts(node_modules / "@fontsource-variable", vendor / "fonts")
    worker = node_modules / "iframe-worker"
    copy(worker / "shim" / "index.js", vendor / "iframe-worker" / "iframe-worker.js")
    copy(worker / "LICENSE", vendor / "iframe-worker" / "LICENSE.txt")


def copy(source: Path, target: Path) -> None:
    """Copy one file, making the folders that it needs."""
    if not source.is_file():
        raise SiteError(
            f"{source.name} is missing in {source.parent}: run `npm ci --ignore-scripts` again;"
            " if that does not bring it, package.json pins a version that tools/site.py"
            " does not know."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def copy_katex(package: Path, target: Path) -> None:
    """Copy KaTeX with its WOFF2 fonts alone, which every browser of today reads."""
    copy(package / "dist" / "katex.min.js", target / "katex.min.js")
    copy(package / "dist" / "contrib" / "auto-render.min.js", target / "auto-render.min.js")
    copy(package / "dist" / "katex.min.css", target / "katex.min.css")
    copy(package / "LICENSE", target / "LICENSE.txt")
    style = target / "katex.min.css"
    text = re.sub(
        r',\s*url\([^)]*\.(?:woff|ttf)\)\s*format\("[^"]*"\)', "", style.read_text("utf-8")
    )
    style.write_text(text, "utf-8")
    for name in set(re.findall(r"url\(fonts/([^)]+)\)", text)):
        copy(package / "dist" / "fonts" / name, target / "fonts" / name)


def copy_fonts(packages: Path, target: Path) -> None:
    """Copy the wanted subsets of the fonts, and write one style sheet that declares them."""
    faces = []
    for family, sheets in FONTS.items():
        copy(packages / family / "LICENSE", target / f"{family}-LICENSE.txt")
        for sheet in sheets:
            path = packages / family / sheet
            if not path.is_file():
                raise SiteError(f"{sheet} is missing in {path.parent}: run `npm ci` again.")
            for face in font_faces(path.read_text("utf-8")):
                name = face.partition("url(./files/")[2].partition(")")[0]
                copy(packages / family / "files" / name, target / name)
                faces.append(face.replace("./files/", ""))
    (target / "fonts.css").write_text("\n".join(faces) + "\n", "utf-8")


def font_faces(sheet: str) -> list[str]:
    """The rules of a fontsource style sheet that declare one of our subsets."""
    wanted = "|".join(SUBSETS)
    pattern = rf"@font-face\s*{{[^}}]*-(?:{wanted})-wght-(?:normal|italic)\.woff2\)[^}}]*}}"
    return re.findall(pattern, sheet)


# The glossary


@dataclass(frozen=True)
class Term:
    """An entry of the glossary: its names, and one sentence of plain text."""

    names: tuple[str, ...]
    definition: str


def read_glossary(markdown: str) -> list[Term]:
    """The entries of a Markdown definition list.

    A term stands on its own line, its definition below after `:   `; other names of the term may
    follow in a comment: `<!-- also: perceptrons, Rosenblatt's perceptron -->`.
    """
    terms: list[Term] = []
    lines = markdown.splitlines()
    for i, line in enumerate(lines):
        if not re.match(r":\s+\S", line) or i == 0 or not lines[i - 1].strip():
            continue
        if re.match(r":\s", lines[i - 1]):  # a second definition of the same term
            continue
        end = i + 1
        while end < len(lines) and (
            lines[end].startswith("    ") or lines[end].lstrip().startswith("<!--")
        ):
            end += 1
        while end < len(lines) and not lines[end].strip():
            end += 1
        if end < len(lines) and lines[end].lstrip().startswith("<!-- also:"):
            end += 1
        entry = "\n".join([lines[i - 1], line[1:], *lines[i + 1 : end]])
        names = [plain(re.sub(r"<!--.*?-->|\{.*?\}", "", lines[i - 1]))]
        for also in re.findall(r"<!--\s*also:(.*?)-->", entry, flags=re.DOTALL):
            names += [" ".join(name.split()) for name in also.split(",")]
        body = entry.partition("\n")[2]
        terms.append(Term(tuple(n for n in names if n), first_sentence(plain(body))))
    return terms


def plain(markdown: str) -> str:
    """Markdown as the plain text that a tooltip can show."""
    text = re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL)
    text = re.sub(r"\$+(.+?)\$+", lambda m: plain_tex(m[1]), text, flags=re.DOTALL)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)(?:\{[^}]*\})?", r"\1", text)
    text = re.sub(r"\[([^\]]*)\]\[[^\]]*\]", r"\1", text)
    text = re.sub(r"(\*\*|\*|`)(\S(?:.*?\S)?)\1", r"\2", text, flags=re.DOTALL)
    return " ".join(text.split())


def plain_tex(tex: str) -> str:
    """A short formula as text; what text cannot say is left as it stands."""
    tex = re.sub(r"\\(?:mathbf|mathrm|mathcal|mathbb|text|operatorname|hat|bar)\s*", "", tex)
    tex = re.sub(r"\\([A-Za-z]+)", lambda m: TEX_SYMBOLS.get(m[1], m[1]), tex)
    return re.sub(r"[{}]|\\[,;! ]?", "", tex)


def first_sentence(text: str) -> str:
    """The first sentence of a definition, cut at a word if it is very long."""
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text, maxsplit=1)[0]
    if len(sentence) <= LONGEST_TOOLTIP:
        return sentence
    return sentence[:LONGEST_TOOLTIP].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def term_pattern(terms: list[Term]) -> tuple[re.Pattern[str] | None, dict[str, Term]]:
    """A pattern that finds any name of any term, longest first, and the term of each name."""
    owners: dict[str, Term] = {}
    for term in terms:
        for name in term.names:
            owners.setdefault(key(name), term)
    if not owners:
        return None, owners
    names = sorted({name for term in terms for name in term.names}, key=len, reverse=True)
    parts = []
    for name in names:
        words = r"\s+".join(re.escape(word) for word in name.split())
        # "GAN" must not match "gan"; "Perceptron" and "perceptron" are one.
        parts.append(words if is_acronym(name) else f"(?i:{words})")
    joined = "|".join(parts)
    return re.compile(rf"(?<![\w-])(?:{joined})(?![\w-]|\.\w)"), owners


def key(name: str) -> str:
    """What two spellings of one name share."""
    name = " ".join(name.split())
    return name if is_acronym(name) else name.lower()


def is_acronym(name: str) -> bool:
    """Whether the capitals of a name matter."""
    return sum(c.isupper() for c in name) > 1


def add_tooltips(content: str, terms: list[Term]) -> str:
    """Mark the first use of each term in a page's HTML with its definition."""
    pattern, owners = term_pattern(terms)
    if pattern is None or not pattern.search(content):
        return content
    soup = BeautifulSoup(content, "html.parser")
    barred = {id(tag) for tag in soup.select(NO_TOOLTIPS)}
    seen: set[Term] = set()
    for text in list(soup.find_all(string=True)):
        if type(text) is not NavigableString or isinstance(text, Comment):
            continue
        if any(id(parent) in barred for parent in text.parents):
            continue
        mark(soup, text, pattern, owners, seen)
    return soup.decode(formatter="minimal") if seen else content


def mark(
    soup: BeautifulSoup,
    text: NavigableString,
    pattern: re.Pattern[str],
    owners: dict[str, Term],
    seen: set[Term],
) -> None:
    """Put tooltips into one piece of text."""
    pieces: list[NavigableString | Tag] = []
    done = 0
    for match in pattern.finditer(text):
        term = owners[key(match[0])] if key(match[0]) in owners else owners[match[0].lower()]
        if term in seen:
            continue
        seen.add(term)
        tag = soup.new_tag("abbr", attrs={"class": "nn-term", "tabindex": "0"})
        tag["title"] = term.definition
        tag.string = match[0]
        pieces += [NavigableString(text[done : match.start()]), tag]
        done = match.end()
    if pieces:
        text.replace_with(*pieces, NavigableString(text[done:]))


# What Material's pages lack


def mend_page(page: str) -> str:
    """Take requests to other hosts out of a page of Material's, and name what has no name.

    The "source" component would ask GitHub's API for the number of stars.
    """
    page = page.replace(' data-md-component="source"', "")
    page = re.sub(r'\s*<meta name="generator"[^>]*>', "", page)
    return page.replace(
        'data-md-component="search" role="dialog"',
        'data-md-component="search" role="dialog" aria-label="Search"',
    )


# The hook's events

_terms: list[Term] = []


def on_files(files: "Files", *, config: "MkDocsConfig") -> "Files":  # noqa: ARG001
    """Read the glossary once for all pages."""
    file = files.get_file_from_path(GLOSSARY)
    _terms[:] = read_glossary(file.content_string) if file else []
    return files


@functools.lru_cache(maxsize=256)  # the live preview renders all pages again after each edit
def with_tooltips(content: str, terms: tuple[Term, ...]) -> str:
    """`add_tooltips`, remembered."""
    return add_tooltips(content, list(terms))


def on_page_content(content: str, *, page: "Page", config: "MkDocsConfig", files: "Files") -> str:  # noqa: ARG001
    """Add the glossary's tooltips; not to reference pages, in which one looks things up."""
    if page.file.src_uri == GLOSSARY or page.file.src_uri.startswith("api/"):
        return content
    return with_tooltips(content, tuple(_terms))


def on_post_page(output: str, *, page: "Page", config: "MkDocsConfig") -> str:  # noqa: ARG001
    """Mend the page that the theme wrote."""
    return mend_page(output)


def on_post_template(output_content: str, *, template_name: str, config: "MkDocsConfig") -> str:  # noqa: ARG001
    """Mend 404.html, which is a template and not a page."""
    return mend_page(output_content) if template_name.endswith(".html") else output_content


def on_post_build(*, config: "MkDocsConfig") -> None:
    """Copy the files of others into the site."""
    copy_vendor(Path(config.site_dir))
