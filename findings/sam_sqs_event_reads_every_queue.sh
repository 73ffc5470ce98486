#!/bin/sh
# aws-sam-translator 1.115.0: a function with an SQS or DynamoDB event may read every queue or every
# stream of the account, also where its own policy is about one alone.
#
# Input: a template with two functions. Each has one event source, and names a policy of its own.
# Expected: the role may read the queue or the stream of its event, which the template names.
# Seen: the role also gets a policy that AWS manages, AWSLambdaSQSQueueExecutionRole or
# AWSLambdaDynamoDBExecutionRole. Both, as moto 5.2.5 has them from AWS, are for the resource `*`.
# Nothing in the function's properties takes that away, but a `Role` of its own, which is used as
# it is.
# Wants Python 3.10 or later with venv.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >look.py <<'PYTHON'
import json
import sys

from moto.iam.aws_managed_policies import aws_managed_policies_data
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

EVENTS = {
    "AWSLambdaSQSQueueExecutionRole": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}},
    "AWSLambdaDynamoDBExecutionRole": {
        "Type": "DynamoDB",
        "Properties": {"Stream": {"Fn::GetAtt": ["Table", "StreamArn"]}, "StartingPosition": "LATEST"},
    },
}
OWN = [{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/b"}]}]


def role(event, **more):
    function = {"CodeUri": "s3://b/k", "Runtime": "provided.al2023", "Handler": "bootstrap", "Events": {"E": event}}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"StreamSpecification": {"StreamViewType": "KEYS_ONLY"}}},
            "F": {"Type": "AWS::Serverless::Function", "Properties": {**function, **more}},
        },
    }
    return Translator({}, Parser()).translate(template, {})["Resources"].get("FRole")


managed = json.loads(aws_managed_policies_data)
for name, event in EVENTS.items():
    arns = role(event, Policies=OWN)["Properties"]["ManagedPolicyArns"]
    attached = [arn for arn in arns if arn.endswith(name)]
    resources = [statement["Resource"] for statement in managed[name]["Document"]["Statement"]]
    print(event["Type"], attached, resources)
    if not attached:
        sys.exit(f"changed: {name} is not attached")
    if resources != ["*"]:
        sys.exit(f"changed: {name} is for {resources}")
    if role(event, Role="arn:aws:iam::000000000000:role/own") is not None:
        sys.exit("changed: a role is made beside the function's own")
PYTHON
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check aws-sam-translator==1.115.0 moto==5.2.5
AWS_DEFAULT_REGION=us-east-1 venv/bin/python look.py
