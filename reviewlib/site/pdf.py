"""Print the built pages with the browser, one PDF a page and one of everything, into `_pdf`.

Needs Chromium or Chrome; without it nothing is printed and the reason is told. One PDF of everything needs the Python
package pypdf or the program pdfunite.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..files import write
from .project import Project, SiteError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SECONDS = 120  # a page


def print_site(project: Project, *, say: Any = print) -> list[Path]:
    """Print every page of the built site and return the PDFs, that of everything last; none without a browser.

    Raises
    ------
    SiteError
        The site was not built, or the browser did not print a page.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        say(f"Nothing was printed: none of {', '.join(BROWSERS)} is on the PATH")
        return []
    names = dict.fromkeys(project.page_name(notebook) for notebook in project.notebooks())
    pages = [project.site / name for name in names]
    if absent := [page.name for page in pages if not page.exists()]:
        raise SiteError(f"{', '.join(absent)} not built yet: run `reviewlib render --no-execute`")
    folder = project.root / "_pdf"
    folder.mkdir(exist_ok=True)
    made = []
    for page in pages:
        made.append(_print(browser, page, folder / f"{page.stem}.pdf"))
        say(f"{made[-1].name}: {made[-1].stat().st_size / 1000:.0f} kB")
    return [*made, *_join(made, folder / "everything.pdf", say)]


def _print(browser, page, target) -> Path:
    with tempfile.TemporaryDirectory() as profile:
        # No sandbox: the pages are our own, and a container has none to offer.
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command += [f"--user-data-dir={profile}", f"--print-to-pdf={profile}/{target.name}", page.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise SiteError(f"{page.name}: the browser did not print within {SECONDS} seconds") from None
        try:
            printed = Path(profile, target.name).read_bytes()
        except OSError:
            last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise SiteError(f"{page.name}: the browser did not print it: {last}") from None
    write(target, printed, durable=False)
    return target


def _join(made, target, say) -> list[Path]:
    """Join the PDFs with a bookmark a page; what cannot be joined stays as it is, with the reason."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, target.name)
        try:
            from pypdf import PdfWriter
        except ImportError:
            if not (program := shutil.which("pdfunite")):
                say("No PDF of everything: neither the Python package pypdf nor the program pdfunite is here")
                return []
            subprocess.run([program, *map(str, made), str(whole)], check=True, capture_output=True)
        else:
            with PdfWriter() as writer:
                for part in made:
                    writer.append(part, outline_item=part.stem)
                writer.write(whole)
        write(target, whole.read_bytes(), durable=False)
    say(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")
    return [target]


def main() -> int:
    """Print the site of the project around the working folder."""
    try:
        print_site(Project.find())
    except SiteError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
