"""Checks what `make deploy` is about to deploy, before any of it reaches AWS.

    check_deploy.py STAGE

Each entry of the stage's parameter_overrides in samconfig.toml has to reach CloudFormation as it is
written there. SAM's own parser reads an unquoted value only up to its first space or quote, and
reports no error. Each entry has to name a parameter of template.yaml and to keep its rules. The
functions have to accept Deadlines, Retention, SupportTimeLimits, Brand, MailFrom and
SupportAddress, and Lambda each function's environment. A model and a guardrail come with what may
be invoked, and an identity provider with the deployment's id there. Functions on Lambda Managed
Instances have a route, and samconfig.toml names what the stack has of them. The binaries have to be
for the processor that template.yaml names.

Runs in SAM's own Python, and reads the stack's parameters with the credentials and the region of
the environment. It prints every fault to standard error and ends with status 1.
"""

import json
import re
import sys
from pathlib import Path

import boto3
import tomlkit
from botocore.exceptions import BotoCoreError, ClientError
from samcli.cli.types import CfnParameterOverridesType
from samcli.yamlhelper import yaml_parse

# Bytes 18 and 19 of an ELF file: the number of the machine.
MACHINES = {183: "arm64", 62: "x86_64"}
DURATION = re.compile(r"P(?=.)(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)", re.ASCII)
# How many seconds each group above counts.
UNITS = [604_800, 86_400, 3_600, 60, 1]
# Ten years.
LONGEST = 3_653 * 86_400
ON_EXPIRY = ["against_party_due", "customer", "merchant", "stay"]
# The status that waits for an operator. An operator cannot lose.
OPERATORS = "Arbitration"

# What the parameter Retention can name.
RETENTION_KINDS = ["audit_log", "mails_without_case", "messages", "evidence"]
# The longest time limit of the support process, in seconds.
LONGEST_LIMIT = 366 * 86_400
# The longest local part of an address (RFC 5321).
LONGEST_NAME = 64
# With a plus sign and a token of 26 characters, the local part then has at most 64.
LONGEST_LOCAL = 37
# SES accepts addresses of at most this many characters, including the display name.
LONGEST_SENDER = 320
# Lambda accepts 4 KB of environment variables for each function, measured as JSON.
LONGEST_ENVIRONMENT = 4096
# The longest value of a reference to a resource: a name, an ARN, or text around the stack's name.
LONGEST_REFERENCE = 150
# Those that are shorter, by the type of the resource: a bucket's name, and the ARN of a key, which
# ends in a UUID.
LONGEST_OF = {"AWS::S3::Bucket": 63, "AWS::KMS::Key": 110}


def check_overrides(overrides, parameters):
    """The errors in a list of NAME=VALUE, and the values by their names."""
    if not isinstance(overrides, list):
        return ["parameter_overrides must be a list, one entry for each parameter"], {}
    wrong, values = [], {}
    for entry in map(str, overrides):
        name, equals, value = entry.partition("=")
        if not equals or name not in parameters:
            wrong.append(f"{entry}: template.yaml has no parameter {name}")
            continue
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        meant = value[1:-1] if quoted else value
        got = CfnParameterOverridesType().convert([entry], None, None) if value else {name: ""}
        if got != {name: meant}:
            quote = '"' if "'" in meant else "'"
            wrong.append(f"{entry}: CloudFormation would get {got.get(name)!r}. Write {name}={quote}{meant}{quote}")
        values[name] = meant
    return wrong, values


def read_stage(root, stage):
    """What samconfig.toml says about the deployment of a stage."""
    config = tomlkit.parse((root / "samconfig.toml").read_text()).unwrap()
    return config.get(stage, {}).get("deploy", {}).get("parameters", {})


def read_overrides(root, stage, parameters):
    """The errors in a stage's parameter_overrides in samconfig.toml, and the values by their names."""
    return check_overrides(read_stage(root, stage).get("parameter_overrides", []), parameters)


def seconds(text):
    """The length of an ISO 8601 duration; None for another text, or for more than ten years."""
    match = DURATION.fullmatch(text) if isinstance(text, str) else None
    if not match:
        return None
    length = sum(int(number or 0) * unit for number, unit in zip(match.groups(), UNITS))
    return length if length <= LONGEST else None


def once(pairs):
    """A JSON object without repeated members. Python would use the last of two with one name."""
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} is there more than once")
    return dict(pairs)


