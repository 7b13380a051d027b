//! What was measured of quality: for people as tables, for programs as JSON.

use std::io::Write;

use selfsame_evaluation::people::{Draws, Rate, Tally};
use selfsame_face::Analyzer;
use selfsame_face::filter::Flaw;
use serde::Serialize;

use super::Faces;
use super::errors::{Errors, cell};
use super::sample::{LEVELS, MEASURES, Measure, Seen};
use super::spoil::{SPOILS, Spoil};
use crate::output::table;

/// Of the unspoilt photos.
const PERCENTILES: [f64; 9] = [0.0, 1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0, 100.0];

const FLAWS: [Flaw; 6] = [
    Flaw::LowConfidence,
    Flaw::ExtremePose,
    Flaw::LowBrightness,
    Flaw::Overexposed,
    Flaw::LowSharpness,
    Flaw::SmallBoundingBox,
];

#[derive(Serialize)]
pub(super) struct Evaluated {
    pack: String,
    face_model_version: String,
    engine: String,
    people: usize,
    photos: usize,
    unreadable: Vec<String>,
    photos_without_face: usize,
    unspoilt: Vec<Distribution>,
    spoilt: Vec<BySpoil>,
    bins: Vec<Bin>,
    filters: Vec<Filter>,
}

/// How a measure is distributed over the unspoilt photos.
#[derive(Serialize)]
struct Distribution {
    measure: Measure,
    /// Percent and value.
    percentiles: Vec<(f64, f32)>,
}

/// Photos spoilt in one way.
#[derive(Serialize)]
struct BySpoil {
    spoil: Spoil,
    /// In which the face was not found again.
    not_found: usize,
    /// Medians, in the order of the distributions.
    medians: Vec<f32>,
    errors: Errors,
}

/// Faces with values from `from` to below `to`, in photos as they are and photos spoilt in ways that this measure tells.
#[derive(Serialize)]
struct Bin {
    measure: Measure,
    from: f32,
    to: f32,
    errors: Errors,
}

/// What one level of the filter does.
#[derive(Serialize)]
struct Filter {
    level: String,
    /// Of the unspoilt photos with a face.
    refused: Option<Rate>,
    refused_for: Vec<(&'static str, Option<Rate>)>,
    unspoilt_that_pass: Errors,
    unspoilt_that_are_refused: Errors,
    all_that_pass: Errors,
    all_that_are_refused: Errors,
}

impl Evaluated {
    pub(super) fn new(analyzer: &Analyzer, faces: &Faces, draws: &Draws) -> Self {
        let without_face = (0..faces.photos.len()).filter(|photo| faces.unspoilt(*photo).is_none());
        Self {
            pack: analyzer.pack().to_owned(),
            face_model_version: analyzer.version().to_string(),
            engine: analyzer.engine().describe(),
            people: faces.people,
            photos: faces.photos.len(),
            unreadable: faces.unreadable.clone(),
            photos_without_face: without_face.count(),
            unspoilt: distributions(faces),
            spoilt: SPOILS.map(|spoil| by_spoil(spoil, faces, draws)).into(),
            bins: MEASURES
                .iter()
                .flat_map(|measure| bins(*measure, faces, draws))
                .collect(),
            filters: (0..LEVELS.len())
                .map(|level| filter(level, faces, draws))
                .collect(),
        }
    }

    pub(super) fn tell(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(
            out,
            "model     {} (pack {}), {}",
            self.face_model_version, self.pack, self.engine
        )?;
        writeln!(
            out,
            "photos    {} of {} people; {} without a face; intervals are of 95 %, by drawing people\n",
            self.photos, self.people, self.photos_without_face
        )?;
        self.tell_distributions(out)?;
        self.tell_spoilt(out)?;
        self.tell_bins(out)?;
        self.tell_filters(out)?;
        self.unreadable
            .iter()
            .try_for_each(|reason| writeln!(out, "unreadable: {reason}"))
    }

