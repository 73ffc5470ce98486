"""TypeScript clients generated from openapi.yaml read all its examples and call Recourse."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

from document import ROOT, Document, missing
from local_cloud import LocalCloud, chargeback

DOCUMENT = Document()
FOLDER = pathlib.Path(os.environ["GENERATED"]) / "typescript"
EXAMPLES = [example for operation in DOCUMENT.operations for example in operation.requests + operation.answers]


def types(example):
    """The name that openapi-typescript and hey-api give the type of an example's body."""
    operation, media = example.operation, json.dumps(example.media)
    call = f'paths["{operation.path}"]["{operation.method}"]'
    name = operation.id[0].upper() + operation.id[1:]
    if example.status is None:
        return f'NonNullable<{call}["requestBody"]>["content"][{media}]', f'NonNullable<hey.{name}Data["body"]>'
    kind = "Responses" if example.status < 400 else "Errors"
    return f'{call}["responses"][{example.status}]["content"][{media}]', f"hey.{name}{kind}[{example.status}]"


def checked():
    """TypeScript in which each example has its type."""
    lines = ['import type * as hey from "./hey-api/types.gen";', 'import type { paths } from "./openapi-typescript";']
    for number, example in enumerate(EXAMPLES):
        lines.append(f"// {example}")
        for which, type_ in enumerate(types(example)):
            lines.append(f"export const example_{number}_{which}: {type_} = {json.dumps(example.value)};")
    return "\n".join(lines) + "\n"


class Models(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for source in (ROOT / "tests/clients/typescript").iterdir():
            shutil.copy(source, FOLDER)
        (FOLDER / "examples.ts").write_text(checked())
        tsc = FOLDER.parent.parent / "node_modules/.bin/tsc"
        cls.compiled = subprocess.run([tsc, "--project", FOLDER], capture_output=True, text=True)

    def test_every_example_is_of_the_type_that_was_generated(self):
        self.assertGreater(len(EXAMPLES), 300)
        self.assertEqual((self.compiled.returncode, self.compiled.stdout), (0, ""))

    def test_openapi_generators_models_read_every_example(self):
        # A form's members are arguments of their call, which the flow makes. There is no model.
        examples = [example for example in EXAMPLES if example.media == "application/json"]
        listed = [{"schema": DOCUMENT.item(example.schema), "value": example.value} for example in examples]
        (FOLDER / "examples.json").write_text(json.dumps(listed))
        environment = {**os.environ, "EXAMPLES": str(FOLDER / "examples.json")}
        ran = subprocess.run(["node", FOLDER / "compiled/models.js"], capture_output=True, text=True, env=environment)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        lines = ran.stdout.splitlines()
        self.assertEqual(len(lines), len(examples))
        for example, line in zip(examples, lines):
            with self.subTest(str(example)):
                self.assertEqual(missing(example.value, json.loads(line)), [])

    def test_each_client_gets_a_token_and_logs_and_reads_a_dispute(self):
        clients = ["hey-api", "openapi-fetch", "openapi-generator"]
        cloud = LocalCloud(more_transactions=[chargeback(f"typescript-{client}") for client in clients])
        self.addCleanup(cloud.stop)
        key = cloud.keys["fbn_demo"]
        for client in clients:
            with self.subTest(client):
                environment = {
                    **os.environ, "CLIENT": client, "URL": cloud.url, "KEY": key.id, "SECRET": key.secret,
                    "USERNAME": "Jideobi.Onuora", "PASSWORD": "demo-password-of-jideobi", "REFERENCE": f"typescript-{client}",
                }
                ran = subprocess.run(["node", FOLDER / "compiled/flow.js"], capture_output=True, text=True, env=environment)
                self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
