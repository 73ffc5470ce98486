#!/bin/sh
# cfn-lint 1.58.0: a runtime and an architecture that Lambda does not have pass in a function of
# SAM's.
#
# Input: one template with an AWS::Serverless::Function and one with an AWS::Lambda::Function, both
# with the runtime provided.al2032 and the architecture arm46.
# Expected: both wrong values are named in both templates.
# Seen: in the second template both are named (E3030). In the first, where they are in `Globals`,
# nothing is.
# Wants Python 3.10 or later with venv.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >sam.yaml <<'YAML'
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Runtime: provided.al2032, Architectures: [arm46], Handler: bootstrap } }
Resources:
  Function: { Type: AWS::Serverless::Function, Properties: { CodeUri: "s3://bucket/key" } }
YAML
cat >plain.yaml <<'YAML'
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: "sts:AssumeRole" }]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: provided.al2032
      Architectures: [arm46]
      Handler: bootstrap
      Role: !GetAtt Role.Arn
      Code: { S3Bucket: bucket, S3Key: key }
YAML
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check cfn-lint==1.58.0
plain=$(venv/bin/cfn-lint plain.yaml || true)
sam=$(venv/bin/cfn-lint sam.yaml || true)
echo "plain: $plain"
echo "sam: $sam"
case "$plain" in *provided.al2032*arm46* | *arm46*provided.al2032*) ;; *) echo "changed: the plain function passes" >&2 && exit 1 ;; esac
case "$sam" in *provided.al2032* | *arm46*) echo "changed: the function of SAM's is looked at" >&2 && exit 1 ;; esac
