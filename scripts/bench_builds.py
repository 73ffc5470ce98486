"""Measures what a developer waits for, at HEAD and at an earlier commit: `make bench BUILDS=1`.

    bench_builds.py BASE FILE

Each commit is unpacked into a folder of its own, with a target folder of its own, so what counts is
what is committed. First each is built from nothing, as its `make run` builds it: the processor
seconds, user and system, of all that the build starts. Crates are downloaded before. Then one
endpoint is edited and one of its end-to-end tests is run, by turns: seconds of the clock. The first
edit of each side builds the tests besides, and does not count.

FILE gets a JSON object: by the name of each figure the seconds of HEAD, and those of the base. What
the builds say goes to standard error.
"""

import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILDS = ROOT / "target/bench/builds"
# The names of the rows in tests/bench/src/rows.rs.
COLD = "clean clone to make run ready: processor seconds"
EDIT = "edit one endpoint, run one of its e2e tests"
ENDPOINT = "functions/iimmpact/src/bin/iimmpact-report.rs"
TEST = "report::a_report_opens_one_whole_case"
EDITS = 3

# What the calling make and the developer have set would change what is built, or where. No compiler
# cache may answer, and the commit that goes into /health is of neither side.
LEFT_OUT = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
ENVIRONMENT |= {"GIT_CEILING_DIRECTORIES": str(BUILDS), "RECOURSE_COMMIT": "", "RUSTC_WRAPPER": ""}


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def fail(text):
    sys.exit(f"scripts/bench_builds.py: {text}")


def run(command, folder):
    """Runs a line of shell, and returns what it prints. What cargo builds is on standard error."""
    done = subprocess.run(["sh", "-ec", command], cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        fail(f"{command}: status {done.returncode}, in {folder}\n{done.stdout}")
    return done.stdout


def processor_seconds():
    """What all processes have used that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Side:
    """A commit in a folder of its own, without anything built."""

    def __init__(self, name, commit):
        self.name, self.tree = name, BUILDS / name
        self.tree.mkdir(parents=True)
        run(f"git archive {commit} | tar -x -C {shlex.quote(str(self.tree))}", ROOT)
        makefile = (self.tree / "Makefile").read_text()
        lines = run("make --no-print-directory --dry-run run", self.tree).splitlines()
        self.build = next((line for line in lines if line.startswith("cargo build ")), None)
        if self.build is None:
            fail(f"make run of {name} begins with no line of cargo build")
        # An earlier commit may have no command for one test. It then builds what the tests start,
        # and runs those of a name, as the recipes of its Makefile do.
        by_name = f"{self.build} && cargo test --locked --workspace --test e2e -- {TEST}"
        self.test = f"make test T={TEST}" if "ifdef T" in makefile else by_name
        self.endpoint = (self.tree / ENDPOINT).read_text()

    def cold(self):
        """Processor seconds of a first build."""
        say(f"{self.name}, a first build: {self.build}")
        run("cargo fetch --locked", self.tree)
        before = processor_seconds()
        run(self.build, self.tree)
        return processor_seconds() - before

    def edited(self, number):
        """Seconds from an edit to the end of a test."""
        which = f"edit {number} of {EDITS}" if number > 0 else "an edit to warm up"
        say(f"{self.name}, {which}: {self.test}")
        # The compiler has to write it into the binary, as it has a changed line.
        text = f"{self.endpoint}\n#[used]\nstatic EDIT: u32 = {number};\n"
        started = time.monotonic()
        (self.tree / ENDPOINT).write_text(text)
        printed = run(self.test, self.tree)
        took = time.monotonic() - started
        if not re.search(r"\b1 passed", printed):
            fail(f"{self.name}: {self.test}: must run one test\n{printed}")
        return took


def main():
    if len(sys.argv) != 3:
        fail("name the earlier commit and the file to write")
    base = run(f"git rev-parse --verify {shlex.quote(sys.argv[1])}^{{commit}}", ROOT).strip()
    file = Path(sys.argv[2]).absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(BUILDS, ignore_errors=True)
    sides = [Side("now", "HEAD"), Side("base", base)]
    seconds = {COLD: [[side.cold()] for side in sides], EDIT: [[], []]}
    for number in range(EDITS + 1):
        for side, found in zip(sides, seconds[EDIT]):
            took = side.edited(number)
            if number > 0:
                found.append(took)
    file.write_text(json.dumps(seconds, indent=2) + "\n")
    say(f"written: {file}")
    # Two target folders, of some gigabytes each.
    shutil.rmtree(BUILDS)


if __name__ == "__main__":
    main()
