"""Checks what `make deploy` is about to deploy, before anything of it reaches AWS.

    check_deploy.py STAGE

Each entry of the stage's parameter_overrides in samconfig.toml has to reach CloudFormation as it is written there: SAM's own parser takes an unquoted
value up to its first space or quote, and says nothing. Each has to name a parameter of template.yaml, and Deadlines has to have the form of
shared/dispute/data/deadlines.json. The binaries have to be for the processor that template.yaml names.

Runs in SAM's own Python. What is wrong is told on standard error, all of it, and the status is 1.
"""

import json
import re
import sys
from pathlib import Path

import tomlkit
from samcli.cli.types import CfnParameterOverridesType
from samcli.yamlhelper import yaml_parse

# The machine's number in the header of an ELF file, in its bytes 18 and 19.
MACHINES = {183: "arm64", 62: "x86_64"}
DURATION = re.compile(r"P(?=.)(\d+W|(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)")
LAPSES = ["turn", "customer", "merchant", "stay"]


def check_overrides(overrides, parameters):
    """What is wrong with a list of NAME=VALUE, and the values by their names."""
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


def check_deadlines(text, shipped):
    """What is wrong with the parameter Deadlines. The functions check it once more, as shared/dispute/src/deadlines/config.rs says."""
    try:
        deadlines = json.loads(text)
    except ValueError as error:
        return [f"Deadlines: is not JSON: {error}"]
    wrong = []

    def known(at, value, names):
        if not isinstance(value, dict):
            wrong.append(f"{at}: must be a JSON object")
            return []
        unknown = [name for name in value if name not in names]
        wrong.extend(f"{at}: {name} is none of {', '.join(names)}" for name in unknown)
        return [(name, inner) for name, inner in value.items() if name in names]

    def duration(at, value):
        if not isinstance(value, str) or not DURATION.fullmatch(value):
            wrong.append(f"{at}: must be an ISO 8601 duration, such as P20D or PT48H")

    for name, value in known("Deadlines", deadlines, list(shipped)):
        if name != "categories":
            duration(f"Deadlines, {name}", value)
            continue
        # A category may be written in any case, with a space or an underscore.
        spelt = {category.lower(): category for category in shipped[name]}
        if isinstance(value, dict):
            value = {spelt.get(said.lower().replace("_", " "), said): inner for said, inner in value.items()}
        for category, statuses in known("Deadlines, categories", value, list(shipped[name])):
            for status, term in known(f"Deadlines, {category}", statuses, list(shipped[name][category])):
                at = f"Deadlines, {category}, {status}"
                for member, said in known(at, term, ["length", "lapse"]):
                    if member == "length":
                        duration(f"{at}, length", said)
                    elif said not in LAPSES:
                        wrong.append(f"{at}, lapse: must be one of {', '.join(LAPSES)}")
    return wrong


def check_binaries(folders, architecture):
    """What is wrong with the binaries in these folders."""
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
    """All that is wrong with deploying a stage."""
    template = yaml_parse((root / "template.yaml").read_text())
    shipped = json.loads((root / "shared/dispute/data/deadlines.json").read_text())
    config = tomlkit.parse((root / "samconfig.toml").read_text()).unwrap()
    overrides = config.get(stage, {}).get("deploy", {}).get("parameters", {}).get("parameter_overrides", [])
    wrong, values = check_overrides(overrides, template["Parameters"])
    wrong = [f"samconfig.toml, {stage}: {problem}" for problem in wrong]
    if "Deadlines" in values:
        wrong += check_deadlines(values["Deadlines"], shipped)
    resources = template["Resources"].values()
    functions = [one["Properties"] for one in resources if one["Type"] == "AWS::Serverless::Function"]
    (architecture,) = template["Globals"]["Function"]["Architectures"]
    return wrong + check_binaries([root / function["CodeUri"] for function in functions], architecture)


def main():
    wrong = check(Path(__file__).resolve().parent.parent, sys.argv[1])
    for problem in wrong:
        print(f"scripts/check_deploy.py: {problem}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
