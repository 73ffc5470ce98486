"""Tests of the scripts of a deployment, and of template.yaml after SAM has transformed it.

`make lint` runs them.
"""

import json
import os
import re
import tempfile
import unittest
from fnmatch import fnmatch
from pathlib import Path

import tomlkit
from botocore.exceptions import ClientError
from cfnlint.api import ManualArgs, lint, lint_all
from check_deploy import (
    LONGEST_ENVIRONMENT,
    LONGEST_LIMIT,
    RETENTION_KINDS,
    check_binaries,
    check_deadlines,
    check_environments,
    check_identity,
    check_ingest,
    check_kept,
    check_mail,
    check_model,
    check_overrides,
    check_retention,
    check_rules,
    check_time_limits,
    managed_functions,
    read_overrides,
    read_stage,
    stack_parameters,
)
from prune_versions import prune
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from stamp_settings import FILES, digest, on_instances, stamped

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = (ROOT / "template.yaml").read_text()
PARAMETERS = yaml_parse(TEMPLATE)["Parameters"]
SHIPPED = json.loads((ROOT / "shared/dispute/data/deadlines.json").read_text())
LIMITS = json.loads((ROOT / "shared/support/data/time_limits.json").read_text())
# The deadlines that the functions accept and refuse; the functions' own tests read it, too.
EXAMPLES = json.loads((ROOT / "shared/dispute/data/deadlines-examples.json").read_text())
NAMES = ["Brand", "Deadlines", "Environment", "AlarmMail"]


def transformed(text):
    """A template as SAM transforms it for CloudFormation."""
    template = yaml_parse(text)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    return Translator({}, Parser()).translate(template, {})


def translated(text):
    """The resources of a template as SAM transforms them for CloudFormation."""
    return transformed(text)["Resources"]


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
        parameters = yaml_parse(TEMPLATE)["Parameters"]
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
    def test_what_the_functions_take_is_taken(self):
        for text in [json.dumps(SHIPPED), *EXAMPLES["taken"]]:
            self.assertEqual(check_deadlines(text, SHIPPED), [], text)

    def test_what_the_functions_refuse_is_refused(self):
        for text in EXAMPLES["refused"]:
            self.assertNotEqual(check_deadlines(text, SHIPPED), [], text)

    def test_what_is_none_is_named(self):
        for text, problem in [
            ("{", "the JSON is not right"),
            ('{"remind": "P1D", "remind": "P2D"}', "remind is there more than once"),
            # The functions would use the second one and ignore the first one silently.
            ('{"categories": {"Fraud": {}, "Fraud": {}}}', "Fraud is there more than once"),
            ("[]", "must be a JSON object"),
            ('{"remnid": "P1D"}', "remnid is none of"),
            ('{"remind": 24}', "Deadlines, remind: must be an ISO 8601 duration"),
            ('{"draft": "P1Y"}', "Deadlines, draft"),
            ('{"draft": "PT0S"}', "longer than PT0S"),
            ('{"categories": {"fraud": {"Arbitration": {"on_expiry": "against_party_due"}}}}', "must be one of customer, merchant, stay"),
            ('{"categories": {"Fruad": {}}}', "Fruad is none of"),
            ('{"categories": {"Fraud": {"Lost": {}}}}', "Lost is none of"),
            ('{"categories": {"Fraud": {"Chargeback": {"on_expiry": "lose"}}}}', "must be one of against_party_due"),
        ]:
            self.assertIn(problem, "\n".join(check_deadlines(text, SHIPPED)))


