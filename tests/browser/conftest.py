"""One built site, one server, one browser for all tests of this folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Error, sync_playwright

from tests.browser.serve import FLAGS, find_chromium, serve

ROOT = Path(__file__).parents[2]
NO_CHROMIUM = (
    "no Chromium: install one ('apt-get install chromium', or 'python -m playwright install"
    " chromium' in .venv), or name it in the environment variable CHROMIUM"
)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The built site: the one NNBOOK_SITE names, or one built now, strictly."""
    if named := os.environ.get("NNBOOK_SITE"):
        path = ROOT / named
        assert (path / "index.html").is_file(), f"NNBOOK_SITE is {named}; there is no site there"
        return path
    path = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(path)]
    subprocess.run(build, cwd=ROOT, check=True)
    return path


@pytest.fixture(scope="session")
def base(site):
    with serve(site) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        except Error as error:
            if os.environ.get("CI"):
                pytest.fail(f"{NO_CHROMIUM}\n{error}")
            pytest.skip(NO_CHROMIUM)
        yield chromium
        chromium.close()


class Visit:
    """A tab that keeps a record of what a page asks for and complains about."""

    def __init__(self, context, base):
        self.page, self.base = context.new_page(), base
        self.complaints, self.hosts = [], set()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("requestfailed", lambda r: self.complaints.append(f"failed: {r.url}"))
        self.page.on("request", lambda request: self.hosts.add(request.url))

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def open(self, name):
        """Load a page whole: fonts, formulas, pictures."""
        self.page.goto(self.base + name, wait_until="load")
        self.page.evaluate(
            """async () => {
                document.querySelectorAll('img[loading=lazy]').forEach(i => i.loading = 'eager');
                await document.fonts.ready;
                await Promise.all([...document.images].map(i => i.decode().catch(() => 0)));
            }"""
        )
        return self.page

    @property
    def strangers(self):
        """Requests that left this site."""
        local = (self.base, "data:", "blob:")
        return sorted(url for url in self.hosts if not url.startswith(local))


@pytest.fixture
def visit(browser, base):
    """A function that gives a fresh tab: visit(scheme="light", width=1440)."""
    contexts = []

    def new(scheme="light", width=1440, **options):
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 900}, **options
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return Visit(context, base)

    yield new
    for context in contexts:
        context.close()
