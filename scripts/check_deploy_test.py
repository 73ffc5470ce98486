"""Tests of check_deploy.py, and of template.yaml as SAM makes it CloudFormation's. `make lint` runs them."""

import json
import os
import re
import tempfile
import unittest
from pathlib import Path

import tomlkit
from check_deploy import check_binaries, check_deadlines, check_overrides
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = json.loads((ROOT / "shared/dispute/data/deadlines.json").read_text())
NAMES = ["Brand", "Deadlines", "Environment", "AlarmMail"]


class Overrides(unittest.TestCase):
    def test_what_arrives_as_it_is_written_is_taken(self):
        written = ["Environment=staging", 'Brand="My Wallet"', "Deadlines='{\"remind\":\"PT24H\"}'", "AlarmMail="]
        wrong, values = check_overrides(written, NAMES)
        self.assertEqual(wrong, [])
        meant = {"Environment": "staging", "Brand": "My Wallet", "Deadlines": '{"remind":"PT24H"}', "AlarmMail": ""}
        self.assertEqual(values, meant)

    def test_what_sam_would_cut_off_is_refused_with_what_to_write(self):
        for entry, cut, write in [
            ("Brand=My Wallet", "'My'", "Brand='My Wallet'"),
            ('Deadlines={"remind":"PT24H"}', "'{'", "Deadlines='{\"remind\":\"PT24H\"}'"),
            ("Brand=It's mine", '"It\'s"', 'Brand="It\'s mine"'),
        ]:
            ((problem,), _) = check_overrides([entry], NAMES)
            self.assertIn(f"would get {cut}", problem)
            self.assertIn(f"Write {write}", problem)
            self.assertEqual(check_overrides([write], NAMES)[0], [])

    def test_a_parameter_that_is_none_is_refused(self):
        self.assertIn("no parameter Brnad", check_overrides(["Brnad=x"], NAMES)[0][0])
        self.assertIn("must be a list", check_overrides("Brand=x", NAMES)[0][0])

    def test_what_the_guide_shows_is_taken(self):
        parameters = yaml_parse((ROOT / "template.yaml").read_text())["Parameters"]
        samconfig = (ROOT / "samconfig.toml").read_text()
        examples = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/deploy.md").read_text(), re.DOTALL)
        examples += re.findall(r"^# (parameter_overrides = .*)$", samconfig, re.MULTILINE)
        shown = [tomlkit.parse(example).unwrap()["parameter_overrides"] for example in examples]
        config = tomlkit.parse(samconfig).unwrap()
        shown += [config[stage]["deploy"]["parameters"]["parameter_overrides"] for stage in ("staging", "production")]
        self.assertGreaterEqual(len(shown), 5)
        for overrides in shown:
            wrong, values = check_overrides(overrides, parameters)
            self.assertEqual(wrong + check_deadlines(values.get("Deadlines", "{}"), SHIPPED), [])


class Deadlines(unittest.TestCase):
    def test_what_ships_and_parts_of_it_are_taken(self):
        one = {"categories": {"Fraud": {"Arbitration": {"length": "P2W"}}}}
        other = {"categories": {"co_acquired": {"Chargeback": {"lapse": "stay"}}}}
        for deadlines in [SHIPPED, {}, {"remind": "PT0S"}, one, other]:
            self.assertEqual(check_deadlines(json.dumps(deadlines), SHIPPED), [])

    def test_what_is_none_is_named(self):
        for text, problem in [
            ("{", "is not JSON"),
            ("[]", "must be a JSON object"),
            ('{"remnid": "P1D"}', "remnid is none of"),
            ('{"remind": 24}', "Deadlines, remind: must be an ISO 8601 duration"),
            ('{"draft": "P1Y"}', "Deadlines, draft"),
            ('{"draft": "PT"}', "Deadlines, draft"),
            ('{"categories": {"Fruad": {}}}', "Fruad is none of"),
            ('{"categories": {"Fraud": {"Lost": {}}}}', "Lost is none of"),
            ('{"categories": {"Fraud": {"Arbitration": {"lapse": "lose"}}}}', "must be one of turn"),
        ]:
            self.assertIn(problem, "\n".join(check_deadlines(text, SHIPPED)))


class Binaries(unittest.TestCase):
    def test_a_binary_is_for_the_processor_that_the_template_names(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            self.assertIn("run make build", check_binaries([folder], "arm64")[0])
            for machine, architecture, problems in [(183, "arm64", 0), (62, "arm64", 1), (62, "x86_64", 0)]:
                (folder / "bootstrap").write_bytes(b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little"))
                self.assertEqual(len(check_binaries([folder], architecture)), problems)
            (folder / "bootstrap").write_text("#!/bin/sh\n")
            self.assertIn("no Lambda", check_binaries([folder], "arm64")[0])


class Names(unittest.TestCase):
    """A constant physical name is one that a second stack in the same account and region cannot have."""

    # A metric's name is AWS's; the others lie within something of the stack's own.
    INNER = ["MetricName", "StageName"]

    def test_no_name_is_constant(self):
        template = yaml_parse((ROOT / "template.yaml").read_text())
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = "s3://bucket/key"
        os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
        resources = Translator({}, Parser()).translate(template, {})["Resources"]
        schedules = [one for one in resources.values() if one["Type"] == "AWS::Scheduler::Schedule"]
        self.assertGreaterEqual(len(schedules), 2)
        constant = []
        for id, resource in resources.items():
            # An alias lies within its function.
            if resource["Type"] == "AWS::Lambda::Alias":
                continue
            for name, value in resource.get("Properties", {}).items():
                if name.endswith("Name") and name not in self.INNER and isinstance(value, str):
                    constant.append(f"{id}: {name} is {value}")
        self.assertEqual(constant, [])


if __name__ == "__main__":
    unittest.main()
