"""How often does the portrait on a card not match a selfie of the same person? The table in docs/ACCURACY.md.

    python -m venv venv && venv/bin/pip install numpy pillow
    venv/bin/python scripts/print_vs_selfie.py FACES target/release/selfsame --work WORK

FACES is a folder with one folder per person and `pairs.csv` (`a,b,same`). Of every pair, photo `a` becomes the portrait
on a card (cut around the face, printed, photographed: in silico) and photo `b` stays what it is, the selfie.
`selfsame eval` then compares the same pairs once as they are and once per level of `LEVELS`. The portraits are made of
research photos: WORK is to be deleted, not published.

One thread, one process at a time; the same seed gives the same pictures. Settings of selfsame (`SELFSAME_MODELS` and
so on) are taken from the environment.
"""

import argparse
import csv
import dataclasses
import json
import math
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

# ID-1 (ISO/IEC 7810) and the portrait on it, in millimetres. The portrait is 3:4.
CARD_MM = (85.6, 53.98)
PORTRAIT_MM = (22.0, 22.0 * 4 / 3)
PORTRAIT_AT_MM = (5.0, 14.0)
# Dye sublimation prints 300 points per inch; lines are drawn with twice as many.
PRINTER_PER_MM = 300 / 25.4
FINE_PER_MM = 600 / 25.4

# Of the portrait's height: from the eyes to the mouth, and from its top to the eyes. A face of usual proportions then
# has a head of about three quarters of the height, and eyes a quarter of the width apart, as ISO/IEC 19794-5 wants it.
EYES_TO_MOUTH = 0.21
TOP_TO_EYES = 0.45
BACKGROUND = (214, 217, 220)

CARD_COLOUR = (206, 216, 214)
TABLE_COLOUR = (92, 80, 70)
# Around the card, of its width.
MARGIN = 0.04

SIMILARITY = 95.0
# A portrait must show the face from the front, eyes visible: photos that could be one, by the tool's own estimate.
DOCUMENT_LIKE_DEGREES = 15.0
RESAMPLES = 1000


@dataclasses.dataclass(frozen=True)
class Level:
    """What is done to a portrait."""

    name: str
    portrait_px: int
    """Width of the portrait in the photo of the card."""
    pattern: float
    """How opaque the lines of the security pattern are, 0 to 1."""
    photographed: bool
    """Camera: blur, tilt, uneven light, noise, JPEG. Otherwise as a good scanner sees it."""
    engraved: bool = False
    """Laser engraving: grey, harder and grainier than dyes."""


LEVELS = [
    Level("clean print 385 px", 385, 0.0, False),
    Level("print 385 px", 385, 0.4, True),
    Level("print 155 px", 155, 0.4, True),
    Level("print 155 px, no pattern", 155, 0.0, True),
    Level("print 100 px", 100, 0.4, True),
    Level("engraved 385 px", 385, 0.4, True, engraved=True),
    Level("engraved 155 px", 155, 0.4, True, engraved=True),
]


@dataclasses.dataclass
class Pair:
    a: str
    b: str
    same: bool


