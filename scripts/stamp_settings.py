"""Writes what SAM cannot resolve into the template that `sam build` has written.

    stamp_settings.py STAGE

The first is a digest of the settings. It makes a changed parameter reach the functions that run. A
function's alias moves when the function has a new version, and SAM publishes one when the text of
the function's properties changes. SAM does not resolve a Ref, so a changed parameter alone
publishes none, and the function would run with the old value. So each function has a variable with
the digest of samconfig.toml, which sets parameters, and of template.yaml, which has their defaults.

The second is CapacityProviderConfig, which SAM does not take with a condition. Where the stage's
parameter_overrides in samconfig.toml have a CapacityProviderArn, each function that
ManagedFunctions names gets it, and the least memory that Lambda Managed Instances take. Everything
else stays on plain Lambda. A stack that keeps another value of either, because the list does not
name it, never comes this far: scripts/check_deploy.py refuses it.

`make deploy` runs it between build and deploy. It ends with status 1 if the built template has no
place for the digest, or several, or no function of a name.
"""

import hashlib
import sys
from pathlib import Path

from check_deploy import managed_functions, read_overrides
from samcli.yamlhelper import yaml_dump, yaml_parse

PLACE = "SETTINGS: as-written\n"
FILES = ["samconfig.toml", "template.yaml"]
# In MB. An environment of Lambda Managed Instances has at least 2 GB and one vCPU. One vCPU is what
# a function uses, because it has one thread.
MANAGED_MEMORY = 2048
MANAGED_GIB_PER_VCPU = 2


def digest(root):
    """A digest that differs for each text of the settings."""
    whole = hashlib.sha256()
    for name in FILES:
        whole.update(hashlib.sha256((root / name).read_bytes()).digest())
    return whole.hexdigest()[:32]


def stamped(template, mark):
    """The template with the digest."""
    places = template.count(PLACE)
    if places != 1:
        raise ValueError(f"must have the line {PLACE.strip()!r} exactly once, and has it {places} times")
    # Quoted, because a digest may consist of digits.
    return template.replace(PLACE, f'SETTINGS: "{mark}"\n')


def on_instances(text, values):
    """The text of a template with these values of parameters: as it is, or with the functions of
    ManagedFunctions on the capacity provider.
    """
    if not values.get("CapacityProviderArn"):
        return text
    template = yaml_parse(text)
    names, wrong = managed_functions(values, template)
    if wrong:
        raise ValueError("; ".join(wrong))
    for name in names:
        properties = template["Resources"][name]["Properties"]
        properties["MemorySize"] = max(MANAGED_MEMORY, properties.get("MemorySize", 0))
        properties["CapacityProviderConfig"] = {
            "Arn": {"Ref": "CapacityProviderArn"},
            "PerExecutionEnvironmentMaxConcurrency": {"Ref": "RequestsAtOnce"},
            "ExecutionEnvironmentMemoryGiBPerVCpu": MANAGED_GIB_PER_VCPU,
        }
    return yaml_dump(template)


def main():
    root = Path(__file__).resolve().parent.parent
    built = root / ".aws-sam/build/template.yaml"
    try:
        text = stamped(built.read_text(), digest(root))
        parameters = yaml_parse((root / "template.yaml").read_text())["Parameters"]
        _, values = read_overrides(root, sys.argv[1], parameters)
        built.write_text(on_instances(text, values))
    except (OSError, ValueError) as error:
        sys.exit(f"scripts/stamp_settings.py: {built}: {error}")


if __name__ == "__main__":
    main()
