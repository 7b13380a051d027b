//! The figures as the Markdown tables of `docs/ATTRIBUTES.md`.

use super::tasks::AllFigures;
use super::validation::Figures;

#[expect(clippy::print_stdout, reason = "the report of a command line tool")]
pub(super) fn print(figures: &AllFigures, without_face: usize) {
    println!("{}", text(figures, without_face).join("\n"));
}

fn text(all: &AllFigures, without_face: usize) -> Vec<String> {
    let mut lines = vec![
        "| attribute | yes / no | people | balanced accuracy (95 %) | recall | false alarms | calibration error |".to_owned(),
        "|---|---|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(all.heads.iter().map(|(name, figures)| row(name, figures)));
    lines.push(String::new());
    lines.push(
        "| attribute | confidence | answers | mean confidence | right, balanced | right, as found |"
            .to_owned(),
    );
    lines.push("|---|---|---|---|---|---|".to_owned());
    for (name, figures) in &all.heads {
        for bin in &figures.bins {
            lines.push(format!(
                "| {name} | {} | {} | {:.1} | {:.1} | {:.1} |",
                band(bin.confidence),
                bin.count,
                bin.confidence,
                bin.right_balanced,
                bin.right,
            ));
        }
    }
    lines.extend(gates(all));
    lines.push(String::new());
    lines.push("| attribute | photos | faces | answered with yes |".to_owned());
    lines.push("|---|---|---|---|".to_owned());
    for (name, figures) in &all.heads {
        for (kind, (count, share)) in &figures.kinds {
            lines.push(format!("| {name} | {kind} | {count} | {} |", percent(*share)));
        }
    }
    lines.extend(age(all));
    lines.extend(others(all, without_face));
    lines
}

fn gates(all: &AllFigures) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        "| attribute | confidence at least | yes told of yes | yes told of no | no told of no | no told of yes |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for (name, figures) in &all.heads {
        lines.extend(figures.gates.iter().map(|gate| {
            format!(
                "| {name} | {} | {} | {} | {} | {} |",
                gate.confidence,
                percent(gate.yes.0),
                percent(gate.yes.1),
                percent(gate.no.0),
                percent(gate.no.1)
            )
        }));
    }
    lines
}

fn row(name: &str, figures: &Figures) -> String {
    format!(
        "| {name} | {} / {} | {} | {} ({}–{}) | {} | {} | {:.1} |",
        figures.yes,
        figures.no,
        figures.people,
        percent(figures.balanced_accuracy),
        percent(figures.interval.0),
        percent(figures.interval.1),
        percent(figures.recall),
        percent(figures.false_alarms),
        figures.calibration_error,
    )
}

fn age(all: &AllFigures) -> Vec<String> {
    let age = &all.age;
    let row = |name: &str, count: usize, error: f64, within: f64, width: f64| {
        format!(
            "| {name} | {count} | {error:.1} | {} | {width:.1} |",
            percent(within)
        )
    };
    let mut lines = vec![
        String::new(),
        "| age, group | faces | mean error, years | within the range | mean width, years |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
        row("all", age.count, age.mean_error, age.within, age.mean_width),
    ];
    let groups = age.groups.iter();
    lines
        .extend(groups.map(|(name, count, error, within, width)| row(name, *count, *error, *within, *width)));
    lines
}

fn others(all: &AllFigures, without_face: usize) -> Vec<String> {
    let emotions = &all.emotions;
    let (count, right, sure) = emotions.rare;
    vec![
        String::new(),
        format!(
            "Happy is the likeliest emotion of {} of smiling faces and of {} of others.",
            percent(emotions.happy.0),
            percent(emotions.happy.1)
        ),
        format!(
            "Of {count} photos where the network saw a rare emotion, {} are told as they were seen, at a mean share of {}; \
             {} at {} by the network alone.",
            percent(right),
            percent(sure),
            percent(emotions.rare_before.0),
            percent(emotions.rare_before.1)
        ),
        format!(
            "Gaze: level pitch {}°, disagreement of the eyes {}°.",
            all.gaze.0, all.gaze.1
        ),
        format!("{without_face} photos have no face."),
    ]
}

fn band(confidence: f64) -> &'static str {
    match confidence {
        c if c < 70.0 => "50–70",
        c if c < 85.0 => "70–85",
        c if c < 95.0 => "85–95",
        _ => "95–99",
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