class Tool:
    """The `selfsame` binary."""

    def __init__(self, binary):
        self.binary = binary

    def json(self, *arguments):
        command = [self.binary, *map(str, arguments), "--format", "json"]
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if run.returncode != 0:
            sys.exit(f"{' '.join(command)}: {run.stderr.strip()}")
        return json.loads(run.stdout)

    def largest_face(self, photo):
        """The face that `eval` compares, or None."""
        area = lambda face: face["bounding_box"]["width"] * face["bounding_box"]["height"]
        return max(self.json("detect", photo)["faces"], key=area, default=None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faces", type=Path, help="a folder with one folder per person, and pairs.csv")
    parser.add_argument("binary", help="selfsame")
    parser.add_argument("--work", type=Path, required=True, help="a folder for the cards; outside of the checkout")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures into this file, too")
    options = parser.parse_args()

    tool = Tool(options.binary)
    faces = options.faces.resolve()
    pairs = read_pairs(faces / "pairs.csv")
    found = find_faces(tool, faces, sorted({pair.a for pair in pairs}), options.work / "faces.json")
    pairs = [pair for pair in pairs if found[pair.a] is not None]

    as_they_are = evaluate(tool, faces, pairs, options.work, None)
    results = [row("photo vs selfie", pairs, found, as_they_are, as_they_are)]
    for level in LEVELS:
        folder = options.work / level.name.replace(",", "").replace(" ", "-")
        for name in sorted({pair.a for pair in pairs}):
            random = np.random.default_rng([options.seed, zlib.crc32(name.encode())])
            render(faces / name, found[name], level, random, folder / Path(name).with_suffix(".jpg"))
        measured = evaluate(tool, faces, pairs, options.work, folder)
        results.append(row(level.name, pairs, found, as_they_are, measured))
        print(f"{level.name}: FNMR at 95 {100 * results[-1]['fnmr_at_95']['share']:.1f} %", file=sys.stderr)

    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    tell(pairs, found, results)


# Pairs and faces


def read_pairs(path):
    with path.open(newline="") as file:
        return [Pair(row["a"], row["b"], row["same"] == "1") for row in csv.DictReader(file)]


def find_faces(tool, faces, names, cache):
    """The largest face of each photo; None where there is none. What was found once is kept in `cache`."""
    found = json.loads(cache.read_text()) if cache.exists() else {}
    for name in names:
        if name not in found:
            found[name] = tool.largest_face(faces / name)
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text(json.dumps(found))
    return found


def document_like(face):
    return all(abs(face["pose"][angle]) <= DOCUMENT_LIKE_DEGREES for angle in ("pitch", "yaw"))


# Rendering


def render(photo, face, level, random, out):
    """Writes the photo of a card with this portrait. The draws do not depend on the level: levels differ only in what
    they are named for."""
    draws = Draws(random)
    portrait = printed(crop(Image.open(photo).convert("RGB"), face), level, draws)
    picture = lay_on_card(portrait, level)
    if level.photographed:
        picture = photographed(picture, level, draws)
    out.parent.mkdir(parents=True, exist_ok=True)
    picture.save(out, quality=draws.jpeg_quality if level.photographed else 95)


class Draws:
    """What is different from card to card."""

    def __init__(self, random):
        self.contrast = random.uniform(0.68, 0.84)
        self.black = random.uniform(0.07, 0.14)
        self.saturation = random.uniform(0.60, 0.85)
        self.tint = random.normal(0, 0.02, 3).astype(np.float32)
        self.phases = random.uniform(0, 2 * math.pi, 8)
        self.tilt_degrees = random.uniform(-3, 3)
        self.corners = random.uniform(-0.02, 0.02, (4, 2))
        self.exposure = random.uniform(0.82, 1.10)
        self.white = random.normal(1, 0.025, 3).astype(np.float32)
        self.shade_angle = random.uniform(0, 2 * math.pi)
        self.shade = random.uniform(0.10, 0.35)
        self.glare_at = random.uniform(0, 1, 2).tolist()
        self.glare = random.uniform(0.0, 0.25)
        self.blur_px = random.uniform(0.5, 0.9)
        self.noise = random.uniform(2.0, 5.0)
        self.jpeg_quality = int(random.integers(74, 87))
        self.noise_seed = int(random.integers(2**32))

    def grain(self, stage, shape):
        """White noise of deviation 1, of its own for each stage."""
        return np.random.default_rng([self.noise_seed, stage]).standard_normal(shape, np.float32)


def crop(photo, face):
    """Head and shoulders, upright, 3:4; a plain background where the photo ends."""
    marks = {name: np.array([at["x"], at["y"]]) for name, at in face["landmarks"].items()}
    eyes = (marks["left_eye"] + marks["right_eye"]) / 2
    mouth = (marks["left_mouth"] + marks["right_mouth"]) / 2
    box = face["bounding_box"]
    centre = np.array([box["left"] + box["width"] / 2, box["top"] + box["height"] / 2])
    roll = math.radians(face["pose"]["roll"])
    right = np.array([math.cos(roll), math.sin(roll)])
    if np.dot(marks["right_eye"] - marks["left_eye"], right) < abs(np.dot(mouth - eyes, right)):
        # Near profile the eyes say little about what is level: the face's long axis does.
        axis = (mouth - eyes) / np.linalg.norm(mouth - eyes)
        right = np.array([axis[1], -axis[0]])
    down = np.array([-right[1], right[0]])
    height = max(np.dot(mouth - eyes, down) / EYES_TO_MOUTH, 1.2 * box["height"])
    width = height * 3 / 4
    # Sideways the middle of the head, which in a half profile is not between the eyes.
    top_left = eyes + right * np.dot(centre - eyes, right) - right * width / 2 - down * TOP_TO_EYES * height
    size = tuple(round(side * PRINTER_PER_MM) for side in PORTRAIT_MM)
    step = width / size[0]
    # Reduced first, so that no detail is skipped by the warp.
    reduce = max(1, int(step))
    photo = photo.reduce(reduce)
    scale = step / reduce
    at = (top_left + 0.5 * step * (right + down)) / reduce
    coefficients = (right[0] * scale, down[0] * scale, at[0] - (right[0] + down[0]) * scale / 2,
                    right[1] * scale, down[1] * scale, at[1] - (right[1] + down[1]) * scale / 2)
    upright = photo.transform(size, Image.Transform.AFFINE, coefficients, Image.Resampling.BICUBIC)
    inside = Image.new("L", photo.size, 255).transform(size, Image.Transform.AFFINE, coefficients)
    return Image.composite(upright, Image.new("RGB", size, BACKGROUND), inside)


def printed(portrait, level, draws):
    """The portrait on the card's surface, 600 points per inch."""
    size = tuple(round(side * FINE_PER_MM) for side in PORTRAIT_MM)
    ink = as_floats(portrait)
    grey = ink @ np.array([0.299, 0.587, 0.114], np.float32)
    saturation = 0.0 if level.engraved else draws.saturation
    ink = grey[..., None] * (1 - saturation) + ink * saturation
    if level.engraved:
        # Burnt points: steeper in the middle, and no two the same.
        ink = ink * ink * (3 - 2 * ink)
        ink = ink + 0.06 * draws.grain(0, ink.shape[:2])[..., None]
    else:
        ink = ink * (1 + draws.tint) + 0.012 * draws.grain(0, ink.shape)
    ink = draws.black + draws.contrast * ink.clip(0, 1)
    # Dyes run into each other; the laser's points are about as wide.
    surface = as_image(ink).resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(2.0))
    if level.pattern > 0:
        lines = guilloche(size, draws.phases)
        colour = Image.new("RGB", size, (120, 120, 124) if level.engraved else (96, 128, 150))
        strength = lines.point(lambda value: round(value * level.pattern))
        # Printed lines darken what is light and, being opaque ink, lighten what is dark.
        surface = Image.composite(colour, surface, strength)
    return surface