def check_deadlines(text, shipped):
    """The errors in the parameter Deadlines: everything that the functions refuse, too.

    shared/dispute/src/deadlines/config.rs has the functions' rules.
    """
    try:
        deadlines = json.loads(text, object_pairs_hook=once)
    except ValueError as error:
        return [f"Deadlines: the JSON is not right: {error}"]
    wrong = []

    def known(at, value, names, read=str):
        if not isinstance(value, dict):
            wrong.append(f"{at}: must be a JSON object")
            return []
        wrong.extend(f"{at}: {name} is none of {', '.join(names)}" for name in value if read(name) not in names)
        return [(read(name), inner) for name, inner in value.items() if read(name) in names]

    def duration(at, value, shortest):
        length = seconds(value)
        if length is None or length < shortest:
            least = ", and longer than PT0S" if shortest else ""
            wrong.append(f"{at}: must be an ISO 8601 duration of at most ten years, such as P20D or PT48H{least}")

    # Categories are accepted in any case, with a space or an underscore.
    spelt = {category.lower(): category for category in shipped["categories"]}

    def category(said):
        return spelt.get(said.lower().replace("_", " "), said) if said.isascii() else said

    for name, value in known("Deadlines", deadlines, list(shipped)):
        if name != "categories":
            duration(f"Deadlines, {name}", value, 0 if name == "remind" else 1)
            continue
        for kind, statuses in known("Deadlines, categories", value, list(shipped[name]), category):
            for status, term in known(f"Deadlines, {kind}", statuses, list(shipped[name][kind])):
                at = f"Deadlines, {kind}, {status}"
                for member, said in known(at, term, ["length", "on_expiry"]):
                    allowed = [outcome for outcome in ON_EXPIRY if status != OPERATORS or outcome != "against_party_due"]
                    if member == "length":
                        duration(f"{at}, length", said, 1)
                    elif said not in allowed:
                        wrong.append(f"{at}, on_expiry: must be one of {', '.join(allowed)}")
    return wrong


def check_time_limits(text, shipped):
    """The errors in the parameter SupportTimeLimits: everything that the functions refuse, too.

    shared/support/src/limits.rs has the functions' rules.
    """
    try:
        limits = json.loads(text, object_pairs_hook=once)
    except ValueError as error:
        return [f"SupportTimeLimits: the JSON is not right: {error}"]
    if not isinstance(limits, dict):
        return ["SupportTimeLimits: must be a JSON object"]
    wrong = [f"SupportTimeLimits: {name} is none of {', '.join(shipped)}" for name in limits if name not in shipped]
    for name, value in limits.items():
        if type(value) is not int or not 1 <= value <= LONGEST_LIMIT:
            wrong.append(f"SupportTimeLimits, {name}: must be a whole number of seconds from 1 to {LONGEST_LIMIT}")
    return wrong


def check_retention(text):
    """The errors in the parameter Retention: everything that the functions refuse, too.

    shared/store/src/retention.rs has the functions' rules.
    """
    try:
        retention = json.loads(text, object_pairs_hook=once)
    except ValueError as error:
        return [f"Retention: the JSON is not right: {error}"]
    if not isinstance(retention, dict):
        return ["Retention: must be a JSON object"]
    wrong = [f"Retention: {name} is none of {', '.join(RETENTION_KINDS)}" for name in retention if name not in RETENTION_KINDS]
    for name, value in retention.items():
        if value is not None and (type(value) is not int or not 30 <= value <= 36500):
            wrong.append(f"Retention, {name}: must be a whole number of days from 30 to 36500")
    return wrong


def check_model(values):
    """The errors in the parameters of the model that no single one of them shows."""
    wrong = []
    for name, other in [("SupportModel", "SupportModelResources"), ("SupportModelGuardrail", "SupportModelGuardrailArn")]:
        if bool(values.get(name)) != bool(values.get(other)):
            wrong.append(f"{name} and {other}: either both have a value or neither has")
    if values.get("SupportModelGuardrail") and not values.get("SupportModel"):
        wrong.append("SupportModelGuardrail: there is no SupportModel whose calls it could guard")
    return wrong


def check_identity(values):
    """The errors in the parameters of the identity provider that no single one of them shows."""
    wrong = []
    if bool(values.get("OidcIssuer")) != bool(values.get("OidcClientId")):
        wrong.append("OidcIssuer and OidcClientId: either both have a value or neither has")
    if values.get("OidcIssuer", "").startswith("http://"):
        wrong.append("OidcIssuer: http:// is for the local cloud; the functions refuse it")
    return wrong


def check_ingest(values):
    """The errors in the parameters of the queue of transactions that no single one of them shows."""
    wrong = []
    for name in ["IngestSender", "IngestEventBus"]:
        if values.get(name) and not values.get("IngestAccount"):
            wrong.append(f"{name}: there is no IngestAccount that it could speak for")
    reserved, wanted = int(values.get("WorkerConcurrency") or 0), int(values.get("IngestConcurrency") or 4)
    if values.get("IngestAccount") and 0 < reserved < wanted:
        # Lambda would throttle the rest, and each throttled message counts as received.
        wrong.append(f"IngestConcurrency: {wanted} is more than WorkerConcurrency reserves, {reserved}")
    return wrong


