"""Identity documents of people who do not exist, drawn for the tests."""

import io

from PIL import Image, ImageDraw, ImageFont

# What the licence says, under AWS's names.
LICENCE = {
    "FIRST_NAME": "TESSA",
    "LAST_NAME": "MARLOWE",
    "MIDDLE_NAME": "JUNE",
    "CITY_IN_ADDRESS": "DAYTON",
    "ZIP_CODE_IN_ADDRESS": "45402",
    "STATE_IN_ADDRESS": "OH",
    "STATE_NAME": "OHIO",
    "DOCUMENT_NUMBER": "K4417926",
    "EXPIRATION_DATE": "04/17/2031",
    "DATE_OF_BIRTH": "04/17/1988",
    "DATE_OF_ISSUE": "04/20/2023",
    "ID_TYPE": "DRIVER LICENSE FRONT",
    "CLASS": "D",
    "ADDRESS": "1207 QUARRY LANE",
}

# x, y, size, text: after the AAMVA DL/ID Card Design Standard, in nobody's layout.
_ROWS = [
    (40, 30, 60, "OHIO"),
    (420, 36, 40, "DRIVER LICENSE"),
    (400, 120, 34, "4d LIC NO  K4417926"),
    (400, 180, 34, "3 DOB  04/17/1988"),
    (800, 180, 34, "4b EXP  04/17/2031"),
    (400, 240, 34, "1 MARLOWE"),
    (400, 290, 34, "2 TESSA JUNE"),
    (400, 350, 34, "8 1207 QUARRY LANE"),
    (430, 400, 34, "DAYTON, OH 45402"),
    (400, 470, 34, "4a ISS  04/20/2023"),
    (800, 470, 34, "9 CLASS  D"),
    (400, 530, 34, "15 SEX  F"),
    (620, 530, 34, "16 HGT  5'-07\""),
    (930, 530, 34, "18 EYES  BRO"),
]


def licence(portrait: Image.Image | None = None) -> Image.Image:
    """The front of a driver licence, perhaps with a portrait."""
    card = Image.new("RGB", (1220, 770), (236, 241, 246))
    draw = ImageDraw.Draw(card)
    for x, y, size, text in _ROWS:
        draw.text((x, y), text, fill=(25, 25, 40), font=ImageFont.load_default(size))
    if portrait is not None:
        width = 320
        card.paste(portrait.resize((width, portrait.height * width // portrait.width)), (40, 130))
    return card


def scan(card: Image.Image, kind: str = "JPEG", **options) -> bytes:
    """The card as a file."""
    buffer = io.BytesIO()
    card.save(buffer, kind, **options)
    return buffer.getvalue()
