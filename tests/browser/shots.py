"""Screenshots of pages of the built site, at three widths and in both palettes.

    python tests/browser/shots.py OUT [PAGE ...]      pages by their address in the site
    python tests/browser/shots.py --readme            docs/assets/screenshot.png

The site is NNBOOK_SITE, or `site/`.
"""

import argparse
import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.browser.serve import FLAGS, find_chromium, serve

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = (375, 768, 1440)
LARGEST_README = 300_000


def open_page(browser: Browser, address: str, scheme: str, width: int, height: int) -> Page:
    """A page with its fonts, formulas and pictures in place."""
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page.goto(address, wait_until="load")
    page.evaluate(
        """async () => {
            document.querySelectorAll('img[loading=lazy]').forEach(i => { i.loading = 'eager'; });
            await document.fonts.ready;
            await Promise.all([...document.images].map(i => i.decode().catch(() => 0)));
        }"""
    )
    return page


def readme(browser: Browser, base: str, name: str) -> None:
    """The picture that the README shows."""
    target = ROOT / "docs" / "assets" / "screenshot.png"
    page = open_page(browser, base + name, "light", 1280, 800)
    page.screenshot(path=target)
    size = target.stat().st_size
    if size > LARGEST_README:
        raise SystemExit(
            f"{target} has {size:,} bytes; a README's picture should stay below 300 kB."
        )
    print(f"{target.relative_to(ROOT)}: {size:,} bytes")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--full", action="store_true", help="whole pages, not the first screen")
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS)
    parser.add_argument("out", nargs="?", type=Path, default=Path("shots"))
    parser.add_argument("pages", nargs="*", default=[])
    options = parser.parse_args()
    site = Path(os.environ.get("NNBOOK_SITE", ROOT / "site"))
    if not (site / "index.html").is_file():
        raise SystemExit(f"No site in {site}: build it first, with `make site`.")
    chromium = find_chromium()
    with serve(site) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        if options.readme:
            readme(browser, base, (options.pages or ["index.html"])[0])
            return
        options.out.mkdir(parents=True, exist_ok=True)
        for name in options.pages or ["index.html"]:
            for width in options.widths:
                for scheme in ("light", "dark"):
                    page = open_page(browser, base + name, scheme, width, 900)
                    stem = name.removesuffix(".html").replace("/", "-")
                    page.screenshot(
                        path=options.out / f"{stem}-{width}-{scheme}.png", full_page=options.full
                    )
                    page.close()


if __name__ == "__main__":
    main()
