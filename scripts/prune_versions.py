"""Deletes old versions of a stack's functions.

Each deployment publishes a version of every function, and an account has 75 GB for code in a region.

    prune_versions.py STAGE [KEEP]

Of each function it leaves the KEEP newest versions (10 by default) and those that an alias points
at, also the second one of a rollout. So a rollback to one of the last deployments stays possible.
`make prune` runs it.

Runs in SAM's own Python, with the credentials and the region of the environment. It prints what it
deleted of each function.
"""

import sys
from pathlib import Path

import boto3
import tomlkit

KEEP = 10


def pages(client, operation, key, **arguments):
    """All items of all pages of an answer."""
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[key]


def used(alias):
    """The versions that an alias points at."""
    return {alias["FunctionVersion"], *alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})}


def prune(cloudformation, functions, stack, keep):
    """Deletes old versions, and yields each function with its deleted versions."""
    for resource in pages(cloudformation, "list_stack_resources", "StackResourceSummaries", StackName=stack):
        if resource["ResourceType"] != "AWS::Lambda::Function":
            continue
        name = resource["PhysicalResourceId"]
        listed = pages(functions, "list_versions_by_function", "Versions", FunctionName=name)
        versions = sorted((one["Version"] for one in listed if one["Version"] != "$LATEST"), key=int)
        # Listed after the versions, so that a version which a deployment has just published counts.
        in_use = set().union(*map(used, pages(functions, "list_aliases", "Aliases", FunctionName=name)))
        old = [version for version in versions[:-keep] if version not in in_use]
        for version in old:
            functions.delete_function(FunctionName=name, Qualifier=version)
        yield name, old


def main():
    stage, keep = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else KEEP
    if keep < 1:
        sys.exit("scripts/prune_versions.py: KEEP must be at least 1")
    config = tomlkit.parse((Path(__file__).resolve().parent.parent / "samconfig.toml").read_text())
    stack = config[stage]["deploy"]["parameters"]["stack_name"]
    deleted = 0
    for name, versions in prune(boto3.client("cloudformation"), boto3.client("lambda"), str(stack), keep):
        deleted += len(versions)
        if versions:
            print(f"{name}: deleted {', '.join(versions)}")
    print(f"{stack}: {deleted} old versions deleted")


if __name__ == "__main__":
    main()
