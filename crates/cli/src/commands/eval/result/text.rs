//! An evaluation as text.

use std::io::Write;

use selfsame_evaluation::Report;
use selfsame_evaluation::accuracy::FoldsFrom;
use selfsame_face::Analyzer;

use super::super::discard::Discarded;
use super::super::fairness::MARKS;
use super::super::fitted::InSearch;
use super::{AtSimilarity, Evaluated, percent, with_interval};
use crate::output::table;

impl Evaluated {
    /// For people.
    pub(in super::super) fn tell(&self, out: &mut dyn Write, analyzer: &Analyzer) -> std::io::Result<()> {
        self.tell_counts(out)?;
        writeln!(out)?;
        table(out, &Self::RATE_TITLES, &self.rate_rows())?;
        writeln!(out, "{}\n", self.drawn())?;
        table(out, &Self::SIMILARITY_TITLES, &self.similarity_rows())?;
        writeln!(out)?;
        InSearch::tell(out, &self.searches)?;
        if let Some(identification) = &self.identification {
            writeln!(out)?;
            identification.tell(out)?;
        }
        if !self.discard.is_empty() {
            writeln!(out)?;
            Discarded::tell(out, &self.discard)?;
        }
        for groups in &self.groups {
            writeln!(out)?;
            groups.tell(out)?;
        }
        if !self.groups.is_empty() {
            writeln!(out, "{MARKS}")?;
        }
        if !self.worst.is_empty() {
            writeln!(out)?;
        }
        for pair in &self.worst {
            let kind = if pair.same { "genuine" } else { "impostor" };
            let (a, b) = (pair.a.display(), pair.b.display());
            writeln!(out, "{kind} {:.3}: {a} {b}", pair.cosine)?;
        }
        if let Some(calibration) = &self.calibration {
            writeln!(out)?;
            calibration.tell(out, analyzer)?;
        }
        Ok(())
    }

    fn tell_counts(&self, out: &mut dyn Write) -> std::io::Result<()> {
        for (name, text) in self.facts() {
            writeln!(out, "{name:<9} {text}")?;
        }
        Ok(())
    }

    /// What was measured, and the rates that need no table.
    pub(in super::super) fn facts(&self) -> Vec<(&'static str, String)> {
        let Report { pairs, eer, .. } = &self.report;
        let mut facts = vec![(
            "model",
            format!(
                "{} (pack {}), {}",
                self.face_model_version, self.pack, self.engine
            ),
        )];
        facts.extend(self.photos().map(|text| ("photos", text)));
        facts.push((
            "pairs",
            format!(
                "{} genuine, {} impostor; without a score {} and {}",
                pairs.genuine, pairs.impostor, pairs.genuine_failed, pairs.impostor_failed
            ),
        ));
        facts.push(("accuracy", self.accuracy()));
        let rate = with_interval(eer.rate, self.intervals.eer);
        facts.push(("EER", format!("{rate} at cosine {:.3}", eer.threshold)));
        facts
    }

    fn photos(&self) -> Option<String> {
        let acquisition = self.report.acquisition.as_ref()?;
        let people = self
            .people
            .map_or_else(String::new, |people| format!(" of {people} people"));
        let speed = format!("at {:.1} per second", self.photos_per_second);
        let speed = match self.photos_from_cache {
            0 => speed,
            all if all == acquisition.photos => "all from the cache".to_owned(),
            cached => format!("{cached} from the cache, the others {speed}"),
        };
        Some(format!(
            "{}{people}; {speed}; {} without a face, {} unreadable",
            acquisition.photos,
            self.photos_without_face.len(),
            self.unreadable_photos.len()
        ))
    }

    fn accuracy(&self) -> String {
        let Some(accuracy) = &self.report.accuracy else {
            return "too few pairs".to_owned();
        };
        let from = match accuracy.folds_from {
            FoldsFrom::List => "of the list",
            FoldsFrom::Order => "in the list's order",
        };
        let (mean, std, folds) = (100.0 * accuracy.mean, 100.0 * accuracy.std, accuracy.folds.len());
        format!("{mean:.2} % ± {std:.2} ({folds} folds {from})")
    }

    /// How intervals were made.
    pub(in super::super) fn drawn(&self) -> String {
        let why = match self.intervals.drawn {
            "people" => "",
            _ => {
                ", because nobody knows who is on the photos; too narrow where photos or people occur in several pairs"
            }
        };
        format!(
            "intervals are of 95 %, by drawing {} with replacement{why}; few: fewer than 30 false matches",
            self.intervals.drawn
        )
    }

    pub(in super::super) const RATE_TITLES: [&'static str; 6] = [
        "FMR",
        "cosine",
        "FNMR (95 % interval)",
        "FRR",
        "false matches",
        "",
    ];

    pub(in super::super) fn rate_rows(&self) -> Vec<Vec<String>> {
        let points = self.report.fnmr_at_fmr.iter().zip(&self.intervals.fnmr_at_fmr);
        let measured = points.filter_map(|(point, interval)| {
            let (threshold, fnmr, frr) = (point.threshold?, point.fnmr?, point.frr?);
            Some(vec![
                format!("{:e}", point.fmr),
                format!("{threshold:.3}"),
                match interval {
                    Some(_) => with_interval(fnmr, *interval),
                    None => format!("{} (too few)", percent(fnmr)),
                },
                percent(frr),
                point.false_matches?.to_string(),
                if point.reliable { "" } else { "few" }.to_owned(),
            ])
        });
        measured.collect()
    }

    pub(in super::super) const SIMILARITY_TITLES: [&'static str; 5] = [
        "similarity",
        "cosine",
        "stands for FMR",
        "FMR here (95 % interval)",
        "FNMR here (95 % interval)",
    ];

    pub(in super::super) fn similarity_rows(&self) -> Vec<Vec<String>> {
        let row = |at: &AtSimilarity| {
            let interval = at.fmr_interval.map_or_else(String::new, |i| {
                format!(" ({} to {})", power(i.low), power(i.high))
            });
            let fmr = power(at.fmr);
            vec![
                at.similarity.to_string(),
                format!("{:.3}", at.cosine),
                format!("{:.0e}", at.promised_fmr),
                format!("{fmr}{interval}"),
                with_interval(at.fnmr, at.fnmr_interval),
            ]
        };
        self.similarities.iter().map(row).collect()
    }
}

/// 9.2e-5, or 0.
fn power(rate: f64) -> String {
    if rate > 0.0 {
        format!("{rate:.1e}")
    } else {
        "0".to_owned()
    }
}
