"""How often do strangers of one group match? False match rates within groups of one origin, sex and age, as docs/ACCURACY.md has them.

    selfsame encode UTKFACE/*.jpg > templates.jsonl
    python scripts/strangers_by_group.py templates.jsonl 0.257 0.326 0.386

The numbers are the cosines of similarities 80, 90 and 95 (`selfsame eval --identities` prints them). UTKFace's file names hold
age, gender and group, as its authors estimated them, and nobody's name: every photo counts as a person of its own. Pairs above
SAME are left out, since nearly all of them are two photos of one person. Intervals (95 %) draw photos with replacement.
Needs numpy.
"""

import json
import sys
from pathlib import Path

import numpy as np

ORIGINS = ["white", "Black", "Asian", "Indian", "others"]
SEXES = ["men", "women"]
ADULT_YEARS = 15
# Groups of fewer photos say nothing.
LEAST = 20
SAME = 0.6
DRAWS = 1000


def load(path):
    """Unit templates, one per photo, and age, gender and group of each."""
    photos = {}
    for line in Path(path).read_text().splitlines():
        row = json.loads(line)
        photos.setdefault(Path(row["image"]).name, row["template"])
    values = np.array(list(photos.values()))
    return values / np.linalg.norm(values, axis=1, keepdims=True), np.array(
        [[int(part) for part in name.split("_")[:3]] for name in photos]
    )


def rates(matches, weights):
    """The weighted share of matches among the pairs of a group; each photo has a weight."""
    pairs = np.outer(weights, weights)[np.triu_indices(len(weights), 1)]
    kept = matches >= 0
    return (pairs * (matches == 1))[kept].sum() / max(1, pairs[kept].sum())


def cell(cosines, threshold, count, random):
    matches = np.where(cosines > SAME, -1, (cosines >= threshold).astype(int))
    drawn = [rates(matches, np.bincount(random.integers(0, count, count), minlength=count)) for _ in range(DRAWS)]
    low, high = np.percentile(drawn, [2.5, 97.5]) * 100
    return "%.2g (%.2g to %.2g)" % (rates(matches, np.ones(count)) * 100, low, high)


def main():
    templates, labels = load(sys.argv[1])
    thresholds = [float(text) for text in sys.argv[2:]]
    random = np.random.default_rng(1)
    print("| group | photos | pairs |" + "".join(" FMR at %.3f, %% |" % threshold for threshold in thresholds))
    print("|---|---|---|" + "---|" * len(thresholds))
    for adults in (True, False):
        for origin, title in enumerate(ORIGINS):
            for sex, people in enumerate(SEXES):
                of_age = (labels[:, 0] >= ADULT_YEARS) == adults
                members = np.nonzero(of_age & (labels[:, 2] == origin) & (labels[:, 1] == sex))[0]
                count = len(members)
                if count < LEAST:
                    continue
                cosines = (templates[members] @ templates[members].T)[np.triu_indices(count, 1)]
                name = people if adults else ["boys", "girls"][sex]
                pairs = (cosines <= SAME).sum()
                cells = [cell(cosines, threshold, count, random) for threshold in thresholds]
                print("| %s %s | %d | %d | %s |" % (title, name, count, pairs, " | ".join(cells)))


main()
