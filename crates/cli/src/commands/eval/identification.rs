//! Searching each photo among enrolled people.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use selfsame_evaluation::identification::{AtThreshold, Identification, NonMated, Search, Searches};
use selfsame_evaluation::resample::DRAWS;
use serde::Serialize;

use super::measure::{Measurement, score};
use super::result::with_interval;
use crate::exit::Failure;
use crate::output::table;

/// Open-set identification, and what the shipped threshold does in it.
#[derive(Serialize)]
pub(super) struct Identified {
    #[serde(flatten)]
    pub(super) rates: Identification,
    /// At similarity 95.
    pub(super) at_95: AtThreshold,
}

/// The photos that are enrolled: those that a file names, one per line, relative to `directory`; else the first of each person.
pub(super) fn gallery(
    measurement: &Measurement,
    list: Option<&Path>,
    directory: &Path,
) -> Result<BTreeSet<usize>> {
    let Some(list) = list else {
        let people = measurement.people.iter().flatten().enumerate();
        let mut seen = BTreeSet::new();
        return Ok(people
            .filter(|(_, person)| seen.insert(**person))
            .map(|(photo, _)| photo)
            .collect());
    };
    let text = fs_err::read_to_string(list)?;
    let names = text.lines().map(str::trim).filter(|name| !name.is_empty());
    let mut enrolled = BTreeSet::new();
    for name in names {
        let path: PathBuf = directory.join(name);
        let position = measurement.photos.iter().position(|photo| *photo == path);
        enrolled.insert(position.ok_or_else(|| {
            Failure::new(format!("{} is not among the photos", path.display()))
                .hint("--gallery names one photo per line, relative to the folder of people")
        })?);
    }
    Ok(enrolled)
}

impl Identified {
    /// Searches all photos that are not enrolled. `None` where nobody knows who is on them, or too few are enrolled.
    pub(super) fn new(
        measurement: &Measurement,
        gallery: &BTreeSet<usize>,
        cosine_at_95: f64,
    ) -> Option<Self> {
        let people = measurement.people.as_ref()?;
        let enrolled: BTreeSet<usize> = gallery.iter().map(|photo| people[*photo]).collect();
        let outcomes = &measurement.encoded.outcomes;
        let mut searches = Vec::new();
        for probe in (0..people.len()).filter(|photo| !gallery.contains(photo)) {
            let (mut mate, mut stranger) = (None, None);
            for reference in gallery {
                let Some(score) = score(outcomes, probe as u32, *reference as u32) else {
                    continue;
                };
                let best = if people[*reference] == people[probe] {
                    &mut mate
                } else {
                    &mut stranger
                };
                *best = Some(best.map_or(score, |best: f64| best.max(score)));
            }
            searches.push(Search {
                person: people[probe],
                mated: enrolled.contains(&people[probe]),
                mate,
                stranger,
            });
        }
        let count = people.iter().max().map_or(0, |last| last + 1);
        let searches = Searches::new(&searches, count, enrolled.len())?;
        Some(Self {
            rates: searches.evaluate(DRAWS),
            at_95: searches.at(cosine_at_95, DRAWS),
        })
    }

    /// What was searched for what.
    pub(super) fn describe(&self) -> String {
        let rates = &self.rates;
        let non_mated = match rates.non_mated_are {
            NonMated::NotEnrolled => "of people who are not enrolled",
            NonMated::LeftOut => "the same ones, their own person left out",
        };
        format!(
            "{} people enrolled; {} searches for somebody enrolled, {} for nobody ({non_mated})",
            rates.enrolled, rates.mated, rates.non_mated
        )
    }

    pub(super) const TITLES: [&'static str; 5] =
        ["FPIR", "cosine", "FNIR (95 % interval)", "false alarms", ""];

    pub(super) fn rows(&self) -> Vec<Vec<String>> {
        let measured = self
            .rates
            .fnir_at_fpir
            .iter()
            .map(|at| match (at.threshold, at.fnir) {
                (Some(threshold), Some(fnir)) => vec![
                    format!("{:.1} %", 100.0 * at.fpir),
                    format!("{threshold:.3}"),
                    with_interval(fnir, at.interval),
                    at.false_alarms.unwrap_or(0).to_string(),
                    if at.reliable { "" } else { "few" }.to_owned(),
                ],
                _ => vec![
                    format!("{:.1} %", 100.0 * at.fpir),
                    "-".to_owned(),
                    "too few searches".to_owned(),
                    "-".to_owned(),
                    String::new(),
                ],
            });
        measured.collect()
    }

    /// The shipped threshold in a sentence.
    pub(super) fn at_95(&self) -> String {
        format!(
            "FPIR {}, FNIR {}",
            with_interval(self.at_95.fpir, self.at_95.fpir_interval),
            with_interval(self.at_95.fnir, self.at_95.fnir_interval)
        )
    }

    pub(super) fn rank_1(&self) -> String {
        format!(
            "{} of the searches for somebody enrolled find that person first",
            with_interval(self.rates.rank_1, self.rates.rank_1_interval)
        )
    }

    pub(super) fn tell(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "identification: {}", self.describe())?;
        writeln!(out, "rank 1: {}", self.rank_1())?;
        table(out, &Self::TITLES, &self.rows())?;
        writeln!(out, "at similarity 95: {}", self.at_95())
    }
}