class SupportProcess(unittest.TestCase):
    def test_time_limits_are_what_the_functions_take(self):
        for text in ["{}", '{"agent": 5, "mail_interval": 1}', '{"agent": 31622400}', json.dumps(LIMITS)]:
            self.assertEqual(check_time_limits(text, LIMITS), [], text)
        for text, problem in [
            ("[]", "must be a JSON object"),
            ("{", "the JSON is not right"),
            ('{"agents": 1}', "agents is none of first_answer"),
            ('{"agent": 0}', "agent: must be a whole number of seconds from 1 to"),
            ('{"agent": 31622401}', "agent: must be"),
            ('{"agent": 1.5}', "agent: must be"),
            ('{"agent": true}', "agent: must be"),
            ('{"agent": "5"}', "agent: must be"),
            ('{"agent": 1, "agent": 2}', "agent is there more than once"),
        ]:
            self.assertIn(problem, "\n".join(check_time_limits(text, LIMITS)), text)

    def test_a_retention_is_what_the_functions_take(self):
        for text in ["{}", '{"audit_log": 30, "mails_without_case": 36500}', '{"messages": 730, "evidence": 365}', '{"audit_log": null}']:
            self.assertEqual(check_retention(text), [], text)
        for text, problem in [
            ("[]", "must be a JSON object"),
            ("{", "the JSON is not right"),
            ('{"mails": 30}', "mails is none of audit_log, mails_without_case, messages, evidence"),
            ('{"evidence": 0}', "evidence: must be a whole number of days from 30 to 36500"),
            ('{"audit_log": 29}', "audit_log: must be a whole number of days from 30 to 36500"),
            ('{"audit_log": 36501}', "audit_log: must be"),
            ('{"audit_log": 30.5}', "audit_log: must be"),
            ('{"audit_log": true}', "audit_log: must be"),
            ('{"audit_log": 30, "audit_log": 31}', "audit_log is there more than once"),
        ]:
            self.assertIn(problem, "\n".join(check_retention(text)), text)

    def test_a_model_and_a_guardrail_come_with_what_may_be_invoked(self):
        model = {"SupportModel": "m", "SupportModelResources": "arn:aws:bedrock:us-east-1::foundation-model/m"}
        guardrail = {"SupportModelGuardrail": "g:1", "SupportModelGuardrailArn": "arn"}
        for values in [{}, model, {**model, **guardrail}]:
            self.assertEqual(check_model(values), [], values)
        for values, problem in [
            ({"SupportModel": "m"}, "SupportModel and SupportModelResources"),
            ({**model, "SupportModelGuardrail": "g:1"}, "SupportModelGuardrail and SupportModelGuardrailArn"),
            (guardrail, "no SupportModel"),
        ]:
            self.assertIn(problem, "\n".join(check_model(values)))

    def test_a_queue_has_an_account_and_no_more_workers_than_are_reserved(self):
        account = {"IngestAccount": "acct_platform"}
        for values in [
            {},
            account,
            {**account, "IngestEventBus": "payments", "WorkerConcurrency": "0", "IngestConcurrency": "9"},
            {**account, "WorkerConcurrency": "4"},
            {"WorkerConcurrency": "1"},
        ]:
            self.assertEqual(check_ingest(values), [], values)
        for values, problem in [
            ({"IngestSender": "arn:aws:iam::123456789012:role/payments"}, "IngestSender: there is no IngestAccount"),
            ({"IngestEventBus": "payments", "IngestAccount": ""}, "IngestEventBus: there is no IngestAccount"),
            ({**account, "WorkerConcurrency": "3"}, "4 is more than WorkerConcurrency reserves, 3"),
        ]:
            self.assertIn(problem, "\n".join(check_ingest(values)))

    def test_an_identity_provider_comes_with_the_id_there_and_is_https(self):
        both = {"OidcIssuer": "https://id.example.com/realms/a", "OidcClientId": "recourse"}
        for values in [{}, {"OidcIssuer": "", "OidcClientId": ""}, both]:
            self.assertEqual(check_identity(values), [], values)
        local = {**both, "OidcIssuer": "http://127.0.0.1:9000"}
        for values in [{"OidcIssuer": both["OidcIssuer"]}, {"OidcClientId": "recourse"}, local]:
            self.assertEqual(len(check_identity(values)), 1, values)
        for issuer in [
            "https://accounts.google.com",
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            "https://a-b.auth0.com/",
            "https://id.example.com:8443/realms/My_Realm",
            local["OidcIssuer"],
        ]:
            self.assertEqual(check_rules({"OidcIssuer": issuer}, PARAMETERS), [], issuer)
        for name, value in [
            ("OidcIssuer", "id.example.com"),
            ("OidcIssuer", "http://id.example.com"),
            ("OidcIssuer", "https://localhost"),
            ("OidcIssuer", "https://10.0.0.1"),
            ("OidcIssuer", "https://id.example.com?x=1"),
            ("OidcIssuer", "https://id.example.com/#x"),
            ("OidcIssuer", "https://a:b@id.example.com"),
            ("OidcIssuer", "https://id.example.com/ "),
            ("OidcClientId", "a b"),
            ("OidcClientId", "x" * 201),
        ]:
            self.assertEqual(len(check_rules({name: value}, PARAMETERS)), 1, f"{name}={value}")
        client = "123-abc.apps.googleusercontent.com"
        self.assertEqual(check_rules({"OidcClientId": client}, PARAMETERS), [])

    def test_the_parameters_take_what_is_documented(self):
        arn = "arn:aws:bedrock:us-east-1"
        taken = {
            "SupportModel": "apac.anthropic.claude-sonnet-4-20250514-v1:0",
            "SupportModelResources": f"{arn}:123456789012:inference-profile/apac.model-v1:0,{arn}::foundation-model/model-v1:0",
            "SupportModelGuardrail": "ab12cd34ef56:1",
            "SupportModelGuardrailArn": f"{arn}:123456789012:guardrail/ab12cd34ef56",
            "SupportPlaybooks": "playbooks/2026-03.json",
            "SupervisorAddresses": "a@b.example,c+d@e.example",
            "EventBus": "arn:aws:events:eu-west-1:123456789012:event-bus/default",
        }
        self.assertEqual(check_rules(taken, PARAMETERS), [])
        for name, value in [
            ("SupportModelResources", "*"),
            ("SupportModelResources", f"{arn}::foundation-model/*"),
            ("SupportModelResources", f"{arn}::foundation-model/m,"  "arn:aws:s3:::b"),
            ("SupportModelGuardrail", "ab12cd34ef56"),
            ("SupportPlaybooks", "evidence/a"),
            ("SupportPlaybooks", "playbooks/a/b"),
            ("SupportPlaybooks", "playbooks/*"),
            ("SupervisorAddresses", "a@b.example, c@d.example"),
            ("SupervisorAddresses", "a@b.example,"),
            ("EventBus", "default"),
            ("EventBus", "arn:aws:events:eu-west-1:123456789012:event-bus/*"),
        ]:
            self.assertEqual(len(check_rules({name: value}, PARAMETERS)), 1, f"{name}={value}")