def guilloche(size, phases):
    """Three families of fine wavy lines, 0.1 mm wide; white on black."""
    lines = Image.new("L", size, 0)
    draw = ImageDraw.Draw(lines)
    thickness = round(0.1 * FINE_PER_MM)
    xs = np.arange(-20, size[0] + 20, 4)
    families = [(0.9, 1.6, 9, 0.1), (1.1, 1.2, 6, -0.35), (1.3, 2.2, 14, 0.8)]
    for family, (pitch_mm, swing_mm, wave_mm, slope) in enumerate(families):
        pitch, swing, wave = (value * FINE_PER_MM for value in (pitch_mm, swing_mm, wave_mm))
        bend = swing * np.sin(2 * math.pi * xs / wave + phases[family])
        bend = bend + 0.4 * swing * np.sin(2 * math.pi * xs / (wave * 0.37) + phases[family + 3]) + slope * xs
        for start in np.arange(-size[1], 2 * size[1], pitch):
            draw.line(list(zip(xs.tolist(), (start + bend).tolist())), fill=255, width=thickness)
    # The lines lie in the print's layer: as soft as it.
    return lines.filter(ImageFilter.GaussianBlur(0.7))


def lay_on_card(portrait, level):
    """The card on a table, flat and evenly lit, at the scale of the level."""
    per_mm = level.portrait_px / PORTRAIT_MM[0]
    card = tuple(round(side * per_mm) for side in CARD_MM)
    margin = round(card[0] * MARGIN)
    picture = Image.new("RGB", (card[0] + 2 * margin, card[1] + 2 * margin), TABLE_COLOUR)
    picture.paste(Image.new("RGB", card, CARD_COLOUR), (margin, margin))
    size = tuple(round(side * per_mm) for side in PORTRAIT_MM)
    at = tuple(margin + round(side * per_mm) for side in PORTRAIT_AT_MM)
    picture.paste(portrait.resize(size, Image.Resampling.LANCZOS), at)
    # Lines of text, so that the portrait is not all there is.
    draw = ImageDraw.Draw(picture)
    for line, length in enumerate([30, 22, 36, 18, 26]):
        left, top = (margin + side * per_mm for side in (33, 15 + 6 * line))
        draw.rectangle((left, top, left + length * per_mm, top + 2 * per_mm), fill=(120, 128, 130))
    return picture


