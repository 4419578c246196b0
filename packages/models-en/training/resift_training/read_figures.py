"""Writing figures into packages/models-en/README.md between the comment marks of one section."""

import re
import subprocess
import time

from .settings import PACKAGE, REPOSITORY


def provenance() -> str:
    """Date, machine and commit of a measurement."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True).stdout.strip()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return f"{time.strftime('%Y-%m-%d %H:%M')}, {len(names)} cores of {names[0]}, commit {commit or 'none'}"


def write_section(name: str, body: str) -> None:
    """Replaces (or appends) `## Figures: <name>` between `<!-- figures:<name> -->` and `<!-- /figures:<name> -->`."""
    path = PACKAGE / "README.md"
    text = path.read_text() if path.exists() else "# @resift/models-en\n"
    section = f"<!-- figures:{name} -->\n## Figures: {name}\n\n{body.strip()}\n<!-- /figures:{name} -->"
    marks = re.compile(rf"<!-- figures:{name} -->.*?<!-- /figures:{name} -->", re.S)
    path.write_text(marks.sub(lambda _: section, text) if marks.search(text) else f"{text.rstrip()}\n\n{section}\n")


def table(head: list[str], rows: list[list]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join("" if cell is None else str(cell) for cell in line) + " |" for line in lines)
