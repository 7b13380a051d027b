"""Reference values for crates/document: AAMVA payloads of people who do not exist, as the Python package aamva-parser reads
them.

    python -m venv venv && venv/bin/pip install aamva-parser==0.1.2
    venv/bin/python scripts/reference/aamva.py > crates/document/tests/data/aamva.json

With a directory of payloads of issuers, the same for these; they are not ours to keep, so the file stays outside:

    venv/bin/python scripts/reference/aamva.py ../shared/data/documents/aamva > /tmp/aamva.json
    SELFSAME_AAMVA_REFERENCE=/tmp/aamva.json cargo test -p selfsame-document --test payloads
"""

import json
import pathlib
import random
import sys

from aamva_parser import parse

ISSUERS = [(636000, "VA"), (636001, "NY"), (636014, "CA"), (636015, "TX"), (636023, "OH"), (604431, "PR")]
NAMES = ["EXAMPLE", "NOBODY-SMITH", "VAN DER NIEMAND", "O'NONE", "QUXLEY", "MUSTERFRAU"]
GIVEN = ["RIVER", "ASH", "MAPLE JUNE", "ELM", "CEDAR", "JUNIPER"]
EYES = ["BLK", "BLU", "BRO", "GRY", "GRN", "HAZ", "MAR", "PNK", "DIC"]
HAIR = ["BAL", "BLK", "BLN", "BRO", "GRY", "RED", "SDY", "WHI"]


def elements(version: int, state: str, chance: random.Random) -> list[str]:
    """The elements of a licence as the version has them, those that are optional now and then."""
    day = lambda first, last: (chance.randint(first, last), chance.randint(1, 12), chance.randint(1, 28))
    year_first = version == 1
    date = lambda d: "{0:04}{1:02}{2:02}".format(*d) if year_first else "{1:02}{2:02}{0:04}".format(*d)
    family, first, middle = chance.choice(NAMES), chance.choice(GIVEN), chance.choice(GIVEN)
    suffix = chance.choice(["JR", "III", ""])
    out = [f"DAQ{chance.choice('ABCDEFGH')}{chance.randint(10**6, 10**7 - 1)}"]
    if version == 1:
        out.append(f"DAA{family},{first},{middle},{suffix}")
    elif version < 4:
        out += [f"DCS{family}", f"DCT{first.split()[0]}"]
    else:
        cut = lambda: chance.choice("TNU")
        out += [f"DCS{family}", f"DDE{cut()}", f"DAC{first}", f"DDF{cut()}", f"DAD{middle}", f"DDG{cut()}"]
    if suffix and version >= 2:
        out.append(f"DCU{suffix}")
    out += [f"DBD{date(day(2015, 2025))}", f"DBB{date(day(1940, 2008))}", f"DBA{date(day(2026, 2034))}"]
    out.append(f"DBC{chance.choice('12' if version > 1 else 'MF')}")
    feet, inches = chance.randint(4, 6), chance.randint(0, 11)
    if version == 1:
        out.append(f"DAU{feet}{inches:02}")
    else:
        out.append(chance.choice([f"DAU{feet * 12 + inches:03} in", f"DAU{chance.randint(140, 200)} cm"]))
    out += [f"DAY{chance.choice(EYES)}", f"DAG{chance.randint(1, 9999)} IMAGINARY RD"]
    if chance.random() < 0.3:
        out.append(f"DAHAPT {chance.randint(1, 99)}")
    plus_four = chance.choice(["0000", f"{chance.randint(1, 9999):04}"])
    out += ["DAINOWHERE", f"DAJ{state}", f"DAK{chance.randint(10000, 99999)}{plus_four}  "]
    if version >= 2:
        out += [f"DCF{chance.randint(10**9, 10**10)}", "DCGUSA"]
    if chance.random() < 0.5:
        out += [f"DAZ{chance.choice(HAIR)}", f"DAW{chance.randint(95, 280):03}"]
    head, tail = out[:1], out[1:]
    chance.shuffle(tail)
    return head + tail


def payload(issuer: int, version: int, lines: list[str]) -> str:
    """The text of a barcode with one subfile, its place in the directory right."""
    own = "" if version == 1 else "00"
    header = f"@\n\x1e\rANSI {issuer}{version:02}{own}01"
    body = "DL" + "\n".join(lines) + "\r"
    return f"{header}DL{len(header) + 10:04}{len(body):04}{body}"


def date(value) -> str | None:
    return value.strftime("%Y-%m-%d") if value else None


def read(text: str) -> dict:
    """What the other parser says; nothing where it knows nothing."""
    card = parse(text)
    found = {
        "version": card.version,
        "last_name": card.last_name,
        "first_name": card.first_name,
        "middle_name": card.middle_name,
        "suffix": None if card.suffix.value == "Unknown" else card.suffix.value,
        "date_of_birth": date(card.date_of_birth),
        "date_of_issue": date(card.issue_date),
        "date_of_expiry": date(card.expiration_date),
        "sex": {"Male": "M", "Female": "F"}.get(card.gender.value),
        "height_inches": card.height,
        "weight": card.weight,
        "street": card.street_address,
        "street_2": card.street_address_supplement,
        "city": card.city,
        "state": card.state,
        "postal_code": card.postal_code,
        "number": card.drivers_license_id,
        "discriminator": card.document_id,
        "country": {"United States": "USA", "Canada": "CAN"}.get(card.country.value),
        "eyes": None if card.eye_color.value == "Unknown" else card.eye_color.value,
        "hair": None if card.hair_color.value == "Unknown" else card.hair_color.value,
        "truncations": [
            t.value for t in (card.last_name_truncation, card.first_name_truncation, card.middle_name_truncation)
        ],
    }
    return {key: value for key, value in found.items() if value is not None}


def main() -> None:
    cases = []
    if len(sys.argv) > 1:
        for path in sorted(pathlib.Path(sys.argv[1]).glob("*.txt")):
            text = path.read_bytes().decode("utf-8", "replace")
            try:
                cases.append({"name": path.name, "payload": text, "expected": read(text)})
            except ValueError as error:
                print(f"{path.name}: {error}", file=sys.stderr)
    else:
        chance = random.Random(9303)
        for index in range(60):
            issuer, state = ISSUERS[index % len(ISSUERS)]
            version = 1 + index % 10
            text = payload(issuer, version, elements(version, state, chance))
            cases.append({"name": f"{index} of version {version}", "payload": text, "expected": read(text)})
    json.dump(cases, sys.stdout, indent=1)
    print()


main()