def photographed(picture, level, draws):
    """What a telephone held over the card makes of it."""
    width, height = picture.size
    tilted = tilt(picture, draws)
    x = np.arange(width, dtype=np.float32)[None, :, None] / width
    y = np.arange(height, dtype=np.float32)[:, None, None] / height
    across = (x - 0.5) * math.cos(draws.shade_angle) + (y - 0.5) * math.sin(draws.shade_angle)
    light = draws.exposure * (1 - draws.shade * (across + 0.5))
    spot = lambda away: np.exp(-(away**2) / (2 * 0.12**2))
    glare = draws.glare * spot(x - draws.glare_at[0]) * spot((y - draws.glare_at[1]) * (height / width))
    seen = as_floats(tilted) * light * draws.white
    seen += glare * (1 - seen)
    blurred = as_image(seen).filter(ImageFilter.GaussianBlur(draws.blur_px))
    noisy = as_floats(blurred) + draws.noise / 255 * draws.grain(1, (height, width, 3))
    return as_image(noisy)


def tilt(picture, draws):
    """Turns the picture a little and moves each corner by up to 2 % of the width."""
    width, height = picture.size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    angle = math.radians(draws.tilt_degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    middle = np.array([width / 2, height / 2])
    source = (corners - middle) @ turn.T + middle + draws.corners * width
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, source):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    coefficients = np.linalg.solve(np.array(rows), np.array(values))
    return picture.transform(
        picture.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC, fillcolor=TABLE_COLOUR
    )


def as_floats(picture):
    return np.asarray(picture, np.float32) / 255


def as_image(values):
    return Image.fromarray((values.clip(0, 1) * 255 + 0.5).astype(np.uint8))


# Measuring


@dataclasses.dataclass
class Measured:
    answer: dict
    """What `selfsame eval` says."""
    scores: list
    """The cosine of each pair; None where a face was not found."""
    missing: int
    """Photos `a` without a face."""


def evaluate(tool, faces, pairs, work, cards):
    """Runs `selfsame eval`: with the cards in place of the photos `a`, or with the photos themselves."""
    a = lambda pair: (faces / pair.a) if cards is None else (cards / Path(pair.a).with_suffix(".jpg")).resolve()
    listed = [(str(a(pair)), str(faces / pair.b), int(pair.same)) for pair in pairs]
    path = work / "list.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("a", "b", "same"), *listed])
    # All pairs are asked for by name: scores that belong to pairs show what changed for each.
    answer = tool.json("eval", "--pairs", path, "--images", work, "--threads", 1, "--worst", len(pairs))
    named = {(pair["a"], pair["b"], int(pair["same"])): pair["cosine"] for pair in answer.pop("worst")}
    without = set(answer["photos_without_face"])
    return Measured(answer, [named.get(names) for names in listed], len(without & {a for a, _, _ in listed}))


