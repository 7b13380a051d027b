//! `selfsame bench search`: how long one search of a gallery takes on one core, and whether it finds what a comparison
//! with every template finds. The templates are random directions, the probes other photos of enrolled "people".

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use selfsame_gallery::kernel::Kernel;
use selfsame_gallery::testing::{self, Random};
use selfsame_gallery::{ExactIndex, FaceIndex};
use selfsame_types::{Change, FaceId, FaceModelVersion, Seq, Template};
use serde::Serialize;

use crate::arguments::Global;
use crate::exit::Exit;
use crate::output::table;
use crate::progress::{Progress, Unit};
use crate::statistics::Latency;

/// Enrolled in one go; bounds the memory that building takes.
const BATCH: u64 = 10_000;
/// What another photo of the same person typically has with the standard pack (the median of the genuine pairs of LFW
/// lies near it).
const GENUINE_COSINE: f32 = 0.6;
/// Candidates per search: the duplicate check looks at fewer, a list for a person to look at has about as many.
const CANDIDATES: usize = 10;

/// Arguments of `bench search`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Search {
    /// Gallery sizes, in templates.
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000],
        value_parser = clap::value_parser!(u64).range(1..=50_000_000))]
    sizes: Vec<u64>,
    /// Values per template.
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u32).range(1..=1024))]
    dimensions: u32,
    /// Searches per size; recall is measured on all of them.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    searches: u32,
}

/// One line of the result.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    templates: u64,
    dimensions: u32,
    kernel: &'static str,
    latency: Latency,
    /// Share of the best candidates of a brute-force comparison that the search found in the same place.
    recall: f64,
    build_seconds: f64,
}

impl Search {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit> {
        let measured = self.measure()?;
        global.format.emit(&measured, |out| tell(out, &measured))?;
        Ok(Exit::Success)
    }

    /// Measures every size.
    pub(crate) fn measure(&self) -> Result<Vec<Measured>> {
        self.sizes.iter().map(|size| self.measure_size(*size)).collect()
    }

    fn measure_size(&self, size: u64) -> Result<Measured> {
        let progress = Progress::start(
            format!("search of {size} templates"),
            Unit::Items,
            size + u64::from(self.searches),
        );
        let mut random = Random::new(size);
        let version = FaceModelVersion::new("benchmark-1");
        let start = Instant::now();
        let index = ExactIndex::new(version.clone(), Some(self.dimensions as usize));
        let mut enrolled: Vec<Template> = Vec::with_capacity(size as usize);
        while (enrolled.len() as u64) < size {
            let first = enrolled.len() as u64;
            let count = BATCH.min(size - first);
            enrolled.extend(
                (0..count).map(|_| testing::template(&mut random, self.dimensions as usize, &version)),
            );
            index.apply(&changes(&enrolled, first))?;
            progress.advance(count);
        }
        let build_seconds = start.elapsed().as_secs_f64();

        let probes: Vec<Template> = (0..self.searches)
            .map(|_| {
                let person = &enrolled[(random.next_u64() % size) as usize];
                testing::near(&mut random, person, GENUINE_COSINE)
            })
            .collect();
        // Searches first: between them, brute force would throw the index out of the caches.
        let answers: Vec<(Duration, Vec<FaceId>)> = probes
            .iter()
            .map(|probe| timed(&index, probe))
            .collect::<Result<_>>()?;
        let mut found = 0;
        for (probe, (_, hits)) in probes.iter().zip(&answers) {
            found += agreeing(hits, &brute_force(&enrolled, probe));
            progress.advance(1);
        }
        let durations: Vec<Duration> = answers.iter().map(|(duration, _)| *duration).collect();
        progress.finish();
        let wanted = u64::from(self.searches) * size.min(CANDIDATES as u64);
        Ok(Measured {
            templates: size,
            dimensions: self.dimensions,
            kernel: Kernel::fastest().name(),
            latency: Latency::of(&durations),
            recall: found as f64 / wanted as f64,
            build_seconds,
        })
    }
}

fn changes(enrolled: &[Template], first: u64) -> Vec<Change> {
    let new = enrolled.iter().enumerate().skip(first as usize);
    new.map(|(number, template)| Change::Enrolled {
        seq: Seq(number as u64 + 1),
        face: testing::face(number as u64),
        template: template.clone(),
    })
    .collect()
}

fn timed(index: &ExactIndex, probe: &Template) -> Result<(Duration, Vec<FaceId>)> {
    let start = Instant::now();
    let hits = index.search(probe, CANDIDATES, -1.0)?;
    Ok((start.elapsed(), hits.hits.iter().map(|hit| hit.face).collect()))
}

/// The best candidates by comparing with everybody.
fn brute_force(enrolled: &[Template], probe: &Template) -> Vec<FaceId> {
    let mut scored: Vec<(f32, u64)> = enrolled
        .iter()
        .enumerate()
        .filter_map(|(number, template)| Some((probe.cosine(template)?, number as u64)))
        .collect();
    let better = |a: &(f32, u64), b: &(f32, u64)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if scored.len() > CANDIDATES {
        scored.select_nth_unstable_by(CANDIDATES, better);
        scored.truncate(CANDIDATES);
    }
    scored.sort_by(better);
    scored
        .into_iter()
        .map(|(_, number)| testing::face(number))
        .collect()
}

fn agreeing(found: &[FaceId], right: &[FaceId]) -> usize {
    found
        .iter()
        .zip(right)
        .filter(|(found, right)| found == right)
        .count()
}

/// Writes the table.
pub(crate) fn tell(out: &mut dyn Write, measured: &[Measured]) -> std::io::Result<()> {
    let rows: Vec<Vec<String>> = measured
        .iter()
        .map(|line| {
            vec![
                line.templates.to_string(),
                line.dimensions.to_string(),
                line.kernel.to_owned(),
                format!("{:.2}", line.latency.median_ms),
                format!("{:.2}", line.latency.p99_ms),
                format!("{:.4}", line.recall),
                format!("{:.1}", line.build_seconds),
            ]
        })
        .collect();
    table(
        out,
        &[
            "templates",
            "values",
            "kernel",
            "median ms",
            "p99 ms",
            "recall",
            "build s",
        ],
        &rows,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_finds_what_brute_force_finds() {
        let search = Search {
            sizes: vec![5, 300],
            dimensions: 32,
            searches: 20,
        };
        for measured in search.measure().unwrap() {
            assert!((measured.recall - 1.0).abs() < 1e-9, "{measured:?}");
        }
    }

    #[test]
    fn agreement_counts_places() {
        let face = |number| testing::face(number);
        assert_eq!(agreeing(&[face(1), face(2)], &[face(1), face(3)]), 1);
    }
}