    fn tell_distributions(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let rows = self.unspoilt.iter().map(|distribution| {
            let values = distribution
                .percentiles
                .iter()
                .map(|(_, value)| format!("{value:.1}"));
            [distribution.measure.name().to_owned()]
                .into_iter()
                .chain(values)
                .collect()
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let titles = PERCENTILES.map(|percent| format!("{percent} %"));
        let titles: Vec<&str> = ["photos as they are"]
            .into_iter()
            .chain(titles.iter().map(String::as_str))
            .collect();
        table(out, &titles, &rows)?;
        writeln!(out)
    }

    fn tell_spoilt(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let rows = self.spoilt.iter().map(|by| {
            let mut row = vec![by.spoil.describe(), by.not_found.to_string()];
            row.extend(by.errors.cells());
            row.extend(by.medians.iter().skip(4).map(|median| format!("{median:.0}")));
            row
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let mut titles = vec!["spoilt", "not found"];
        titles.extend(Errors::TITLES);
        titles.extend(["median brightness", "sharpness", "side", "quality"]);
        table(out, &titles, &rows)?;
        writeln!(out)
    }

    fn tell_bins(&self, out: &mut dyn Write) -> std::io::Result<()> {
        for measure in MEASURES {
            let rows = self.bins.iter().filter(|bin| bin.measure == measure).map(|bin| {
                let mut row = vec![format!("{} to {}", bin.from, bin.to)];
                row.extend(bin.errors.cells());
                row
            });
            let rows: Vec<Vec<String>> = rows.collect();
            let mut titles = vec![measure.name()];
            titles.extend(Errors::TITLES);
            table(out, &titles, &rows)?;
            writeln!(out)?;
        }
        Ok(())
    }

    fn tell_filters(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let refused = self.filters.iter().map(|filter| {
            let mut row = vec![filter.level.clone(), cell(filter.refused)];
            row.extend(filter.refused_for.iter().map(|(_, rate)| cell(*rate)));
            row
        });
        let rows: Vec<Vec<String>> = refused.collect();
        let mut titles = vec!["filter", "refuses of photos as they are, %"];
        titles.extend(FLAWS.map(Flaw::reason));
        table(out, &titles, &rows)?;
        writeln!(out)?;
        let rows = self.filters.iter().flat_map(|filter| {
            [
                ("as they are, pass", &filter.unspoilt_that_pass),
                ("as they are, refused", &filter.unspoilt_that_are_refused),
                ("all, pass", &filter.all_that_pass),
                ("all, refused", &filter.all_that_are_refused),
            ]
            .map(|(which, errors)| {
                let mut row = vec![format!("{}: {which}", filter.level)];
                row.extend(errors.cells());
                row
            })
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let mut titles = vec!["filter"];
        titles.extend(Errors::TITLES);
        table(out, &titles, &rows)
    }
}

fn distributions(faces: &Faces) -> Vec<Distribution> {
    let unspoilt = faces.found(|sample, _| sample.spoil.is_none());
    let distribution = |index: usize| {
        let mut values: Vec<f32> = unspoilt.iter().map(|of| of.seen.values[index]).collect();
        values.sort_by(f32::total_cmp);
        let at = |percent: f64| {
            let position = (percent / 100.0 * values.len().saturating_sub(1) as f64).round() as usize;
            Some((percent, *values.get(position)?))
        };
        Distribution {
            measure: MEASURES[index],
            percentiles: PERCENTILES.iter().filter_map(|percent| at(*percent)).collect(),
        }
    };
    (0..MEASURES.len()).map(distribution).collect()
}

fn by_spoil(spoil: Spoil, faces: &Faces, draws: &Draws) -> BySpoil {
    let set = faces.found(|sample, _| sample.spoil == Some(spoil));
    let tried = faces.photos.iter().flat_map(|photo| &photo.samples);
    let tried = tried.filter(|sample| sample.spoil == Some(spoil)).count();
    let median = |index: usize| {
        let mut values: Vec<f32> = set.iter().map(|of| of.seen.values[index]).collect();
        values.sort_by(f32::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    BySpoil {
        spoil,
        not_found: tried - set.len(),
        medians: (0..MEASURES.len()).map(median).collect(),
        errors: Errors::new(&set, faces, draws),
    }
}

fn bins(measure: Measure, faces: &Faces, draws: &Draws) -> Vec<Bin> {
    let value = |seen: &Seen| {
        MEASURES
            .iter()
            .position(|m| *m == measure)
            .map(|i| seen.values[i])
    };
    let edges = measure.edges();
    let last = edges.len() - 2;
    edges
        .windows(2)
        .enumerate()
        .map(|(index, edge)| {
            let (from, to) = (edge[0], edge[1]);
            // The last bin holds its end: 100 is as sharp as it gets.
            let inside = |seen: &Seen| value(seen).is_some_and(|v| v >= from && (v < to || index == last));
            let set = faces.found(|sample, seen| measure.tells_of(sample.spoil) && inside(seen));
            Bin {
                measure,
                from,
                to,
                errors: Errors::new(&set, faces, draws),
            }
        })
        .collect()
}

fn filter(level: usize, faces: &Faces, draws: &Draws) -> Filter {
    let passes = |seen: &Seen| seen.flaws[level].is_empty();
    let errors = |spoilt: bool, passing: bool| {
        let wanted = |seen: &Seen| passes(seen) == passing;
        let set = faces.found(|sample, seen| (spoilt || sample.spoil.is_none()) && wanted(seen));
        Errors::new(&set, faces, draws)
    };
    let unspoilt = faces.found(|sample, _| sample.spoil.is_none());
    let share = |refused: &dyn Fn(&Seen) -> bool| {
        let mut tally = Tally::default();
        for of in &unspoilt {
            tally.add(of.person, refused(of.seen));
        }
        tally.rate(draws)
    };
    Filter {
        level: format!("{:?}", LEVELS[level]).to_lowercase(),
        refused: share(&|seen| !passes(seen)),
        refused_for: FLAWS
            .map(|flaw| (flaw.reason(), share(&|seen| seen.flaws[level].contains(&flaw))))
            .into(),
        unspoilt_that_pass: errors(false, true),
        unspoilt_that_are_refused: errors(false, false),
        all_that_pass: errors(true, true),
        all_that_are_refused: errors(true, false),
    }
}
