//! What each head is fitted on, and how strongly it is held back.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use selfsame_face::attributes::{FeatureGroup, HeadFile};

use super::age::{self, AgeFigures, Aged};
use super::data::{Label, Sample, eyes_are_open};
use super::emotions::{self, EmotionFigures};
use super::validation::{Example, Figures, Outcome, Task, rounded};

/// Everything that is to be told.
pub(super) struct AllFigures {
    pub(super) heads: Vec<(&'static str, Figures)>,
    pub(super) age: AgeFigures,
    pub(super) emotions: EmotionFigures,
    /// Degrees: the pitch of a level gaze, and how much the eyes' yaw differs.
    pub(super) gaze: (f32, f32),
}

/// The answer for a sample, or `None` where it has none.
type Ask = fn(&Sample) -> Option<bool>;

/// A head's name, its features, its penalty (the larger, the weaker), its answers. Features and penalties were chosen by
/// ten-fold cross-validation over identities among parts of the maps and penalties of 1e-4, 1e-3, 1e-2 and 1e-1;
/// neighbours differ by less than the intervals.
const HEADS: [(&str, &[FeatureGroup], f64, Ask); 9] = [
    ("sunglasses", &[FeatureGroup::Eyes], 1e-2, |s| {
        eyewear(s, "sunglasses")
    }),
    ("eyeglasses", &[FeatureGroup::Eyes], 1e-2, |s| {
        eyewear(s, "eyeglasses")
    }),
    ("smile", MOUTH, 1e-3, |s| column(s, "Smiling")),
    ("mouth_open", MOUTH, 3e-3, |s| column(s, "Mouth_Slightly_Open")),
    (
        "beard",
        &[FeatureGroup::Mouth, FeatureGroup::Chin, FeatureGroup::Eyes],
        1e-4,
        |s| column(s, "No_Beard").map(|none| !none),
    ),
    (
        "mustache",
        &[FeatureGroup::Mouth, FeatureGroup::Eyes],
        1e-4,
        |s| column(s, "Mustache"),
    ),
    (
        "face_occluded",
        &[FeatureGroup::Eyes, FeatureGroup::LowerFace],
        1e-2,
        covered,
    ),
    ("eyes_open", &[FeatureGroup::Openness], 1.0, open),
    ("male", &[FeatureGroup::Male], 1.0, |s| match &s.label {
        Label::Age { is_male, .. } => Some(*is_male),
        _ => None,
    }),
];

const MOUTH: &[FeatureGroup] = &[
    FeatureGroup::Mouth,
    FeatureGroup::MouthFine,
    FeatureGroup::Expression,
];

pub(super) fn fit(samples: &[Sample]) -> Result<(HeadFile, AllFigures)> {
    let mut outcomes: BTreeMap<&str, Outcome> = BTreeMap::new();
    for (name, groups, c, ask) in HEADS {
        let examples: Vec<Example> = samples
            .iter()
            .filter_map(|sample| example(sample, groups, ask))
            .collect();
        let task = Task {
            groups: groups.to_vec(),
            c,
            examples,
        };
        outcomes.insert(name, task.run());
    }
    let (age, age_figures) = age::fit(&samples.iter().filter_map(aged).collect::<Vec<_>>());
    let (emotion_head, emotions) = emotions::fit(samples);
    let gaze = gaze(samples);
    let head = |name: &str| {
        let outcome = outcomes.get(name).context("a head was not fitted")?;
        anyhow::Ok(outcome.head.clone())
    };
    let file = HeadFile {
        about: "Written by `xtask fit-attributes`; see docs/ATTRIBUTES.md. Fitted on research data."
            .to_owned(),
        sunglasses: head("sunglasses")?,
        eyeglasses: head("eyeglasses")?,
        smile: head("smile")?,
        mouth_open: head("mouth_open")?,
        beard: head("beard")?,
        mustache: head("mustache")?,
        face_occluded: head("face_occluded")?,
        eyes_open: head("eyes_open")?,
        male: head("male")?,
        age,
        emotions: emotion_head,
        level_gaze_pitch: gaze.0,
        gaze_disagreement: gaze.1,
    };
    let figures = AllFigures {
        heads: outcomes
            .into_iter()
            .map(|(name, outcome)| (name, outcome.figures))
            .collect(),
        age: age_figures,
        emotions,
        gaze,
    };
    Ok((file, figures))
}

fn example(sample: &Sample, groups: &[FeatureGroup], ask: Ask) -> Option<Example> {
    Some(Example {
        answer: ask(sample)?,
        features: sample.features.concatenated(groups)?,
        mirrored: sample
            .mirrored
            .as_ref()
            .and_then(|features| features.concatenated(groups)),
        person: sample.person.clone(),
        kind: kind(&sample.label),
        counts: !matches!(sample.label, Label::Painted { .. }),
    })
}

/// For figures by kind of photo.
fn kind(label: &Label) -> String {
    match label {
        Label::Person(row) => format!(
            "identities, eyewear {}",
            row.get("eyewear").map_or("", String::as_str)
        ),
        Label::Mask(state) => format!("masks, state {state}"),
        Label::Age {
            years,
            is_male,
            group,
        } => {
            let age = if *years < 15.0 { "below 15" } else { "15 and above" };
            format!(
                "age-gender, {}, group {group}, {age}",
                if *is_male { "male" } else { "female" }
            )
        }
        Label::Painted { kind, .. } => format!("painted: {kind}"),
    }
}

/// Whether somebody wears this, where the other answer is none or the other kind; unclear ones are left out.
fn eyewear(sample: &Sample, wanted: &str) -> Option<bool> {
    let Label::Person(row) = &sample.label else {
        return None;
    };
    let worn = row.get("eyewear")?;
    ["none", "eyeglasses", "sunglasses"]
        .contains(&worn.as_str())
        .then(|| worn == wanted)
}

fn column(sample: &Sample, column: &str) -> Option<bool> {
    let Label::Person(row) = &sample.label else {
        return None;
    };
    row.get(column).map(|value| value == "1")
}

/// Dark glasses cover the eyes; what else does in these photos was not labelled and is taken not to be there.
fn covered(sample: &Sample) -> Option<bool> {
    match &sample.label {
        Label::Person(row) => match row.get("eyewear")?.as_str() {
            "none" | "eyeglasses" => Some(false),
            "sunglasses" => Some(true),
            _ => None,
        },
        Label::Mask(state) => Some(*state <= 2),
        Label::Age { .. } => Some(false),
        Label::Painted { covers, .. } => Some(*covers),
    }
}

/// Eyes that can be seen.
fn open(sample: &Sample) -> Option<bool> {
    match &sample.label {
        Label::Person(row) if !["none", "eyeglasses"].contains(&row.get("eyewear")?.as_str()) => None,
        Label::Painted { .. } | Label::Mask(_) => None,
        _ => eyes_are_open(&sample.photo),
    }
}

fn aged(sample: &Sample) -> Option<Aged> {
    let (Label::Age { years, group, .. }, Some(&[faceres, faceapi])) =
        (&sample.label, sample.features.group(FeatureGroup::Age))
    else {
        return None;
    };
    Some(Aged {
        faceres: faceres.into(),
        faceapi: faceapi.into(),
        years: (*years).into(),
        group: group.clone(),
    })
}

/// The median pitch, and the spread of the difference between the eyes' yaw (the middle half of a normal distribution is
/// 1.349 standard deviations wide), of people without glasses.
fn gaze(samples: &[Sample]) -> (f32, f32) {
    let (mut pitches, mut differences) = (Vec::new(), Vec::new());
    for sample in samples {
        if is_bare(sample)
            && let Some(&[left_yaw, left_pitch, right_yaw, right_pitch]) =
                sample.features.group(FeatureGroup::Gaze)
        {
            pitches.push(f32::midpoint(left_pitch, right_pitch));
            differences.push(left_yaw - right_yaw);
        }
    }
    pitches.sort_by(f32::total_cmp);
    differences.sort_by(f32::total_cmp);
    let at = |values: &[f32], share: f32| values[(values.len() as f32 * share) as usize];
    let spread = (at(&differences, 0.75) - at(&differences, 0.25)) / 1.349;
    (rounded(at(&pitches, 0.5).into()), rounded(spread.into()))
}

fn is_bare(sample: &Sample) -> bool {
    matches!(&sample.label, Label::Person(row) if row.get("eyewear").is_some_and(|worn| worn == "none"))
}
