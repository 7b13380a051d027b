"""Chooses the parameters of crates/face/src/unified_quality.rs, and judges them on other people.

    selfsame eval --quality faces/identities --samples samples.csv
    python -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python scripts/reference/unified_quality.py samples.csv

Prints the likeliest centres and widths for the choosing part (every other person), the gain in the error-versus-discard
curve (0 to 20 % discarded, misses at similarity 95) of the rounded ones and of single measures on both parts, misses by
range of the score, and the reference values of the test.
"""

import csv
import sys

import numpy as np
from scipy.optimize import minimize

# centre and width of each factor, as in the source: the rounded result of this script
FACTORS = {
    "sharp": (5.6, 4.4),
    "not dark": (1.292, 0.211),
    "not bright": (-96.5, 6.4),
    "large": (2.84, 0.168),
    "frontal": (-55.0, 7.0),
}
START = {
    "sharp": (10.0, 8.0),
    "not dark": (1.4, 0.4),
    "not bright": (-98.0, 6.0),
    "large": (2.8, 0.3),
    "frontal": (-60.0, 8.0),
}


def logistic(z):
    return 1 / (1 + np.exp(-np.clip(z, -60, 60)))


def values(yaw, brightness, sharpness, side_px):
    return {
        "sharp": sharpness,
        "not dark": np.log(np.maximum(brightness, 1e-9)),
        "not bright": -brightness,
        "large": np.log(side_px),
        "frontal": -np.abs(yaw),
    }


def product(factors, of):
    return np.prod([logistic((of[name] - center) / width) for name, (center, width) in factors.items()], axis=0)


def quality(of):
    return 100 * product(FACTORS, of)


def fit(of, trials, misses):
    """Binomial likelihood of matches with probability base × product."""
    scale = np.array([w for _, width in START.values() for w in (width, 0.2)] + [0.2])
    start = np.array([v for center, width in START.values() for v in (center, np.log(width))] + [2.0]) / scale

    def factors(p):
        p = p * scale
        return {name: (p[2 * i], np.exp(p[2 * i + 1])) for i, name in enumerate(START)}

    def loss(p):
        match = np.clip(logistic(p[-1] * scale[-1]) * product(factors(p), of), 1e-6, 1 - 1e-6)
        return -np.mean((trials - misses) * np.log(match) + misses * np.log(1 - match))

    best = minimize(loss, start, method="L-BFGS-B").x
    return factors(best), logistic(best[-1] * scale[-1])


def gain(score, trials, misses):
    order = np.argsort(score, kind="stable")
    trials, misses = np.cumsum(np.append(0, trials[order])), np.cumsum(np.append(0, misses[order]))
    share = np.linspace(0, 0.2, 21)
    rate = misses[-1] / trials[-1]
    curve = (misses[-1] - np.interp(share * trials[-1], trials, misses)) / (trials[-1] * (1 - share))
    best = np.maximum((rate - share) / (1 - share), 0)
    return 1 - np.trapezoid(curve, share) / 0.2 / rate, 1 - np.trapezoid(best, share) / 0.2 / rate


def main():
    rows = list(csv.DictReader(open(sys.argv[1])))
    column = {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name not in ("photo", "spoil")}
    natural = np.array([row["spoil"] == "" for row in rows])
    choosing = column["person"] % 2 == 0
    measures = ("yaw", "brightness", "sharpness", "side_px")
    of = values(*[column[name] for name in measures])
    trials, misses = column["genuine"], column["missed_at_95"]

    found, base = fit({name: of[name][choosing] for name in of}, trials[choosing], misses[choosing])
    print("likeliest on the choosing part (base %.3f):" % base)
    for name, (center, width) in found.items():
        print("  %-10s centre %8.3f width %6.3f   in use %s" % (name, center, width, FACTORS[name]))

    score = quality(of)
    minimum = np.min([logistic((of[n] - c) / w) for n, (c, w) in FACTORS.items()], axis=0)
    parts = {
        "choosing, as they are": choosing & natural,
        "judging, as they are": ~choosing & natural,
        "choosing, all": choosing,
        "judging, all": ~choosing,
    }
    candidates = {
        "unified quality": score,
        "minimum of its factors": minimum,
        "sharpness": column["sharpness"],
        "brightness": column["brightness"],
        "face side": column["side_px"],
        "confidence": column["confidence"],
        "yaw": -column["yaw"],
    }
    for title, part in parts.items():
        print(title)
        for name, candidate in candidates.items():
            print("  %-24s gain %6.3f of at most %.3f" % (name, *gain(candidate[part], trials[part], misses[part])))

    print("quality    misses at 95, choosing and judging part")
    for low, high in [(0, 10), (10, 30), (30, 50), (50, 70), (70, 80), (80, 90), (90, 95), (95, 101)]:
        rates = []
        for part in (choosing, ~choosing):
            inside = part & (score >= low) & (score < high)
            rates.append(misses[inside].sum() / max(1, trials[inside].sum()))
        print("%3d to %3d  %.3f  %.3f" % (low, min(high, 100), *rates))

    print("reference values:")
    random = np.random.default_rng(7)
    for _ in range(12):
        row = [random.uniform(-70, 70), random.uniform(1, 99), random.uniform(0, 60), random.uniform(12, 120)]
        row = [round(float(v), 3) for v in row]
        print("    (%s, %.6f)," % (", ".join("%.3f" % v for v in row), quality(values(*[np.array(v) for v in row]))))


main()
