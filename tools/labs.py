"""Write the labs' notebooks: for docs/labs/NAME.md the student's, NAME.ipynb, and a solved one.

They are kept in the repository, without outputs, so that one can open them where they lie.
`make notebooks` calls this; a test holds that nobody forgot to.
"""

from pathlib import Path

from weave.notebook import notebook
from weave.snippets import parse

ROOT = Path(__file__).resolve().parents[1]
LABS = ROOT / "docs" / "labs"
SETUP = (ROOT / "tools" / "lab_setup.py").read_text(encoding="utf-8").rstrip()
SITE = "https://nnbook.github.io/nnbook/labs/"


def notebooks(path: Path) -> dict[Path, str]:
    """The text of a lab's two notebooks, by path."""
    page = parse(path)
    return {
        path.with_suffix(".ipynb"): notebook(page, setup=SETUP, base_url=SITE, form="student"),
        path.with_name(f"{path.stem}-solved.ipynb"): notebook(
            page, setup=SETUP, base_url=SITE, form="solved"
        ),
    }


def main() -> None:
    """Write those that are not as they should be."""
    for lab in sorted(LABS.glob("*.md")):
        for path, text in notebooks(lab).items():
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8", newline="\n")
                print(f"labs: wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
