"""The programs of docs/guides, whole and unchanged, against the local cloud.

`tests/e2e/readme.rs` runs the shell commands of the same pages.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from local_cloud import ROOT, LocalCloud

GUIDES = sorted((ROOT / "docs/guides").glob("*.md"))
# Which of the demo's keys signs for a page.
KEYS = {
    "iimmpact": "iimm_prod_demo", "platform": "platform_demo", "connect": "iimm_prod_demo",
    "arbiter": "fbn_demo", "tutelar": "iimm_prod_demo",
}
PROGRAMS = {"python": (sys.executable, ".py"), "js": ("node", ".cjs")}


def programs(page):
    """The language and the text of each program of a page."""
    return re.findall(r"^```(python|js)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


class Guides(unittest.TestCase):
    def test_every_program_does_what_it_says(self):
        ran = []
        for page in GUIDES:
            found = programs(page)
            if not found:
                continue
            # Each page has the demo's data to itself.
            cloud = LocalCloud()
            try:
                key = cloud.keys[KEYS[page.stem]]
                environment = {
                    **os.environ, "RECOURSE_URL": cloud.url, "RECOURSE_KEY": key.id, "RECOURSE_SECRET": key.secret,
                    "NO_PROXY": "127.0.0.1",
                }
                for language, text in found:
                    with self.subTest(page=page.name, language=language), tempfile.TemporaryDirectory() as folder:
                        program, suffix = PROGRAMS[language]
                        path = pathlib.Path(folder) / f"guide{suffix}"
                        path.write_text(text)
                        done = subprocess.run(
                            [program, path], env=environment, cwd=folder, capture_output=True, text=True, timeout=60,
                        )
                        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                        ran.append((page.stem, language))
            finally:
                cloud.stop()
        expected = [(name, language) for name in KEYS for language in ("python", "js")]
        self.assertEqual(sorted(ran), sorted(set(expected) - {("platform", "js")}))


if __name__ == "__main__":
    unittest.main()