def row(name, pairs, found, before, after):
    """The figures of one level."""
    cosine = next(at["cosine"] for at in after.answer["similarities"] if at["similarity"] == SIMILARITY)
    genuine = [position for position, pair in enumerate(pairs) if pair.same]
    frontal = [position for position in genuine if document_like(found[pairs[position].a])]
    matched = [position for position in genuine if matches(before.scores[position], cosine)]
    frontal_matched = [position for position in frontal if matches(before.scores[position], cosine)]
    compared = lambda positions: [position for position in positions if after.scores[position] is not None]
    missed = lambda positions: share_missed(pairs, after.scores, positions, cosine)
    impostor = [score for pair, score in zip(pairs, after.scores) if not pair.same and score is not None]
    at = {entry["fmr"]: entry for entry in after.answer["fnmr_at_fmr"]}
    return {
        "level": name,
        "cards": len({pair.a for pair in pairs}),
        "without_face": after.missing,
        "cosine_at_95": cosine,
        "false_matches_at_95": sum(score >= cosine for score in impostor),
        "false_matches_at_80": round(len(impostor) * after.answer["similarities"][0]["fmr"]),
        "impostor_median": float(np.median(impostor)),
        "genuine_median": float(np.median([after.scores[position] for position in compared(genuine)])),
        "fnmr_at_95": missed(compared(genuine)),
        "fnmr_at_95_document_like": missed(compared(frontal)),
        "lost_at_95": missed(matched),
        "lost_at_95_document_like": missed(frontal_matched),
        "fnmr_at_fmr_1e-2": at[0.01]["fnmr"],
        "fnmr_at_fmr_1e-2_interval": at[0.01]["fnmr_interval"],
        "fnmr_at_fmr_1e-3": at[0.001]["fnmr"],
    }


def matches(score, threshold):
    return score is not None and score >= threshold


def share_missed(pairs, scores, positions, threshold):
    """The share of these pairs that do not match, with an interval (95 %) that draws people with replacement."""
    people = {}
    for position in positions:
        person = people.setdefault(pairs[position].a.split("/")[0], [0, 0])
        person[0] += not matches(scores[position], threshold)
        person[1] += 1
    counts = np.array(list(people.values()))
    random = np.random.default_rng(0)
    drawn = counts[random.integers(len(counts), size=(RESAMPLES, len(counts)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    misses, count = counts.sum(axis=0).tolist()
    return {"pairs": count, "missed": misses, "share": misses / count, "low": float(low), "high": float(high)}


def tell(pairs, found, results):
    photos = {pair.a for pair in pairs}
    frontal = sum(document_like(found[name]) for name in photos)
    first = results[0]
    print(f"{sum(pair.same for pair in pairs)} genuine and {sum(not pair.same for pair in pairs)} impostor pairs, "
          f"{len(photos)} cards, of which {frontal} with yaw and pitch within {DOCUMENT_LIKE_DEGREES:.0f} degrees "
          f"({first['fnmr_at_95_document_like']['pairs']} genuine pairs)\n")
    print("| | no face found | FNMR at 95 | lost | facing front: FNMR at 95 | lost | false matches at 80 | at 95 "
          "| FNMR at FMR 1e-2 | 1e-3 |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for result in results:
        print("| " + " | ".join([
            result["level"],
            f"{result['without_face']} of {result['cards']}",
            *(with_interval(result[key]) for key in
              ("fnmr_at_95", "lost_at_95", "fnmr_at_95_document_like", "lost_at_95_document_like")),
            str(result["false_matches_at_80"]),
            str(result["false_matches_at_95"]),
            f"{100 * result['fnmr_at_fmr_1e-2']:.1f}",
            "" if result["fnmr_at_fmr_1e-3"] is None else f"{100 * result['fnmr_at_fmr_1e-3']:.1f}",
        ]) + " |")


def with_interval(share):
    return f"{100 * share['share']:.1f} ({100 * share['low']:.1f} to {100 * share['high']:.1f})"


if __name__ == "__main__":
    main()
