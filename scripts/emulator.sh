#!/bin/sh
# Prints the path of AWS's Runtime Interface Emulator for this machine. It comes in the Python
# package aws-sam-cli. Whatever is missing is an error on standard error and status 1.
set -eu

cd "$(dirname "$0")/.."
case "$(uname -sm)" in
    "Linux x86_64") name=aws-lambda-rie-x86_64 ;;
    "Linux aarch64") name=aws-lambda-rie-arm64 ;;
    *) echo "scripts/emulator.sh: the emulator is a program for Linux on x86_64 or arm64, not for $(uname -sm)" >&2 && exit 1 ;;
esac
tools=$(scripts/python-tools.sh aws-sam-cli)
emulator=$(find "${tools%/bin}/lib" -path "*/samcli/local/rapid/$name")
[ -n "$emulator" ] || { echo "scripts/emulator.sh: there is no $name in aws-sam-cli" >&2 && exit 1; }
chmod +x "$emulator"
echo "$emulator"
