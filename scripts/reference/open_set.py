"""Reference values for identification, discard curves, groups and tails of crates/evaluation, with SciPy and NumPy.

    python -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python scripts/reference/open_set.py > crates/evaluation/tests/data/open_set.json
"""

import json

import numpy as np
from scipy import stats

FPIRS = [1e-1, 1e-2, 1e-3]


def tail(seed, shape, count):
    """Shape and scale by SciPy's maximum likelihood and by probability-weighted moments, written out."""
    excesses = stats.genpareto.rvs(shape, scale=0.04, size=count, random_state=seed).round(9)
    likelihood = max(
        (stats.genpareto.fit(excesses, start, floc=0, scale=scale) for start in (-0.2, 0.0, 0.3) for scale in (0.03, 0.05)),
        key=lambda fit: stats.genpareto.logpdf(excesses, *fit).sum(),
    )
    rising = np.sort(excesses)
    survival = 1 - (np.arange(1, count + 1) - 0.35) / count
    mean, weighted = rising.mean(), (survival * rising).mean()
    return {
        "excesses": excesses.tolist(),
        "likelihood": [float(likelihood[0]), float(likelihood[2])],
        "moments": [float(2 - mean / (mean - 2 * weighted)), float(2 * mean * weighted / (mean - 2 * weighted))],
        "survival_at": [[x, float(np.log10(stats.genpareto.sf(x, likelihood[0], scale=likelihood[2])))] for x in (0.01, 0.05, 0.1)],
    }


def identification(seed, probes):
    random = np.random.default_rng(seed)
    people = random.integers(0, 40, probes)
    mated = people < 25
    mate = np.where(random.random(probes) < 0.02, np.nan, random.normal(0.5, 0.2, probes).round(2))
    mate = np.where(mated, mate, np.nan)
    stranger = random.normal(0.2, 0.08, probes).round(2)
    result = []
    for fpir in FPIRS:
        allowed = int(fpir * np.sum(~mated) + 1e-9)
        if allowed == 0:
            result.append(None)
            continue
        # The lowest of all possible thresholds that lets few enough alarms through.
        thresholds = np.concatenate([np.unique(stranger), [2.0]])
        threshold = next(t for t in thresholds if np.sum(stranger[~mated] >= t) <= allowed)
        below = np.max(stranger[~mated][stranger[~mated] < threshold])
        # Between that alarm and the next lower score everything decides alike about alarms; the lowest is just above it.
        found = np.nan_to_num(mate[mated], nan=-9)
        result.append(float(np.mean(~((found > stranger[mated]) & (found > below)))))
    first = np.nan_to_num(mate[mated], nan=-9) > stranger[mated]
    return {
        "people": people.tolist(),
        "mated": mated.tolist(),
        "mate": [None if np.isnan(m) else float(m) for m in mate],
        "stranger": stranger.tolist(),
        "rank_1": float(np.mean(first)),
        "fnir": result,
        "fpir_at_03": float(np.mean(stranger[~mated] >= 0.3)),
    }


def discard(seed, count):
    random = np.random.default_rng(seed)
    quality = random.permutation(count)
    missed = random.random(count) < 0.4 * np.exp(-quality / (0.15 * count)) + 0.02
    order = np.argsort(quality)
    rates = [float(missed[order][int(round(share * count)):].mean()) for share in np.arange(51) / 100]
    gain = 1 - np.trapezoid(rates[:21], dx=0.01) / 0.2 / rates[0]
    return {"quality": quality.tolist(), "missed": missed.tolist(), "rates": rates, "gain": float(gain)}


def groups(seed, pairs):
    random = np.random.default_rng(seed)
    names = np.array(["a", "b", "c"])
    group = random.integers(0, 3, pairs)
    person = random.integers(0, 20, pairs)
    same = random.random(pairs) < 0.5
    score = np.where(same, random.normal(0.55, 0.15, pairs), random.normal(0.1 + 0.08 * group, 0.12, pairs)).round(3)
    fmr = np.array([np.mean(score[~same & (group == g)] >= 0.3) for g in range(3)])
    fnmr = np.array([np.mean(score[same & (group == g)] < 0.3) for g in range(3)])
    return {
        "group": names[group].tolist(),
        "person": person.tolist(),
        "same": same.tolist(),
        "score": score.tolist(),
        "fmr": fmr.tolist(),
        "fnmr": fnmr.tolist(),
        "fmr_ratio": [float(fmr.max() / fmr.min()), float(fmr.max() / stats.gmean(fmr))],
        "fnmr_ratio": [float(fnmr.max() / fnmr.min()), float(fnmr.max() / stats.gmean(fnmr))],
    }


print(json.dumps({
    "tails": [tail(1, -0.2, 200), tail(2, 0.0, 150), tail(3, 0.25, 300)],
    "identification": [identification(4, 500), identification(5, 60)],
    "discard": discard(6, 300),
    "groups": groups(7, 900),
}))
