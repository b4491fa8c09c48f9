"""The pages under docs show what really happens: their examples run as doctests."""

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("examples/*/*.md")]


@pytest.mark.parametrize("page", ["uneval.md", "async.md", "temporal.md"])
def test_the_examples_of_a_page_run(page):
    failed, tried = doctest.testfile(str(DOCS / page), module_relative=False)
    assert tried > 2
    assert failed == 0


def anchors(page):
    """What each heading of a page can be linked by, as GitHub makes it."""
    headings = re.findall(r"^#+ (.*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page):
    for link in re.findall(r"\]\(([\w./#-]+)\)", page.read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_calls_of_the_command_line_page_print_what_it_shows():
    [block] = re.findall(r"```console\n(.*?)```", (DOCS / "command-line.md").read_text(), re.DOTALL)
    calls = [call.partition("\n") for call in block.split("$ ")[1:]]
    assert len(calls) == 2
    for command, _, expected in calls:
        command = command.replace("python", shlex.quote(sys.executable), 1)
        done = subprocess.run(command, shell=True, cwd=DOCS.parent, capture_output=True, text=True, check=False)
        assert done.stdout + done.stderr == expected
