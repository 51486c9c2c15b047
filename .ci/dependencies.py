"""What the pinned dependencies are: their licences, held against those that are allowed, and a bill of materials.

``python .ci/dependencies.py licences`` lists and checks, with ``--write`` it brings licences.csv in step with the
lock; ``python .ci/dependencies.py sbom`` prints CycloneDX JSON. A test runs both, without a network.
``python .ci/dependencies.py audit`` asks pip-audit for known weaknesses, and is skipped where it cannot reach its data.
"""

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
import uuid
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = Path(__file__).with_name("licences.csv")
# Licences under which a package may be used here: those that ask nothing of the code or the pages made with it.
ALLOWED = {
    "0BSD", "Apache-2.0", "Artistic-1.0-Perl", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0",
    "MIT-CMU", "MPL-2.0", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib", "LicenseRef-Public-Domain",
}  # fmt: skip
# Where metadata says it in other words than SPDX does.
_SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Artistic License": "Artistic-1.0-Perl",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "2-clause BSD": "BSD-2-Clause",
    "GNU General Public License (GPL)": "GPL",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Public Domain": "LicenseRef-Public-Domain",
    "Python Software Foundation License": "PSF-2.0",
}


def locked() -> dict[str, dict]:
    """Return version, marker and hashes of every package of the lock, by its name; a package may be there twice."""
    found, text = {}, (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for block in re.findall(r"^\S.*(?:\n +.*)*", text, re.MULTILINE):
        name, version, marker = re.match(r"([\w.-]+)==([\w.+!]+)(?: ; ([^\\]+))?", block).groups()
        found[f"{name} {version}"] = {
            "name": name,
            "version": version,
            "marker": (marker or "").strip(),
            "sha256": sorted(re.findall(r"sha256:([0-9a-f]{64})", block)),
        }
    return found


def declared(name: str) -> str | None:
    """Return what the metadata of an installed package says of its licence, None for one that is not installed."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    if spdx := about.get("License-Expression"):
        return spdx
    trove = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License :: ")]
    trove = [line for line in trove if line != "OSI Approved"]
    return " / ".join(trove) or (about.get("License") or "").split("\n")[0][:60]


def guessed(said: str) -> str:
    """Return an SPDX expression for what metadata says; several classifiers are taken as a choice."""
    return " OR ".join(_SPDX.get(part, part) for part in said.split(" / "))


def allowed(expression: str) -> bool:
    """Return whether every part of an SPDX expression is allowed; of alternatives, one is enough."""
    return all(
        any(choice.strip(" ()").split(" WITH ")[0] in ALLOWED for choice in part.split(" OR "))
        for part in re.split(r" AND (?![^()]*\))", expression)
    )


def rows() -> dict[str, dict]:
    """Return licences.csv by package: the licence as an SPDX expression, what metadata says, and a reason if needed."""
    with TABLE.open(newline="", encoding="utf-8") as handle:
        return {row["package"]: row for row in csv.DictReader(handle)}


def faults() -> list[str]:
    """Return what is wrong with the licences: a package without a row, a row out of step, a licence not allowed."""
    listed, names = rows(), {pin["name"] for pin in locked().values()}
    said = [f"{name} is pinned but has no row: {TABLE.name}" for name in sorted(names - set(listed))]
    said += [f"{name} has a row but is not pinned: {TABLE.name}" for name in sorted(set(listed) - names)]
    for name, row in listed.items():
        now = declared(name)
        if now is not None and now != row["declared"] and row["declared"]:  # empty: for another system, or not said
            said.append(f"{name} now declares {now!r}, the table says {row['declared']!r}: look again")
        if not allowed(row["licence"]) and not row["why_allowed"]:
            said.append(f"{name} is under {row['licence']}, which is not allowed: leave it out")
    return said


def write() -> None:
    """Bring licences.csv in step with the lock; what was written by hand stays unless the metadata changed."""
    before = rows() if TABLE.exists() else {}
    with TABLE.open("w", newline="", encoding="utf-8") as handle:
        table = csv.writer(handle, lineterminator="\n")
        table.writerow(["package", "licence", "declared", "why_allowed"])
        for name in sorted({pin["name"] for pin in locked().values()}):
            old, now = before.get(name), declared(name)
            if old and now in (None, old["declared"]):
                table.writerow(old.values())
            else:
                table.writerow([name, guessed(now or ""), now or "", ""])


def sbom() -> dict:
    """Return a software bill of materials of the lock in the form of CycloneDX 1.6."""
    from reviewlib import __version__

    listed = rows()
    components = [
        {
            "type": "library",
            "bom-ref": f"pkg:pypi/{pin['name']}@{pin['version']}",
            "name": pin["name"],
            "version": pin["version"],
            "purl": f"pkg:pypi/{pin['name']}@{pin['version']}",
            "licenses": [{"expression": listed[pin["name"]]["licence"]}],
            "hashes": [{"alg": "SHA-256", "content": digest} for digest in pin["sha256"]],
            **({"properties": [{"name": "reviewlib:marker", "value": pin["marker"]}]} if pin["marker"] else {}),
        }
        for pin in locked().values()
    ]
    # The same lock gives the same number, so that two bills can be compared byte by byte.
    number = uuid.UUID(hashlib.sha256((ROOT / "requirements.lock").read_bytes()).hexdigest()[:32], version=4)
    root = f"pkg:pypi/reviewlib@{__version__}"
    own = {"type": "library", "bom-ref": root, "name": "reviewlib", "version": __version__, "purl": root,
           "licenses": [{"expression": "BSD-3-Clause"}]}  # fmt: skip
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        "metadata": {"component": own},
        "components": components,
        "dependencies": [{"ref": root, "dependsOn": [part["bom-ref"] for part in components]}],
    }


def audit() -> int:
    """Print the known weaknesses of the pinned versions; without an answer nothing is claimed and nothing fails."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    command = [uv, "tool", "run", "--quiet", "pip-audit", "--requirement", str(ROOT / "requirements.lock"),
               "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        found = json.loads(done.stdout)["dependencies"]
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired):
        print("Skipped: pip-audit or its data cannot be reached from here, so nothing is known of weaknesses")
        return 0
    if all("skip_reason" in one for one in found):
        print("Skipped: pip-audit runs, but its data cannot be reached from here, so nothing is known of weaknesses")
        return 0
    weak = [(one["name"], one["version"], flaw) for one in found for flaw in one.get("vulns", ())]
    for name, version, flaw in weak:
        print(f"{name} {version}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or 'no version yet'}")
    skipped = sum("skip_reason" in one for one in found)
    left_out = f" ({skipped} could not be looked up)" if skipped else ""
    print(f"{len(found) - skipped} packages looked up{left_out}, {len(weak)} known weaknesses")
    return 1 if weak else 0


def main(words) -> int:
    """Run one of the three commands."""
    if words == ["audit"]:
        return audit()
    if words == ["sbom"]:
        print(json.dumps(sbom(), indent=1))
        return 0
    if words == ["licences", "--write"]:
        write()
    elif words != ["licences"]:
        print(__doc__, file=sys.stderr)
        return 2
    else:
        for name, row in rows().items():
            print(f"{name:34} {row['licence']}" + (f"  ({row['why_allowed']})" if row["why_allowed"] else ""))
    wrong = faults()
    print("\n".join(wrong) or f"{len(rows())} packages, every licence allowed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
