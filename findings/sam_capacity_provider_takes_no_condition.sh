#!/bin/sh
# aws-sam-translator 1.115.0: a function's capacity provider cannot depend on a condition.
#
# Input: a function whose VpcConfig, and one whose CapacityProviderConfig, is an Fn::If between a
# value and AWS::NoValue, as CloudFormation allows for every property.
# Expected: both go through to the function as they are.
# Seen: VpcConfig does. CapacityProviderConfig is refused, because its `Arn` is looked for beside
# `Fn::If`. The same Fn::If is accepted at `Arn`, but an `Arn` that is AWS::NoValue leaves the
# property there without it. So one template cannot have a function with and without instances.
# Wants Python 3.10 or later with venv.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >look.py <<'PYTHON'
import sys

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

ARN = "arn:aws:lambda:us-east-1:000000000000:capacity-provider:p"
NOTHING = {"Ref": "AWS::NoValue"}


def properties(**more):
    function = {"CodeUri": "s3://b/k", "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": "arn:aws:iam::0:role/r"}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Conditions": {"C": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {**function, **more}}},
    }
    return Translator({}, Parser()).translate(template, {})["Resources"]["F"]["Properties"]


network = {"Fn::If": ["C", {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}, NOTHING]}
if properties(VpcConfig=network)["VpcConfig"] != network:
    sys.exit("changed: a condition at VpcConfig does not go through")
print("VpcConfig: goes through")
try:
    made = properties(CapacityProviderConfig={"Fn::If": ["C", {"Arn": ARN}, NOTHING]})
    sys.exit(f"changed: a condition at CapacityProviderConfig is accepted: {made}")
except InvalidDocumentException as refused:
    print("CapacityProviderConfig:", [cause.message for cause in refused.causes])
made = properties(CapacityProviderConfig={"Arn": {"Fn::If": ["C", ARN, NOTHING]}})
print("Arn:", made["CapacityProviderConfig"])
if "CapacityProviderConfig" not in made:
    sys.exit("changed: the property depends on the condition at Arn")
PYTHON
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check aws-sam-translator==1.115.0
AWS_DEFAULT_REGION=us-east-1 venv/bin/python look.py
