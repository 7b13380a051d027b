//! `--report`: everything that was measured as one HTML file. No script, nothing from outside; light or dark as the reader
//! has it, and printable.

use std::path::Path;

use anyhow::Result;
use selfsame_evaluation::{Scores, plot};

use self::html::Page;
use super::discard::Discarded;
use super::fairness::{ByGroup, MARKS};
use super::fitted::{Fitted, InSearch};
use super::identification::Identified;
use super::measure::Measurement;
use super::result::Evaluated;
use super::worst::worst_pairs;
use crate::output::talk;

mod html;
mod photos;

/// Pairs of each kind on the contact sheet, unless `--worst` says another number.
const WORST: usize = 12;

/// Writes the report; with the faces of the worst pairs if `with_photos`.
pub(super) fn write(
    path: &Path,
    result: &Evaluated,
    measurement: &Measurement,
    scores: &Scores,
    with_photos: bool,
) -> Result<()> {
    let mut page = Page::new("Face recognition: measured error rates");
    if with_photos {
        page.warning(
            "This report holds photos of people's faces: treat it as you treat the photos. `--no-photos` writes it without them.",
        );
    }
    facts(&mut page, result);
    rates(&mut page, result);
    figures(&mut page, result, scores);
    if let Some(identification) = &result.identification {
        identified(&mut page, identification);
    }
    searches(&mut page, result);
    if !result.discard.is_empty() {
        discarded(&mut page, &result.discard);
    }
    if !result.groups.is_empty() {
        groups(&mut page, &result.groups);
    }
    if let Some(fitted) = &result.calibration {
        calibration(&mut page, fitted);
    }
    let count = if result.worst.is_empty() {
        WORST
    } else {
        result.worst.len().div_ceil(2)
    };
    let worst = worst_pairs(measurement, count);
    photos::sheet(&mut page, &worst, measurement, &result.similarities, with_photos);
    fs_err::write(path, page.finish())?;
    let faces = if with_photos {
        "; it holds photos of faces"
    } else {
        ""
    };
    talk(format_args!("wrote {}{faces}", path.display()));
    Ok(())
}

fn facts(page: &mut Page, result: &Evaluated) {
    page.section("What was measured");
    let mut facts = result.facts();
    // Where the library lies is nobody's business who is sent the report.
    if let Some((_, model)) = facts.first_mut() {
        model.truncate(model.find(" (/").unwrap_or(model.len()));
    }
    if let Some(acquisition) = &result.report.acquisition {
        let interval = acquisition.fta_interval;
        let fta = format!(
            "{} of {} photos gave no template: {:.2} % ({:.2} to {:.2})",
            acquisition.failed,
            acquisition.photos,
            100.0 * acquisition.fta,
            100.0 * interval.low,
            100.0 * interval.high
        );
        facts.insert(2, ("failure to acquire", fta));
    }
    facts.push(("program", format!("selfsame {}", env!("CARGO_PKG_VERSION"))));
    page.facts(&facts);
    let failed = result
        .photos_without_face
        .iter()
        .map(|photo| format!("no face: {}", photo.display()))
        .chain(
            result
                .unreadable_photos
                .iter()
                .map(|reason| format!("unreadable: {reason}")),
        );
    page.folded("Photos without a template", &failed.collect::<Vec<_>>());
}

fn rates(page: &mut Page, result: &Evaluated) {
    page.section("Verification: is it the same person?");
    page.paragraph(
        "FMR is the share of impostor pairs (two people) that match, FNMR the share of genuine pairs (one person) that do not, \
         among pairs with a score. FRR counts genuine pairs without one as rejected.",
    );
    page.table(&Evaluated::RATE_TITLES, &result.rate_rows());
    page.note(&result.drawn());
    page.paragraph("What the calibrated similarity does as a threshold on these photos:");
    page.table(&Evaluated::SIMILARITY_TITLES, &result.similarity_rows());
}