def managed_functions(values, template):
    """The functions that run on Lambda Managed Instances, and the errors in their names."""
    if not values.get("CapacityProviderArn"):
        said = [name for name in ["ManagedFunctions", "RequestsAtOnce"] if name in values]
        if not said or "CapacityProviderArn" in values:
            return [], []
        return [], [f"{' and '.join(said)}: there is no CapacityProviderArn beside it; write CapacityProviderArn= for none"]
    said = values.get("ManagedFunctions", template["Parameters"]["ManagedFunctions"]["Default"])
    names, wrong = [name.strip() for name in said.split(",")], []
    for name in names:
        resource = template["Resources"].get(name, {})
        events = resource.get("Properties", {}).get("Events", {})
        # A worker's stream, queue or schedule gives it one event at a time.
        if not any(event["Type"] == "HttpApi" for event in events.values()):
            wrong.append(f"ManagedFunctions: {name} is no function of template.yaml that has a route")
    return names, wrong


def stack_parameters(cloudformation, stack):
    """The values of the parameters of a stack; none if it does not exist."""
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return {}
        raise
    return {one["ParameterKey"]: one["ParameterValue"] for one in found.get("Parameters", [])}


def check_kept(values, deployed, template):
    """The errors in what an existing stack would keep of Lambda Managed Instances.

    A parameter that is not in parameter_overrides keeps its value. scripts/stamp_settings.py reads
    samconfig.toml alone, so the functions would be deployed as if it had its default.
    """
    name = "ManagedFunctions" if values.get("CapacityProviderArn") else "CapacityProviderArn"
    default = template["Parameters"][name]["Default"]
    kept = deployed.get(name, default)
    if name in values or kept == default:
        return []
    # SAM reads an unquoted value only up to its first space.
    keeping = f"{name}='{kept}'" if " " in kept else f"{name}={kept}"
    return [f"{name}: the stack has {kept}, and parameter_overrides leaves it out. Write {keeping} to keep it, or {name}={default} for the default"]


