//! Plots are well-formed and show what they are given. `SELFSAME_PLOTS=<folder>` writes them there to be looked at.
#![expect(clippy::unwrap_used, reason = "tests")]

use selfsame_evaluation::plot::{self, Curve};
use selfsame_evaluation::{Outcome, Report, Scores, discard};

/// Scores of a matcher that is better with a larger `distance`, at the quantiles of normal distributions.
fn report(distance: f64, genuine: u32, impostor: u32) -> Report {
    let scores = |same: bool, count: u32| {
        (0..count).map(move |i| {
            let deviate = selfsame_evaluation::normal::quantile((f64::from(i) + 0.5) / f64::from(count));
            let mean = if same { distance } else { 0.0 };
            Outcome {
                same,
                score: Some(mean + deviate),
                fold: None,
            }
        })
    };
    let outcomes: Vec<_> = scores(true, genuine).chain(scores(false, impostor)).collect();
    Report::new(&outcomes, None).unwrap()
}

fn numbers_of(svg: &str) -> impl Iterator<Item = f64> {
    svg.lines()
        .filter(|line| line.starts_with("<polyline"))
        .flat_map(|line| line.split('"').nth(1).unwrap().split([' ', ',']))
        .map(|number| number.parse().unwrap())
}

#[test]
fn both_plots_show_every_curve_inside_the_frame() {
    let curves = [
        Curve::of(&report(4.5, 3000, 100_000), "standard <1>"),
        Curve::of(&report(3.5, 3000, 100_000), "classic & old"),
    ];
    let plots = [
        ("det", plot::det("DET, 3 000 genuine pairs", &curves)),
        ("roc", plot::roc("ROC", &curves)),
    ];
    for (name, svg) in &plots {
        assert_eq!(svg.matches("<polyline").count(), 2, "{name}");
        assert!(
            svg.contains("standard &lt;1&gt;") && svg.contains("classic &amp; old"),
            "{name}"
        );
        assert!(
            svg.contains("False match rate (FMR)") && svg.contains("0.1 %"),
            "{name}"
        );
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
        let numbers: Vec<f64> = numbers_of(svg).collect();
        assert!(numbers.len() > 100, "{name}: {}", numbers.len());
        assert!(numbers.iter().all(|n| *n >= 56.0 && *n <= 732.0), "{name}");
    }
    // Both tails beyond 2.25 deviates hold 1.222 %: 36.7 of 3 000 genuine pairs, so 37.
    assert!(plots[0].1.contains("(EER 1.23 %)"));
    if let Ok(folder) = std::env::var("SELFSAME_PLOTS") {
        for (name, svg) in &plots {
            fs_err::write(std::path::Path::new(&folder).join(format!("{name}.svg")), svg).unwrap();
        }
    }
}

#[test]
fn a_histogram_holds_all_pairs() {
    let outcomes: Vec<_> = (0..200)
        .map(|i| Outcome {
            same: i % 2 == 0,
            score: Some(f64::from(i % 7) / 10.0 - 0.2),
            fold: None,
        })
        .collect();
    let scores = Scores::new(&outcomes).unwrap();
    let svg = plot::histogram(
        "scores",
        &scores,
        &[(0.25, "80".to_owned()), (0.99, "99".to_owned())],
    );
    assert_eq!(svg.matches("<polygon").count(), 2);
    assert!(
        svg.contains(">80</text>") && !svg.contains(">99</text>"),
        "outside the scores"
    );
    assert!(svg.contains("genuine (100 pairs)") && !svg.contains("NaN"));
    let same = vec![outcomes[0], outcomes[1], outcomes[0]];
    assert!(!plot::histogram("one", &Scores::new(&same).unwrap(), &[]).contains("NaN"));
    if let Ok(folder) = std::env::var("SELFSAME_PLOTS") {
        fs_err::write(std::path::Path::new(&folder).join("histogram.svg"), svg).unwrap();
    }
}

#[test]
fn a_discard_curve_is_drawn_and_takes_the_colours_of_its_page() {
    let comparisons = (0..1000).map(|i| discard::Comparison {
        quality: f64::from(i * 7 % 1000),
        missed: i * 7 % 1000 < 100 || i % 50 == 0,
        unit: 0,
    });
    let curve = discard::Discard::new(comparisons.collect()).curve(&[1]).unwrap();
    let svg = plot::discard("quality", &[("similarity 95".to_owned(), &curve)]);
    assert!(svg.contains("<polyline") && svg.contains("similarity 95") && !svg.contains("NaN"));
    assert!(!plot::discard("none", &[]).contains("NaN"));
    let themed = plot::themed(&svg);
    assert!(
        themed.contains("stroke:var(--plot-1,#0072b2)") && themed.contains("fill:var(--plot-ground,#ffffff)")
    );
    assert!(
        themed.contains(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="#),
        "{}",
        &themed[..200]
    );
}

#[test]
fn perfect_and_tiny_results_can_be_drawn() {
    for report in [report(50.0, 5, 5), report(0.0, 1, 1), report(-3.0, 9, 4)] {
        let curves = [Curve::of(&report, "x")];
        for svg in [
            plot::det("t", &curves),
            plot::roc("t", &curves),
            plot::det("t", &[]),
            plot::roc("t", &[]),
        ] {
            assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN") && !svg.contains("inf"));
        }
    }
}