class Environments(unittest.TestCase):
    """Lambda would refuse a larger environment in the middle of a deployment."""

    def test_the_longest_values_that_the_template_takes_fit(self):
        template = yaml_parse(TEMPLATE)
        longest = int(template["Parameters"]["Deadlines"]["MaxLength"])
        # Nearly a third of its characters are quotes.
        deadlines = ('{"draft":"P7D",' * longest)[:longest]
        deadlines = deadlines[:-1] + "}"
        domain = ("b" * 49 + ".") * 4 + "example"
        addresses = {"MailFrom": f"{'m' * 37}@{domain}", "SupportAddress": f"{'s' * 46}@{domain}"}
        limits = json.dumps(dict.fromkeys(LIMITS, LONGEST_LIMIT), separators=(",", ":"))
        address = "s@" + "b" * 27 + ".example"
        support = {
            "SupportTimeLimits": limits,
            "SupportPlaybooks": "playbooks/" + "p" * 70,
            "SupportModel": "m" * 150,
            "SupportModelGuardrail": "g" * 40 + ":12345678",
            "SupervisorAddresses": ",".join([address] * 5)[:200],
        }
        retention = json.dumps(dict.fromkeys(RETENTION_KINDS, 36500), separators=(",", ":"))
        identity = {"OidcIssuer": "https://" + domain[-150:] + "/" + "r" * 41, "OidcClientId": "c" * 200}
        values = {"Deadlines": deadlines, "Retention": retention, "Brand": "支" * 60, **addresses, **support, **identity}
        self.assertEqual(check_environments(template, values), [])
        self.assertEqual(check_rules(values, template["Parameters"]), [])
        shipped = json.dumps(SHIPPED, separators=(",", ":"))
        self.assertEqual(check_rules({"Deadlines": shipped}, template["Parameters"]), [], "all of it can be said")

    def test_what_is_too_long_is_named(self):
        template = yaml_parse(TEMPLATE)
        longer = "{" + " " * int(template["Parameters"]["Deadlines"]["MaxLength"]) + "}"
        (problem,) = check_rules({"Deadlines": longer}, template["Parameters"])
        self.assertIn("at most 1230 characters, and is 1232", problem)
        wrong = check_environments(template, {"Deadlines": '"' * (LONGEST_ENVIRONMENT // 2)})
        functions = re.findall("Type: AWS::Serverless::Function$", TEMPLATE, re.MULTILINE)
        self.assertEqual(len(wrong), len(functions))
        self.assertIn("the longest variable is DEADLINES", wrong[0])


class Rules(unittest.TestCase):
    """What CloudFormation would refuse after the upload, and what it takes and the functions refuse."""

    def test_each_default_keeps_its_rules(self):
        defaults = {name: str(rules["Default"]) for name, rules in PARAMETERS.items()}
        self.assertEqual(check_rules(defaults, PARAMETERS), [])

    def test_what_breaks_a_rule_is_named(self):
        for name, value, problem in [
            ("Environment", "test", "must be one of development, staging, production"),
            ("MailsPerAccountPerDay", "-1", "must be a whole number from 1 to 1000000000"),
            ("MailsPerAccountPerDay", "4294967296", "must be a whole number"),
            ("MailsPerRecipientPerDay", "0", "must be a whole number"),
            ("ClockWindowSeconds", "300.5", "must be a whole number from 30 to 900"),
            ("RequestBurst", "", "must be a whole number from 1"),
            ("AlarmMail", "nobody", "must be a mail address of the form name@domain, or empty"),
            ("DomainName", "https://a.example", "must be a domain in lower case"),
            ("CertificateArn", "a.example", "must be the ARN of an ACM certificate, or empty"),
            ("Deadlines", "{", "must be a JSON object"),
        ]:
            (wrong,) = check_rules({name: value}, PARAMETERS)
            self.assertTrue(wrong.startswith(f"{name}: ") and problem in wrong, wrong)
        arn = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
        taken = {"AlarmMail": "ops@example.com", "DomainName": "disputes.example.com", "CertificateArn": arn}
        self.assertEqual(check_rules(taken, PARAMETERS), [])


class Mail(unittest.TestCase):
    def check(self, brand="Recourse", mail_from="cases@recourse.example", support="support@recourse.example"):
        values = {"Brand": brand, "MailFrom": mail_from, "SupportAddress": support}
        return check_rules(values, PARAMETERS) or check_mail(brand, mail_from, support)

    def test_what_the_functions_take_is_taken(self):
        for brand in ["Recourse", 'Café "Pay"', "支付", "a" * 60]:
            self.assertEqual(self.check(brand=brand), [], brand)
        addresses = ["a@b.example", "a.b+c!#$%&'*/=^_`{|}~-@1.b-c.example", "a" * 37 + "@b.example", "a@xn--bcher-kva.example"]
        for address in addresses:
            self.assertEqual(self.check(mail_from=address, support=address), [], address)
        self.assertEqual(self.check(support="a" * 64 + "@b.example"), [])

    def test_what_the_functions_refuse_is_named(self):
        for brand in ["", " Recourse", "Recourse ", "Recourse\u00a0", "Re\ncourse", "Re\u0085course", "Re\u202ecourse"]:
            self.assertIn("Brand: must be 1 to 60", "\n".join(self.check(brand=brand)), brand)
        self.assertIn("Brand: must be at most 60", self.check(brand="a" * 61)[0])
        names = ["", ".a", "a..b", "a b", '"a"', "ä", "a" * 65, "=?utf-8?q?a?="]
        domains = ["", "b", "b.1", "b..example", "-b.example", "b.example.", "b_c.example", "b" * 64 + ".example"]
        wrong = ["", "a", "not an address", *(f"{name}@b.example" for name in names), *(f"a@{domain}" for domain in domains)]
        # The role of WorkerOutbox would name another address than the worker sends from.
        wrong += [" a@b.example", "a@bücher.example"]
        for address in wrong:
            self.assertIn("MailFrom: must be a mail address", "\n".join(self.check(mail_from=address)), address)
            self.assertIn("SupportAddress: must be a mail address", "\n".join(self.check(support=address)), address)
        long = "a@" + "b." * 124 + "example"
        self.assertIn("at most 254", self.check(mail_from=long)[0])
        self.assertIn("at most 37 characters", self.check(mail_from="a" * 38 + "@b.example")[0])
        self.assertIn("at most 37 characters", self.check(mail_from="a." * 18 + "aa@b.example")[0])
        self.assertIn("at most 64 characters", self.check(support="a." * 32 + "a@b.example")[0])

    def test_a_sender_with_its_name_is_what_ses_takes(self):
        # 60 characters of three bytes become four encoded words of 72 characters with three spaces
        # between them; 60 quotes become 122 characters.
        far = "c" * 37 + "@" + ("b" * 49 + ".") * 3
        for brand, longest in [("支" * 60, "cases@recourse.pay.example"), ('"' * 60, far + "example")]:
            self.assertEqual(self.check(brand=brand, mail_from=longest), [])
            self.assertIn("must together be at most 320", self.check(brand=brand, mail_from=longest + "s")[0])


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


class Settings(unittest.TestCase):
    def test_a_changed_setting_is_a_new_version_of_every_function(self):
        def versions(mark):
            resources = translated(stamped(TEMPLATE, mark))
            return {id for id, resource in resources.items() if resource["Type"] == "AWS::Lambda::Version"}

        functions = re.findall("Type: AWS::Serverless::Function$", TEMPLATE, re.MULTILINE)
        one, same, other = versions("1" * 32), versions("1" * 32), versions("2" * 32)
        self.assertEqual((len(one), one), (len(functions), same))
        self.assertEqual((len(other), one & other), (len(functions), set()))

    def test_the_digest_is_of_all_that_sets_a_parameter(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            for name in FILES:
                (folder / name).write_text("")
            digests = {digest(folder), digest(folder)}
            for name in FILES:
                (folder / name).write_text("a")
                digests.add(digest(folder))
        self.assertEqual(len(digests), 1 + len(FILES))

    def test_a_template_without_the_one_place_is_refused(self):
        for text in ["", TEMPLATE + "SETTINGS: as-written\n", stamped(TEMPLATE, "1" * 32)]:
            with self.assertRaisesRegex(ValueError, "exactly once"):
                stamped(text, "2" * 32)


class Instances(unittest.TestCase):
    """Functions on Lambda Managed Instances."""

    PROVIDER = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:recourse"
    TWO = {"CapacityProviderArn": PROVIDER, "ManagedFunctions": "IimmpactReport, ArbiterLog"}

    def test_the_functions_that_are_named_run_there_and_no_others(self):
        before, after = translated(TEMPLATE), transformed(on_instances(TEMPLATE, self.TWO))
        # No resource comes or goes, apart from versions and their names.
        kinds = [sorted(one["Type"] for one in resources.values()) for resources in (before, after["Resources"])]
        self.assertEqual(kinds[0], kinds[1])
        managed = {}
        for id, resource in after["Resources"].items():
            config = resource["Properties"].get("CapacityProviderConfig") if "Properties" in resource else None
            if config:
                managed[id] = (config["LambdaManagedInstancesCapacityProviderConfig"], resource["Properties"]["MemorySize"])
        config = {
            "CapacityProviderArn": {"Ref": "CapacityProviderArn"},
            "PerExecutionEnvironmentMaxConcurrency": {"Ref": "RequestsAtOnce"},
            "ExecutionEnvironmentMemoryGiBPerVCpu": 2,
        }
        self.assertEqual(managed, {"IimmpactReport": (config, 2048), "ArbiterLog": (config, 2048)})
        found = lint(json.dumps(after), config=ManualArgs(regions=["us-east-1"]))
        self.assertEqual([str(match) for match in found if match.rule.severity == "error"], [])

    def test_without_a_provider_the_template_stays_as_it_is(self):
        for values in [{}, {"CapacityProviderArn": ""}, {"ManagedFunctions": "Nobody"}]:
            self.assertEqual(on_instances(TEMPLATE, values), TEMPLATE)

    def test_a_function_without_a_route_is_refused_by_name(self):
        template = yaml_parse(TEMPLATE)
        self.assertEqual(managed_functions(self.TWO, template), (["IimmpactReport", "ArbiterLog"], []))
        self.assertEqual(managed_functions({"CapacityProviderArn": self.PROVIDER}, template), (["IimmpactReport"], []))
        for name in ["WorkerOutbox", "Nobody", "DisputesTable", ""]:
            values = {**self.TWO, "ManagedFunctions": f"ArbiterLog,{name}"}
            self.assertEqual(len(managed_functions(values, template)[1]), 1, name)
            with self.assertRaisesRegex(ValueError, "has a route"):
                on_instances(TEMPLATE, values)

    def test_functions_and_requests_come_with_a_provider_or_with_none_by_name(self):
        template = yaml_parse(TEMPLATE)
        two = {"ManagedFunctions": "ArbiterLog", "RequestsAtOnce": "8"}
        (problem,) = managed_functions(two, template)[1]
        self.assertIn("ManagedFunctions and RequestsAtOnce: there is no CapacityProviderArn", problem)
        self.assertEqual(managed_functions({**two, "CapacityProviderArn": ""}, template), ([], []))

    def test_what_a_stack_would_keep_has_to_be_written(self):
        template = yaml_parse(TEMPLATE)
        arn, other = {"CapacityProviderArn": self.PROVIDER}, {"ManagedFunctions": "ArbiterLog,IimmpactReport"}
        deployed = {"Environment": "staging", **arn, **other, "RequestsAtOnce": "8"}
        for values, stack in [({}, {}), ({"CapacityProviderArn": ""}, deployed), ({**arn, **other}, deployed), (arn, arn)]:
            self.assertEqual(check_kept(values, stack, template), [], values)
        (problem,) = check_kept({}, deployed, template)
        self.assertIn(f"Write CapacityProviderArn={self.PROVIDER} to keep it, or CapacityProviderArn= for", problem)
        (problem,) = check_kept(arn, deployed, template)
        self.assertIn("Write ManagedFunctions=ArbiterLog,IimmpactReport to keep it", problem)
        self.assertIn("or ManagedFunctions=IimmpactReport for the default", problem)
        spaced = "ManagedFunctions='ArbiterLog, IimmpactReport'"
        (problem,) = check_kept(arn, {**deployed, "ManagedFunctions": "ArbiterLog, IimmpactReport"}, template)
        self.assertIn(f"Write {spaced} to keep it", problem)
        self.assertEqual(check_overrides([spaced], PARAMETERS), ([], {"ManagedFunctions": "ArbiterLog, IimmpactReport"}))

    def test_a_stacks_parameters_are_read_and_a_new_stack_has_none(self):
        class Stacks:
            def __init__(self, message=None):
                self.message = message

            def describe_stacks(self, StackName):
                if self.message:
                    raise ClientError({"Error": {"Code": "ValidationError", "Message": self.message}}, "DescribeStacks")
                return {"Stacks": [{"Parameters": [{"ParameterKey": "Brand", "ParameterValue": StackName}]}]}

        self.assertEqual(stack_parameters(Stacks(), "recourse-staging"), {"Brand": "recourse-staging"})
        self.assertEqual(stack_parameters(Stacks("Stack with id recourse-staging does not exist"), "recourse-staging"), {})
        with self.assertRaises(ClientError):
            stack_parameters(Stacks("not authorized"), "recourse-staging")

    def test_each_stage_has_a_stack_and_values(self):
        for stage in ("staging", "production"):
            self.assertEqual(read_stage(ROOT, stage)["stack_name"], f"recourse-{stage}")
            wrong, values = read_overrides(ROOT, stage, PARAMETERS)
            self.assertEqual((wrong, values["Environment"]), ([], stage))

    def test_the_parameters_take_what_they_should(self):
        good = {**self.TWO, "ManagedFunctions": "IimmpactReport,ArbiterLog", "RequestsAtOnce": "64"}
        self.assertEqual(check_rules(good, PARAMETERS), [])
        self.assertEqual(check_rules({"CapacityProviderArn": ""}, PARAMETERS), [])
        for name, value in [
            ("CapacityProviderArn", "recourse"),
            ("CapacityProviderArn", "arn:aws:lambda:eu-west-1:123456789012:function:recourse"),
            ("ManagedFunctions", "Iimmpact-Report"),
            ("RequestsAtOnce", "0"),
            ("RequestsAtOnce", "65"),
        ]:
            self.assertEqual(len(check_rules({name: value}, PARAMETERS)), 1, f"{name}={value}")


class Rollout(unittest.TestCase):
    """AWS does not document what an empty AlarmConfiguration does.

    CodeDeploy refuses an enabled one without alarms.
    """

    def test_alarms_are_some_whatever_rollout_alarms_says(self):
        groups = [one for one in translated(TEMPLATE).values() if one["Type"] == "AWS::CodeDeploy::DeploymentGroup"]
        self.assertGreater(len(groups), 30)
        for group in groups:
            condition, *choices = group["Properties"]["AlarmConfiguration"]["Fn::If"]
            self.assertEqual((condition, [choice["Enabled"] for choice in choices]), ("RolloutIsWatched", [True, True]))
            alarms = [[alarm["Name"]["Ref"] for alarm in choice["Alarms"]] for choice in choices]
            self.assertEqual(alarms, [["FunctionErrors", "ApiServerErrors"], ["RolloutUnwatched"]])


class Paged:
    """An AWS client that answers in pages of one item."""

    def __init__(self, answers):
        self.answers, self.deleted = answers, []

    def get_paginator(self, operation):
        answers = self.answers[operation]

        class Paginator:
            def paginate(self, **arguments):
                key, items = answers(**arguments)
                return [{key: [item]} for item in items]

        return Paginator()

    def delete_function(self, FunctionName, Qualifier):
        self.deleted.append((FunctionName, Qualifier))


class Prune(unittest.TestCase):
    def test_the_newest_and_those_in_use_stay(self):
        stack = [
            {"ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "report"},
            {"ResourceType": "AWS::DynamoDB::Table", "PhysicalResourceId": "disputes"},
        ]
        versions = [{"Version": version} for version in ["$LATEST", "1", "2", "10", "9", "11", "12"]]
        aliases = [{"FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"9": 0.1}}}]
        asked = []
        cloudformation = Paged(
            {"list_stack_resources": lambda StackName: asked.append(StackName) or ("StackResourceSummaries", stack)}
        )
        functions = Paged(
            {
                "list_versions_by_function": lambda FunctionName: ("Versions", versions),
                "list_aliases": lambda FunctionName: ("Aliases", aliases),
            }
        )
        self.assertEqual(list(prune(cloudformation, functions, "recourse-staging", 2)), [("report", ["2", "10"])])
        self.assertEqual(functions.deleted, [("report", "2"), ("report", "10")])
        self.assertEqual(asked, ["recourse-staging"])
        self.assertEqual(list(prune(cloudformation, functions, "recourse-staging", 10)), [("report", [])])


class DeployerPolicy(unittest.TestCase):
    """docs/deployer-policy.json grants what a deployment does."""

    # The prefix of a service's actions, where it differs from the service's name in resource types.
    PREFIXES = {
        "ApiGatewayV2": "apigateway",
        "CertificateManager": "acm",
    }

    def setUp(self):
        self.policy = json.loads((ROOT / "docs/deployer-policy.json").read_text())

    def actions(self):
        for statement in self.policy["Statement"]:
            listed = statement["Action"]
            for action in [listed] if isinstance(listed, str) else listed:
                yield action, statement

    def test_it_names_every_service_that_the_stack_has_a_resource_of(self):
        wanted = {"cloudformation", "s3", "iam"}
        for resource in translated(TEMPLATE).values():
            service = resource["Type"].split("::")[1]
            wanted.add(self.PREFIXES.get(service, service.lower()))
        granted = {action.split(":")[0] for action, _ in self.actions()}
        self.assertEqual(wanted - granted, set())

    def test_what_deployments_are_refused_for_is_granted(self):
        granted = {action for action, _ in self.actions()}
        for action in [
            # The service-linked roles of GuardDuty and API Gateway, created at their first use.
            "iam:CreateServiceLinkedRole",
            "iam:PassRole",
            # CloudWatch Logs delivers the API's access log.
            "logs:CreateLogDelivery",
            "logs:PutResourcePolicy",
            # The transform of the template, and the recovery from a rollback that failed.
            "cloudformation:CreateChangeSet",
            "cloudformation:ContinueUpdateRollback",
            "lambda:PublishVersion",
            "lambda:PutFunctionEventInvokeConfig",
            "lambda:PutFunctionConcurrency",
            "lambda:PassCapacityProvider",
        ]:
            self.assertTrue(any(fnmatch(action, pattern) for pattern in granted), action)

    def test_roles_are_passed_to_the_services_that_take_them_alone(self):
        passing = [statement for action, statement in self.actions() if action == "iam:PassRole"]
        services = set()
        for statement in passing:
            services |= set(statement["Condition"]["StringEquals"]["iam:PassedToService"])
        wanted = set()
        for resource in translated(TEMPLATE).values():
            if resource["Type"] == "AWS::IAM::Role":
                document = resource["Properties"]["AssumeRolePolicyDocument"]
                for statement in document["Statement"]:
                    service = statement["Principal"]["Service"]
                    wanted |= {service} if isinstance(service, str) else set(service)
        self.assertEqual(services, wanted)

    def test_cfn_lint_finds_nothing_and_iam_takes_it(self):
        template = {"Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": self.policy}}}}
        found = [match for match in lint_all(json.dumps(template)) if match.rule.severity != "informational"]
        self.assertEqual([str(match) for match in found], [])
        # The maximum size of a managed policy, in characters other than white space.
        self.assertLessEqual(len(re.sub(r"\s", "", json.dumps(self.policy))), 6144)


class Transformed(unittest.TestCase):
    """cfn-lint and `sam validate` check SAM's functions, except their runtime and architecture."""

    SMALL = """
        Transform: AWS::Serverless-2016-10-31
        Globals: { Function: { Runtime: provided.al2032, Architectures: [arm46], Handler: bootstrap } }
        Resources: { F: { Type: AWS::Serverless::Function, Properties: { CodeUri: s3://bucket/key } } }
    """

    def errors(self, text):
        found = lint(json.dumps(transformed(text)), config=ManualArgs(regions=["us-east-1"]))
        return [str(match) for match in found if match.rule.severity == "error"]

    def test_cfn_lint_finds_no_error_in_what_sam_makes_of_the_template(self):
        self.assertEqual(self.errors(TEMPLATE), [])

    def test_a_runtime_and_an_architecture_that_lambda_does_not_have_are_found(self):
        found = "\n".join(self.errors(self.SMALL))
        self.assertIn("'provided.al2032' is not one of", found)
        self.assertIn("'arm46' is not one of", found)


class Size(unittest.TestCase):
    """A stack may have 500 resources, and its template 1,000,000 bytes (CloudFormation's quotas)."""

    def test_the_transformed_template_is_within_cloudformations_quotas(self):
        template = transformed(TEMPLATE)
        self.assertLessEqual(len(template["Resources"]), 500)
        self.assertLessEqual(len(json.dumps(template)), 1_000_000)


class Names(unittest.TestCase):
    """With a constant physical name, an account could have only one stack in a region."""

    # A metric's name is AWS's. The others are names within a resource of the stack.
    INNER = ["MetricName", "StageName"]

    def test_no_name_is_constant(self):
        resources = translated(TEMPLATE)
        schedules = [one for one in resources.values() if one["Type"] == "AWS::Scheduler::Schedule"]
        self.assertGreaterEqual(len(schedules), 2)
        constant = []
        for id, resource in resources.items():
            # An alias is a name within its function.
            if resource["Type"] == "AWS::Lambda::Alias":
                continue
            for name, value in resource.get("Properties", {}).items():
                if name.endswith("Name") and name not in self.INNER and isinstance(value, str):
                    constant.append(f"{id}: {name} is {value}")
        self.assertEqual(constant, [])


if __name__ == "__main__":
    unittest.main()
