"""The command line: `python -m weave out/` writes the woven pages for any site builder."""

import argparse
import shutil
import sys
from pathlib import Path

from weave.book import Report, describe, examine
from weave.outputs import rewrite
from weave.run import write_aside


def main(argv: list[str] | None = None) -> int:
    """Run the pages named, or all of them; return 1 if anything is wrong with one."""
    parser = argparse.ArgumentParser(prog="python -m weave", description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, help="the folder for the woven pages")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="the folder of the pages")
    parser.add_argument("--check", nargs="*", type=Path, metavar="PAGE", help="only check pages")
    parser.add_argument(
        "--outputs", nargs="*", type=Path, metavar="PAGE", help="rewrite the pages' output fences"
    )
    args = parser.parse_args(argv)
    if (args.out is not None) + (args.check is not None) + (args.outputs is not None) != 1:
        parser.error("give a folder to write, or --check, or --outputs")
    named = args.check or args.outputs or []
    missing = [str(path) for path in named if not path.is_file()]
    if missing:
        parser.error(f"no such page: {', '.join(missing)}")
    if not named and not args.docs.is_dir():
        parser.error(f"no such folder: {args.docs}")
    if args.out is not None:
        if args.out.exists() and not args.out.is_dir():
            parser.error(f"{args.out} is not a folder")
        if args.out.resolve().is_relative_to(args.docs.resolve()):
            parser.error(f"{args.out} lies in {args.docs}, where the pages themselves are")
    root = Path.cwd()
    reports = examine([path.absolute() for path in named or pages(args.docs)], root)
    if args.outputs is not None:
        reports = renew(reports, root)
    found = [problem for report in reports.values() for problem in report.problems]
    if found:
        print(describe(found, root), file=sys.stderr)  # noqa: T201
        return 1
    if args.out is not None:
        write(args.docs.absolute(), args.out, reports)
    return 0


def pages(docs: Path) -> list[Path]:
    """Every page in a folder."""
    return sorted(path for path in docs.rglob("*.md") if path.is_file())


def renew(reports: dict[Path, Report], root: Path) -> dict[Path, Report]:
    """Rewrite stale outputs, say which pages changed, and judge again."""
    for path, report in reports.items():
        text = rewrite(report.page, report.run)
        if text != report.page.text:
            before = path.read_bytes()
            if b"\r\n" in before:
                text = text.replace("\n", "\r\n")
            mark = "\ufeff" if before.startswith(b"\xef\xbb\xbf") else ""
            write_aside(path.resolve(), mark + text)
            shown = path.relative_to(root) if path.is_relative_to(root) else path
            print(f"weave: rewrote outputs of {shown}")  # noqa: T201
    return examine(reports, root)


def write(docs: Path, out: Path, reports: dict[Path, Report]) -> None:
    """Copy the folder of pages to `out`, the pages woven, their figures beside them."""
    shutil.copytree(docs, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.md"))
    for path, report in reports.items():
        place = out / path.relative_to(docs)
        woven = report.woven()
        for name, text in {place.name: woven.markdown, **woven.files}.items():
            target = place.parent / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