def display_length(name):
    """The number of characters of a brand before an address, as shared/mail/src/compose/settings.rs
    writes it: quoted, or in encoded words of up to 45 bytes.
    """
    if name.isascii():
        return 2 + len(name) + name.count("\\") + name.count('"')
    words = [0]
    for size in (len(letter.encode()) for letter in name):
        if words[-1] + size <= 45:
            words[-1] += size
        else:
            words.append(size)
    return sum(12 + (word + 2) // 3 * 4 for word in words) + len(words) - 1


def check_mail(brand, mail_from, support):
    """The errors in Brand, MailFrom and SupportAddress that no pattern of template.yaml finds, by
    the rules of shared/mail/src/compose/settings.rs and shared/dispute/src/addresses.rs.
    """
    wrong = []
    for name, address, most in [("MailFrom", mail_from, LONGEST_LOCAL), ("SupportAddress", support, LONGEST_NAME)]:
        if len(address.rpartition("@")[0]) > most:
            why = ", so that a plus-address of it can be one" if most == LONGEST_LOCAL else ""
            wrong.append(f"{name}: the part before the @ must be at most {most} characters{why}")
    if not wrong and display_length(brand) + len(f" <{mail_from}>") > LONGEST_SENDER:
        most = f"at most {LONGEST_SENDER} characters"
        wrong.append(f"MailFrom and Brand: must together be {most}, a letter that is not ASCII counted as five")
    return wrong


def check_environments(template, values):
    """The functions whose environments are too large with these values of the parameters."""
    parameters = {name: str(values.get(name, said["Default"])) for name, said in template["Parameters"].items()}

    def text(value):
        if not isinstance(value, dict):
            return str(value)
        (name,) = value.values()
        resource = name[0] if isinstance(name, list) else str(name).split(".")[0]
        kind = template["Resources"].get(resource, {}).get("Type")
        return parameters.get(value.get("Ref"), "x" * LONGEST_OF.get(kind, LONGEST_REFERENCE))

    wrong = []
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        own = resource["Properties"].get("Environment", {}).get("Variables", {})
        variables = {variable: text(value) for variable, value in {**shared, **own}.items()}
        length = len(json.dumps(variables, ensure_ascii=False, separators=(",", ":")).encode())
        if length > LONGEST_ENVIRONMENT:
            longest = max(variables, key=lambda variable: len(variables[variable]))
            most = f"{LONGEST_ENVIRONMENT} bytes as JSON, and Lambda takes no more"
            wrong.append(f"{name}: its environment is {length} bytes of at most {most}; the longest variable is {longest}")
    return wrong


def check_rules(values, parameters):
    """The values that break a rule of template.yaml.

    CloudFormation would report them only after the upload. It accepts fractions of numbers, and the
    functions refuse them.
    """
    wrong = []
    for name, value in values.items():
        problem = broken_rule(value, parameters[name])
        if problem:
            wrong.append(f"{name}: {problem}")
    return wrong


def broken_rule(value, rules):
    """The rule of a parameter that a value breaks, or None."""
    allowed, most = rules.get("AllowedValues"), rules.get("MaxLength")
    if allowed is not None and value not in map(str, allowed):
        return f"must be one of {', '.join(map(str, allowed))}"
    if most is not None and len(value) > int(most):
        return f"must be at most {most} characters, and is {len(value)}; leave out spaces and line breaks"
    # CloudFormation's patterns are Java's, in which \s is ASCII, and have to match the whole value;
    # of a list, each of its values.
    each = value.split(",") if rules["Type"] == "CommaDelimitedList" else [value]
    if not all(re.fullmatch(rules.get("AllowedPattern", "(?s:.*)"), one, re.ASCII) for one in each):
        return rules["ConstraintDescription"]
    if rules["Type"] != "Number":
        return None
    least, most = int(rules["MinValue"]), rules.get("MaxValue")
    fits = re.fullmatch("-?[0-9]{1,18}", value) and least <= int(value) and (most is None or int(value) <= int(most))
    return None if fits else f"must be a whole number from {least}" + ("" if most is None else f" to {most}")


def check_binaries(folders, architecture):
    """The errors in the binaries in these folders."""
    wrong = []
    for folder in folders:
        binary = folder / "bootstrap"
        if not binary.is_file():
            wrong.append(f"{binary} is not there: run make build")
            continue
        with binary.open("rb") as file:
            head = file.read(20)
        machine = MACHINES.get(int.from_bytes(head[18:20], "little")) if head[:4] == b"\x7fELF" else None
        if machine != architecture:
            build = f"make build ARCH={architecture}"
            wrong.append(f"{binary} is for {machine or 'no Lambda'}, and template.yaml says {architecture}: run {build}")
    return wrong


def check(root, stage):
    """All errors in deploying a stage."""
    template = yaml_parse((root / "template.yaml").read_text())
    shipped = json.loads((root / "shared/dispute/data/deadlines.json").read_text())
    wrong, values = read_overrides(root, stage, template["Parameters"])
    wrong = [f"samconfig.toml, {stage}: {problem}" for problem in wrong]
    broken = check_rules(values, template["Parameters"])
    wrong += broken + check_environments(template, values)
    if "Deadlines" in values:
        wrong += check_deadlines(values["Deadlines"], shipped)
    if "Retention" in values:
        wrong += check_retention(values["Retention"])
    if "SupportTimeLimits" in values:
        limits = json.loads((root / "shared/support/data/time_limits.json").read_text())
        wrong += check_time_limits(values["SupportTimeLimits"], limits)
    wrong += check_model(values) + check_identity(values) + managed_functions(values, template)[1]
    if not broken:
        wrong += check_ingest(values)
    # A parameter that is not in the list keeps its value in an existing stack, which may differ from
    # the default.
    mail = [values.get(name, template["Parameters"][name]["Default"]) for name in ["Brand", "MailFrom", "SupportAddress"]]
    if not broken:
        wrong += check_mail(*mail)
    resources = template["Resources"].values()
    functions = [one["Properties"] for one in resources if one["Type"] == "AWS::Serverless::Function"]
    (architecture,) = template["Globals"]["Function"]["Architectures"]
    return wrong + check_binaries([root / function["CodeUri"] for function in functions], architecture)


def check_stack(root, stage):
    """All errors in deploying a stage to the stack that is there."""
    template = yaml_parse((root / "template.yaml").read_text())
    values = read_overrides(root, stage, template["Parameters"])[1]
    stack = read_stage(root, stage)["stack_name"]
    try:
        deployed = stack_parameters(boto3.client("cloudformation"), stack)
    except (BotoCoreError, ClientError) as error:
        return [f"the parameters of the stack {stack} cannot be read: {error}"]
    return check_kept(values, deployed, template)


def main():
    root, stage = Path(__file__).resolve().parent.parent, sys.argv[1]
    wrong = check(root, stage) or check_stack(root, stage)
    for problem in wrong:
        print(f"scripts/check_deploy.py: {problem}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