fn figures(page: &mut Page, result: &Evaluated, scores: &Scores) {
    page.section("Curves");
    let curves = [plot::Curve::of(&result.report, &result.face_model_version)];
    let thresholds: Vec<(f64, String)> = result
        .similarities
        .iter()
        .map(|at| (f64::from(at.cosine), format!("{}", at.similarity)))
        .collect();
    let mut figures = vec![
        (
            plot::histogram("Scores", scores, &thresholds),
            "Scores of genuine and impostor pairs; dashed: the thresholds of these similarities.",
        ),
        (
            plot::det("Detection error trade-off", &curves),
            "DET: nearer to the lower left is better; the circle is where both rates are equal.",
        ),
        (
            plot::roc("Receiver operating characteristic", &curves),
            "ROC: nearer to the upper left is better.",
        ),
    ];
    if !result.discard.is_empty() {
        let labelled: Vec<_> = result
            .discard
            .iter()
            .map(|discarded| (discarded.threshold.name.clone(), &discarded.curve))
            .collect();
        figures.push((
            plot::discard("Error versus discard", &labelled),
            "FNMR when the pairs of the lowest quality are discarded; dotted: what a perfect quality score would do.",
        ));
    }
    page.figures(&figures);
}

fn identified(page: &mut Page, identified: &Identified) {
    page.section("Identification: who is it, if anybody?");
    page.paragraph(&format!(
        "{}. FPIR is the share of searches for nobody that find somebody; FNIR the share of searches for somebody enrolled in \
         which that person is not the best candidate at the threshold or above.",
        identified.describe()
    ));
    page.facts(&[
        ("rank 1", identified.rank_1()),
        ("at similarity 95", identified.at_95()),
    ]);
    page.table(&Identified::TITLES, &identified.rows());
    page.note("intervals are of 95 %, by drawing people; few: fewer than 30 false alarms");
}

fn searches(page: &mut Page, result: &Evaluated) {
    page.section("False alarms in larger galleries");
    page.paragraph(
        "How often a search among so many strangers finds at least one at the threshold, by the shipped calibration: \
         1 − (1 − FMR)ᴺ. It takes comparisons for independent; where people who look alike are enrolled, it is more.",
    );
    let rows: Vec<Vec<String>> = result.searches.iter().map(InSearch::row).collect();
    page.table(&InSearch::TITLES, &rows);
}

fn discarded(page: &mut Page, discarded: &[Discarded]) {
    page.section("What quality foretells");
    page.paragraph(
        "FNMR of what remains when the genuine pairs of the lowest quality are discarded, the threshold unchanged \
         (ISO/IEC 29794-1). The quality of a pair is the lower of its photos' unified quality. Gain: how much lower FNMR is on \
         average while up to 20 % are discarded; 0 means that quality foretells nothing.",
    );
    let rows: Vec<Vec<String>> = discarded.iter().map(Discarded::row).collect();
    page.table(&Discarded::TITLES, &rows);
}

fn groups(page: &mut Page, groups: &[ByGroup]) {
    page.section("Groups of people");
    page.paragraph(
        "FMR is that of impostor pairs within a group, FNMR that of its genuine pairs. The ratio to the geometric mean \
         (NIST IR 8429) depends less on the one group with the fewest errors.",
    );
    for group in groups {
        page.subsection(&group.title());
        page.table(&ByGroup::TITLES, &group.rows());
        group.ratios().iter().for_each(|line| page.paragraph(line));
    }
    page.note(MARKS);
}

fn calibration(page: &mut Page, fitted: &Fitted) {
    page.section("Does the similarity keep its promise here?");
    page.paragraph(
        "The false match rate on these photos at the thresholds of the shipped calibration. Decades off: +1 means ten times as \
         many false matches as promised, −1 a tenth.",
    );
    page.table(&Fitted::TITLES, &fitted.shipped_rows());
    if let Some(tail) = &fitted.tail {
        tail.lines().iter().for_each(|line| page.paragraph(line));
    }
    page.note("`selfsame calibrate` prints a calibration for these photos.");
}
