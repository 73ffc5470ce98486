#!/bin/sh
# connect-sdk-python3 6.3.0 ends the name of a downloaded file at a semicolon, also at one between
# quotes.
#
# Input: a Content-Disposition with the name "plan; part 1.pdf", in quotes as RFC 6266 has it.
# Expected: the whole name between the quotes.
# Seen: `"plan`, with the quote that opens the name. The expression that finds the name knows no
# quotes: (?:^|;)\s*filename\s*=\s*(.*?)\s*(?:;|$). The SDK for Node.js, connect-sdk-nodejs 5.2.0,
# has the same one. A name with a comma is read whole. Wants Python 3.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check connect-sdk-python3==6.3.0
"$folder/venv/bin/python" - <<'PYTHON'
from worldline.connect.sdk.communication.response_header import get_disposition_filename as read

seen = [
    read({"Content-Disposition": 'attachment; filename="plan, part 1.pdf"'}),
    read({"Content-Disposition": 'attachment; filename="plan; part 1.pdf"'}),
]
for name in seen:
    print(repr(name))
assert seen == ["plan, part 1.pdf", '"plan'], "the behaviour has changed"
PYTHON
