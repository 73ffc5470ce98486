"""Writes a digest of the settings into the template that `sam build` has written.

It makes a changed parameter reach the functions that run. A function's alias moves when the function
has a new version, and SAM publishes one when the text of the function's properties changes. SAM does
not resolve a Ref, so a changed parameter alone publishes none, and the function would run with the
old value. So each function has a variable with the digest of samconfig.toml, which sets parameters,
and of template.yaml, which has their defaults.

`make deploy` runs it between build and deploy. It ends with status 1 if the built template has no
place for the digest, or several.
"""

import hashlib
import sys
from pathlib import Path

PLACE = "SETTINGS: as-written\n"
FILES = ["samconfig.toml", "template.yaml"]


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


def main():
    root = Path(__file__).resolve().parent.parent
    built = root / ".aws-sam/build/template.yaml"
    try:
        built.write_text(stamped(built.read_text(), digest(root)))
    except (OSError, ValueError) as error:
        sys.exit(f"scripts/stamp_settings.py: {built}: {error}")


if __name__ == "__main__":
    main()
