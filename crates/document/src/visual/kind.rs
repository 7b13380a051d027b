//! What kind of document a page of lines is, by the words printed on it. It knows nothing of machine readable zones or
//! barcodes; who has those combines the two.

use super::european;
use super::geometry::Frame;
use super::text::{compact, distance_within};
use crate::{Kind, Line};

/// What kind a page is, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Classified {
    /// The kind.
    pub kind: Kind,
    /// 0 to 1.
    pub confidence: f32,
}

/// How sure a licence without a title is, of which only the numbers of the entries speak.
const NUMBERED: f32 = 0.85;

/// Words without spaces that name a kind, and how much each one says. Long ones may be slightly misread.
const WORDS: &[(Kind, f32, &[&str])] = &[
    (
        Kind::DriverLicenceFront,
        0.95,
        &[
            "DRIVERLICENSE",
            "DRIVERSLICENSE",
            "DRIVERLICENCE",
            "DRIVERSLICENCE",
            "OPERATORLICENSE",
            "OPERATORSLICENSE",
            "DRIVINGLICENSE",
            "LEARNERPERMIT",
            "DRIVERPERMIT",
            "INSTRUCTIONPERMIT",
        ],
    ),
    (Kind::DriverLicenceFront, 0.95, european::TITLES),
    (
        Kind::IdCardFront,
        0.95,
        &[
            "IDENTIFICATIONCARD",
            "NONDRIVERID",
            "STATEIDCARD",
            "PHOTOCARD",
            "PHOTOIDENTIFICATION",
            "NONDRIVERIDENTIFICATION",
        ],
    ),
    (
        Kind::Passport,
        0.93,
        &[
            "PASSPORT",
            "PASSEPORT",
            "REISEPASS",
            "PASAPORTE",
            "PASSAPORTO",
            "PASZPORT",
            "PASPOORT",
            "PUTOVNICA",
            "PASAPORT",
        ],
    ),
    (
        Kind::Visa,
        0.9,
        &[
            "VISA",
            "VISUM",
            "WIZA",
            "NUMBEROFENTRIES",
            "DURATIONOFSTAY",
            "DUREEDESEJOUR",
        ],
    ),
    (
        Kind::IdentityCard,
        0.93,
        &[
            "IDENTITYCARD",
            "CARTEDIDENTITE",
            "CARTENATIONALEDIDENTITE",
            "PERSONALAUSWEIS",
            "CARTADIDENTITA",
            "DOCUMENTONACIONALDEIDENTIDAD",
            "DOWODOSOBISTY",
            "OSOBNAISKAZNICA",
            "OSEBNAIZKAZNICA",
            "IDENTITEITSKAART",
            "RESIDENCEPERMIT",
            "CEDULADEIDENTIDAD",
            "NATIONALIDENTITYCARD",
        ],
    ),
];

/// The kind that the words on a page name. A kind that is named by a whole line or the larger type wins over one that
/// is mentioned in passing (a visa names the passport's number).
#[must_use]
pub fn classify(lines: &[Line]) -> Classified {
    let mut best = Classified {
        kind: Kind::Other,
        confidence: 0.0,
    };
    let stacked = stacked(lines);
    for (kind, weight, words) in WORDS {
        for word in *words {
            let single = lines
                .iter()
                .map(|line| likeness(line, word) * weight)
                .fold(0.0, f32::max);
            let across = if word.len() >= 8 && stacked.iter().any(|text| text.contains(word)) {
                0.9 * weight
            } else {
                0.0
            };
            let confidence = single.max(across);
            if confidence > best.confidence {
                best = Classified {
                    kind: *kind,
                    confidence,
                };
            }
        }
    }
    if best.kind == Kind::Other && european::is_european(lines) {
        // The title may be in letters that the reader does not know.
        best = Classified {
            kind: Kind::DriverLicenceFront,
            confidence: NUMBERED,
        };
    }
    best
}

/// Headings in two lines, `DRIVER` above `LICENSE`: what each line says with the one below it.
fn stacked(lines: &[Line]) -> Vec<String> {
    let placed: Vec<(Frame, &Line)> = lines
        .iter()
        .filter_map(|line| Some((Frame::of(&line.polygon)?, line)))
        .collect();
    let mut pairs = Vec::new();
    for (upper, one) in &placed {
        for (lower, other) in &placed {
            let gap = lower.top - upper.bottom;
            let near = gap.abs() < 0.8 * upper.height() && lower.middle_y() > upper.middle_y();
            if near && upper.overlap_x(lower) > 0.5 * upper.width().min(lower.width()) {
                pairs.push(compact(&format!("{} {}", one.text, other.text)));
            }
        }
    }
    pairs
}

/// How much a line names a kind, 0 to 1: as a whole, as its beginning, or somewhere in it; with few characters misread.
fn likeness(line: &Line, word: &str) -> f32 {
    let text = compact(&line.text);
    if !line.confidence.is_finite() || text.is_empty() {
        return 0.0;
    }
    let confidence = line.confidence.clamp(0.0, 1.0);
    let number = text.ends_with("NO")
        || text.contains("NUMBER")
        || text.contains("NUMER")
        || text.contains("IDENTIFIER");
    let passing = if number && !word.contains("NUMBER") {
        0.5
    } else {
        1.0
    };
    if word.len() <= 5 {
        let apart = line
            .text
            .split(|character: char| !character.is_alphanumeric())
            .any(|part| compact(part) == word);
        return if apart { confidence * passing } else { 0.0 };
    }
    let wrong = distance_within(&text, word);
    // One character in eight, but two in the long headings that no other word is near to.
    let allowed = if word.len() >= 13 { 3 } else { word.len() / 8 };
    if wrong > allowed {
        return 0.0;
    }
    let whole = if text.len() <= word.len() + 4 { 1.0 } else { 0.97 };
    confidence * passing * whole * (1.0 - 0.12 * wrong as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visual::testing::line;

    fn kind(texts: &[&str]) -> Kind {
        let lines: Vec<Line> = texts
            .iter()
            .zip(0_u8..)
            .map(|(text, row)| line(text, 0.0, 30.0 * f32::from(row)))
            .collect();
        classify(&lines).kind
    }

    #[test]
    fn headings() {
        assert_eq!(kind(&["NOWHERE", "DRIVER'S LICENSE"]), Kind::DriverLicenceFront);
        let heading = [
            line("DRIVER'S", 300.0, 10.0),
            line("USA", 520.0, 12.0),
            line("LICENSE", 304.0, 32.0),
        ];
        assert_eq!(classify(&heading).kind, Kind::DriverLicenceFront);
        assert_eq!(kind(&["DRIVER", "LICENSE", "USA"]), Kind::DriverLicenceFront);
        assert_eq!(kind(&["ORVER S LIOENSE"]), Kind::DriverLicenceFront);
        assert_eq!(kind(&["IDENTIFICATION CARD", "ID 123"]), Kind::IdCardFront);
        assert_eq!(
            kind(&["DRIVER LICENSE", "NOT FOR FEDERAL IDENTIFICATION"]),
            Kind::DriverLicenceFront
        );
        assert_eq!(kind(&["VISA", "Passport Number", "X"]), Kind::Visa);
        assert_eq!(kind(&["PASSPORT", "Passport No."]), Kind::Passport);
        assert_eq!(kind(&["CARTE D'IDENTITE"]), Kind::IdentityCard);
        assert_eq!(kind(&["GROCERY LIST", "MILK"]), Kind::Other);
        assert_eq!(kind(&[]), Kind::Other);
    }
}
