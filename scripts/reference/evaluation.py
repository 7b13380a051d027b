"""Reference values for crates/evaluation, computed with scikit-learn, SciPy and NumPy.

    python -m venv venv && venv/bin/pip install numpy scipy scikit-learn
    venv/bin/python scripts/reference/evaluation.py > crates/evaluation/tests/data/reference.json

The scores are synthetic: normal for impostors, skewed for genuine pairs, rounded so that equal scores occur.
"""

import json

import numpy as np
from scipy import stats
from scipy.interpolate import interp1d
from scipy.optimize import brentq
from sklearn.metrics import roc_curve

FMRS = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6]


def equal_error(same, scores):
    fpr, tpr, _ = roc_curve(same, scores, drop_intermediate=False)
    return brentq(lambda x: 1.0 - x - interp1d(fpr, tpr)(x), 0.0, 1.0, xtol=1e-14)


def fnmr_at_fmr(same, scores, fmr):
    """The best FNMR among the points of the ROC curve that keep the rate; None if they allow no false match."""
    impostors = np.sum(same == 0)
    if fmr * impostors < 1 - 1e-9:
        return None
    fpr, tpr, _ = roc_curve(same, scores, drop_intermediate=False)
    return float(1 - tpr[fpr <= fmr + 1e-12].max())


def train(same, scores):
    """Every threshold between neighbouring scores, by brute force; equal accuracies: the widest gap, then the lowest."""
    values = np.unique(scores)
    thresholds = np.concatenate([[values[0]], (values[:-1] + values[1:]) / 2, [values[-1] + 1e-9]])
    gaps = np.concatenate([[0], np.diff(values), [0]])
    right = np.array([np.sum((scores >= t) == (same == 1)) for t in thresholds])
    best = sorted(zip(-right, -gaps, thresholds))[0]
    return best[2]


def cross_validate(same, scores, folds):
    accuracies = []
    for fold in range(folds.max() + 1):
        inside = folds == fold
        threshold = train(same[~inside], scores[~inside])
        accuracies.append(np.mean((scores[inside] >= threshold) == (same[inside] == 1)))
    accuracies = np.array(accuracies)
    return {
        "mean": accuracies.mean(),
        "std": accuracies.std(),
        "standard_error": accuracies.std(ddof=1) / np.sqrt(len(accuracies)),
        "folds": accuracies.tolist(),
    }


def folds_by_order(same):
    folds = np.zeros(len(same), dtype=int)
    for kind in (0, 1):
        positions = np.flatnonzero(same == kind)
        for fold, part in enumerate(split(positions, 10)):
            folds[part] = fold
    return folds


def split(positions, count):
    """Position i of n belongs to part i * count // n."""
    n = len(positions)
    part = np.arange(n) * count // n
    return [positions[part == p] for p in range(count)]


def case(seed, genuine, impostors, decimals):
    random = np.random.default_rng(seed)
    scores = np.concatenate([
        1 - random.gamma(3.0, 0.11, genuine),
        random.normal(0.02, 0.11, impostors),
    ]).clip(-1, 1).round(decimals)
    same = np.concatenate([np.ones(genuine, int), np.zeros(impostors, int)])
    order = random.permutation(len(same))
    same, scores = same[order], scores[order]
    listed = random.integers(0, 7, len(same))
    return {
        "same": same.tolist(),
        "scores": scores.tolist(),
        "listed_folds": listed.tolist(),
        "eer": equal_error(same, scores),
        "fnmr_at_fmr": [fnmr_at_fmr(same, scores, fmr) for fmr in FMRS],
        "accuracy_by_order": cross_validate(same, scores, folds_by_order(same)),
        "accuracy_listed": cross_validate(same, scores, listed),
    }


def tail(seed, count):
    """The calibration's parts: counted quantiles, and the exponential tail by SciPy's maximum likelihood."""
    scores = np.random.default_rng(seed).normal(0.0, 0.1, count).round(6)
    falling = np.sort(scores)[::-1]
    size = min(max(count // 100, 30), 300)
    threshold = falling[size]
    _, mean_excess = stats.expon.fit(falling[:size] - threshold, floc=0)
    quarter_decades = []
    for quarter in range(1, 100):
        reached_by = int(round(10 ** (-quarter / 4) * count))
        if reached_by < 30:
            break
        score = float(falling[reached_by - 1])
        quarter_decades.append([score, float(np.log10(np.mean(scores >= score)))])
    return {
        "scores": scores.tolist(),
        "mean_excess": float(mean_excess),
        "counted": quarter_decades,
        "last_counted": [float(falling[29]), float(np.log10(np.mean(scores >= falling[29])))],
    }


def interval(errors, trials):
    low, high = stats.binomtest(errors, trials).proportion_ci(0.95, method="wilson")
    return [errors, trials, float(low), float(high)]


PROBABILITIES = [1e-9, 1e-6, 1e-4, 0.001, 0.02425, 0.025, 0.1, 0.3, 0.5, 0.77, 0.9, 0.97575, 0.98, 0.999, 1 - 1e-7]

print(json.dumps({
    "fmrs": FMRS,
    "cases": [case(1, 300, 1000, 3), case(2, 97, 41, 2), case(3, 1000, 2500, 6), case(4, 40, 300, 1)],
    "tails": [tail(5, 4000), tail(6, 100)],
    "wilson": [interval(*pair) for pair in [(0, 10), (1, 10), (10, 10), (64, 1000), (3, 29000), (500, 1000)]],
    "quantiles": [[p, float(stats.norm.ppf(p))] for p in PROBABILITIES],
}))
