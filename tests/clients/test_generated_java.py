"""openapi-generator's Java client of openapi.yaml reads all its examples.

Its models are read and written by Jackson, which is in the jar of openapi-generator itself. The
classes that make calls are not compiled: they need Apache's HTTP client for uploads.
"""

import json
import os
import pathlib
import subprocess
import unittest

from document import ROOT, Document, missing

DOCUMENT = Document()
FOLDER = pathlib.Path(os.environ["GENERATED"]) / "java"
ENVIRONMENT = FOLDER.parents[1]


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", **more)


class Models(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        (jar,) = ENVIRONMENT.glob("lib/python*/site-packages/openapi_generator_cli/openapi-generator.jar")
        cls.classes = f"{jar}{os.pathsep}{FOLDER / 'classes'}"
        sources = [*(ROOT / "tests/clients/java").rglob("*.java"), *FOLDER.glob("src/main/java/recourse/*.java")]
        sources += FOLDER.glob("src/main/java/recourse/model/*.java")
        cls.compiled = run(
            "javac", "--release", "11", "-encoding", "UTF-8", "-nowarn", "-proc:none", "-cp", cls.classes,
            "-d", FOLDER / "classes", *sources,
        )

    def test_openapi_generators_models_read_every_example(self):
        self.assertEqual((self.compiled.returncode, self.compiled.stdout), (0, ""), self.compiled.stderr)
        # A form's members are arguments of their call, and no model.
        examples = [
            example
            for operation in DOCUMENT.operations
            for example in operation.requests + operation.answers
            if example.media == "application/json"
        ]
        self.assertGreater(len(examples), 300)
        listed = [{"schema": DOCUMENT.item(example.schema), "value": example.value} for example in examples]
        (FOLDER / "examples.json").write_text(json.dumps(listed))
        ran = run("java", "-cp", self.classes, "Models", env={**os.environ, "EXAMPLES": str(FOLDER / "examples.json")})
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        lines = ran.stdout.splitlines()
        self.assertEqual(len(lines), len(examples))
        for example, line in zip(examples, lines):
            with self.subTest(str(example)):
                self.assertEqual(missing(example.value, json.loads(line)), [])


if __name__ == "__main__":
    unittest.main()
