//! The names on a US or Canadian card: by their labels or numbers, by their place beside one that has them, else as
//! the lines above the address. Which of two bare lines is the family name is told by other marks on the card.

use std::collections::BTreeMap;

use super::Located;
use super::address::{Place, line_above, line_below};
use super::labels::Tag;
use super::page::{Page, Piece};
use super::text::{compact, distance, distance_within, letters_for_digits, plain_text, tidy};
use crate::Field;

/// Words that stand alone in a line and are no names.
const NOT_NAMES: [&str; 30] = [
    "USA",
    "DRIVER",
    "DRIVERS",
    "LICENSE",
    "LICENCE",
    "DRIVERLICENSE",
    "DRIVERSLICENSE",
    "IDENTIFICATION",
    "CARD",
    "IDENTIFICATIONCARD",
    "DONOR",
    "ORGANDONOR",
    "VETERAN",
    "NONE",
    "CLASS",
    "DL",
    "ID",
    "CDL",
    "NAME",
    "FEDERAL",
    "LIMITS",
    "REALID",
    "TEMPORARY",
    "LIMITEDTERM",
    "DUPLICATE",
    "COMMERCIAL",
    "NOTFORFEDERALIDENTIFICATION",
    "FEDERALLIMITSAPPLY",
    "GOVERNOR",
    "COMMISSIONER",
];

/// Long labels, which stay labels when a character of theirs is misread.
const LABELS: [&str; 6] = [
    "RESTRICTIONS",
    "ENDORSEMENTS",
    "IDENTIFICATION",
    "EXPIRATIONDATE",
    "DRIVERLICENSE",
    "CLASSIFICATION",
];

/// Whether a text can be a name: words of letters, none of which is what cards say themselves.
pub(super) fn name_like(text: &str) -> bool {
    let plain = letters_for_digits(&plain_text(text));
    let shaped = plain
        .chars()
        .all(|character| character.is_alphabetic() || matches!(character, ' ' | '-' | '\'' | '.' | ','));
    let compact = compact(text);
    let label = compact.len() >= 8 && LABELS.iter().any(|label| distance_within(&compact, label) <= 2);
    shaped
        && !label
        && compact.chars().count() >= 2
        && !NOT_NAMES.contains(&compact.as_str())
        && !plain
            .split(' ')
            .any(|word| matches!(word, "LICENSE" | "LICENCE" | "IDENTIFICATION" | "DEPARTMENT"))
}

/// The family name and the given names as printed, each with its piece and how sure the rule is.
#[derive(Debug, Default)]
struct Names {
    family: Option<(usize, String, f32)>,
    given: Option<(usize, String, f32)>,
}

/// The names into `found`.
pub(super) fn read(
    page: &Page,
    place: Option<Place>,
    number: Option<&str>,
    found: &mut BTreeMap<Field, Located>,
    claimed: &mut [bool],
) {
    let mut names = Names {
        family: labelled(page, Tag::FamilyName),
        given: labelled(page, Tag::GivenNames),
    };
    if names.family.is_none() && names.given.is_none() {
        names = one_line(page, Tag::FullName)
            .or_else(|| numbered_line(page))
            .unwrap_or_default();
    }
    beside_known(page, &mut names, claimed);
    drop_misread_mark(page, &mut names);
    if names.family.is_none()
        && names.given.is_none()
        && let Some(place) = place
    {
        names = above_address(page, place, number, claimed);
    }
    store(page, names, found, claimed);
}

/// The value of a name's label: with it, to its right, or below it.
fn labelled(page: &Page, tag: Tag) -> Option<(usize, String, f32)> {
    let labels = (0..page.pieces.len()).filter(|index| page.pieces[*index].tag == Some(tag));
    let mut best: Option<(usize, String, f32)> = None;
    for label in labels {
        let piece = &page.pieces[label];
        let candidate = if piece.text.is_empty() {
            let beside = page
                .beside(label)
                .into_iter()
                .find(|index| name_like(&page.pieces[*index].text));
            beside.map(|index| (index, page.pieces[index].text.clone(), 0.93))
        } else {
            let street = plain_text(&piece.text)
                .split(' ')
                .skip(1)
                .any(|word| matches!(word, "STREET" | "ST" | "AVE" | "RD"));
            (name_like(&piece.text) && !street).then(|| (label, piece.text.clone(), 0.96))
        };
        if let Some(candidate) = candidate
            && best.as_ref().is_none_or(|known| candidate.2 > known.2)
        {
            best = Some(candidate);
        }
    }
    best
}

/// Both names in one labelled line.
fn one_line(page: &Page, tag: Tag) -> Option<Names> {
    let (index, text, sure) = labelled(page, tag)?;
    Some(split_line(index, &text, sure))
}

/// Both names in one line with the numbers of their elements: `1 DOE 2 ANN`.
fn numbered_line(page: &Page) -> Option<Names> {
    let family = page
        .pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| piece.tag == Some(Tag::FamilyName));
    family
        .filter_map(|(index, piece)| Some((index, piece.text.split_once('2')?)))
        .find_map(|(index, (family, given))| {
            let part = |text: &str| name_like(text).then(|| (index, tidy(text), 0.93));
            Some(Names {
                family: Some(part(family)?),
                given: Some(part(given)?),
            })
        })
}

/// `DOE, ANN B` or `ANN B DOE`.
fn split_line(index: usize, text: &str, sure: f32) -> Names {
    if let Some((family, given)) = text.split_once(',')
        && !is_suffix(given)
    {
        let part = |text: &str| Some((index, tidy(text), sure)).filter(|(_, text, _)| !text.is_empty());
        return Names {
            family: part(family),
            given: part(given),
        };
    }
    let text = text.replace('.', ". ");
    let mut words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let suffix = if words.len() > 2 && words.last().is_some_and(|word| is_suffix(word)) {
        words.pop()
    } else {
        None
    };
    let Some(family) = words.pop() else {
        return Names::default();
    };
    let family = suffix.map_or_else(|| family.to_owned(), |suffix| format!("{family} {suffix}"));
    let given = respace_initial(&words.join(" "));
    Names {
        family: Some((index, family, sure * 0.95)),
        given: (!given.is_empty()).then_some((index, given, sure * 0.95)),
    }
}

/// `JOHNQ.`: the point says that the last letter is an initial.
fn respace_initial(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    match chars.as_slice() {
        [first @ .., initial, '.']
            if first.len() >= 3 && first.iter().rev().take(3).all(|letter| letter.is_alphabetic()) =>
        {
            let first: String = first.iter().collect();
            format!("{first} {initial}.")
        }
        _ => text.to_owned(),
    }
}

/// With one of the names known, the other is the bare line above it, else the one below: the standard prints the
/// family name first, and some cards the given names.
fn beside_known(page: &Page, names: &mut Names, claimed: &[bool]) {
    let free = |index: &usize| {
        page.pieces[*index].tag.is_none() && !claimed[*index] && name_like(&page.pieces[*index].text)
    };
    let around = |known: usize| {
        let (above, below) = (
            line_above(page, known, 1.6).filter(free),
            line_below(page, known, 1.6).filter(free),
        );
        (above, below)
    };
    let text = |index: usize, sure: f32| Some((index, page.pieces[index].text.clone(), sure));
    match (&names.family, &names.given) {
        (None, Some((known, _, sure))) => {
            let (above, below) = around(*known);
            names.family = above.or(below).and_then(|index| text(index, sure * 0.92));
        }
        (Some((known, _, sure)), None) => {
            let (above, below) = around(*known);
            names.given = below.or(above).and_then(|index| text(index, sure * 0.92));
        }
        _ => {}
    }
}

/// A family name without its number that begins as no name does (`IIRONS`, `lDOE`) at the very place where the line of
/// the given names has its 2: its first character is the number 1. A single I stays: names begin with one, and readers
/// merge it with the 1.
fn drop_misread_mark(page: &Page, names: &mut Names) {
    let (Some((family, text, _)), Some((given, ..))) = (&mut names.family, &names.given) else {
        return;
    };
    let (family, given) = (&page.pieces[*family], &page.pieces[*given]);
    let letter = family.frame.width() / family.text.chars().count().max(1) as f32;
    let numbered = given.tag == Some(Tag::GivenNames) && given.letters == 0 && !given.text.is_empty();
    let aligned = (family.left - given.left).abs() < 0.45 * letter;
    let odd = ["II", "l", "|"].iter().any(|odd| text.starts_with(odd));
    if family.tag.is_none() && numbered && aligned && odd {
        *text = tidy(&text.chars().skip(1).collect::<String>());
    }
}

/// Bare lines above the address: one with both names, or two. A line with a label may stand between them and the
/// address.
fn above_address(page: &Page, place: Place, number: Option<&str>, claimed: &[bool]) -> Names {
    let mut lines: Vec<usize> = Vec::new();
    let top = &page.pieces[place.top].frame;
    let unit = top.height().max(0.8 * page.type_height);
    let mut rows: Vec<usize> = (0..page.pieces.len())
        .filter(|index| {
            let other = &page.pieces[*index].frame;
            let gap = top.top - other.bottom;
            (other.left - top.left).abs() < 2.2 * unit
                && other.middle_y() < top.middle_y() - 0.4 * unit
                && gap < 7.0 * unit
        })
        .collect();
    rows.sort_by(|one, other| {
        page.pieces[*other]
            .frame
            .middle_y()
            .total_cmp(&page.pieces[*one].frame.middle_y())
    });
    for index in rows {
        let piece = &page.pieces[index];
        let bare = piece.tag.is_none() && !claimed[index] && name_like(&piece.text);
        let before = lines.last().map_or(top, |last: &usize| &page.pieces[*last].frame);
        let reach = if lines.is_empty() { 4.5 } else { 1.2 };
        if bare && before.top - piece.frame.bottom < reach * unit {
            lines.push(index);
        } else if bare || !lines.is_empty() {
            break;
        }
        if lines.len() == 2 {
            break;
        }
    }
    match lines.as_slice() {
        [line] => split_line(*line, &page.pieces[*line].text, 0.85),
        [lower, upper] => {
            let text = |index: &usize| page.pieces[*index].text.clone();
            let swapped = given_first(page, &text(upper), &text(lower), number);
            let (family, given) = if swapped { (lower, upper) } else { (upper, lower) };
            Names {
                family: Some((*family, text(family), 0.85)),
                given: Some((*given, text(given), 0.85)),
            }
        }
        _ => Names::default(),
    }
}

/// Whether the upper of two bare lines holds the given names, against the standard's order. Two things can tell: the
/// licence number, which in several states begins with the Soundex of the family name, and the signature, which ends
/// with it.
fn given_first(page: &Page, upper: &str, lower: &str, number: Option<&str>) -> bool {
    if upper.ends_with(',') {
        return false;
    }
    let code: String = number.map_or_else(String::new, |number| compact(number).chars().take(4).collect());
    match (soundex(upper) == code, soundex(lower) == code) {
        (false, true) => return true,
        (true, false) => return false,
        _ => {}
    }
    let (upper, lower) = (compact(upper), compact(lower));
    let (as_standard, swapped) = (format!("{lower}{upper}"), format!("{upper}{lower}"));
    let signature = page
        .pieces
        .iter()
        .filter(|piece| piece.tag.is_none() && name_like(&piece.text))
        .map(|piece| compact(&piece.text));
    signature
        .filter(|text| *text != upper && *text != lower && text.len() >= 5)
        .map(|text| (distance(&text, &as_standard), distance(&text, &swapped)))
        .filter(|(one, other)| one.min(other) * 2 <= as_standard.len())
        .any(|(as_standard, swapped)| swapped + 2 < as_standard)
}

/// The Soundex code of the first word: its initial and three digits for the consonants after it.
fn soundex(name: &str) -> String {
    let class = |letter: char| match letter {
        'B' | 'F' | 'P' | 'V' => Some('1'),
        'C' | 'G' | 'J' | 'K' | 'Q' | 'S' | 'X' | 'Z' => Some('2'),
        'D' | 'T' => Some('3'),
        'L' => Some('4'),
        'M' | 'N' => Some('5'),
        'R' => Some('6'),
        _ => None,
    };
    let plain = plain_text(name);
    let mut letters = plain
        .chars()
        .take_while(|letter| !letter.is_whitespace())
        .filter(char::is_ascii_uppercase);
    let Some(initial) = letters.next() else {
        return String::new();
    };
    let mut code = String::from(initial);
    let mut last = class(initial);
    // H and W do not separate two consonants of one class; vowels do.
    for letter in letters.filter(|letter| !matches!(letter, 'H' | 'W')) {
        let digit = class(letter);
        if digit != last {
            code.extend(digit);
        }
        last = digit;
    }
    format!("{code:0<4}").chars().take(4).collect()
}

fn is_suffix(word: &str) -> bool {
    matches!(compact(word).as_str(), "JR" | "SR" | "II" | "III" | "IV")
}

/// Splits the given names and puts everything in its field.
fn store(page: &Page, names: Names, found: &mut BTreeMap<Field, Located>, claimed: &mut [bool]) {
    let mut put = |field: Field, piece: &Piece, text: String, sure: f32| {
        if !text.is_empty() {
            found
                .entry(field)
                .or_insert_with(|| Located::of(piece, capitals(&letters_for_digits(&text)), sure));
        }
    };
    if let Some((index, text, sure)) = names.family {
        claimed[index] = true;
        let (text, suffix) = without_suffix(&text);
        put(Field::LastName, &page.pieces[index], text, sure);
        put(Field::Suffix, &page.pieces[index], suffix, sure);
    }
    if let Some((index, text, sure)) = names.given {
        claimed[index] = true;
        let (text, suffix) = without_suffix(&respace_initial(&text));
        let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let first = words.first().copied().unwrap_or_default().to_owned();
        put(Field::FirstName, &page.pieces[index], first, sure);
        put(
            Field::MiddleName,
            &page.pieces[index],
            words.get(1..).unwrap_or_default().join(" "),
            sure,
        );
        put(Field::Suffix, &page.pieces[index], suffix, sure);
    }
}

/// A name that is printed in capitals, all in capitals: a small letter between them is a misread one.
fn capitals(text: &str) -> String {
    let (large, small) = text.chars().fold((0, 0), |(large, small), letter| {
        (
            large + usize::from(letter.is_uppercase()),
            small + usize::from(letter.is_lowercase()),
        )
    });
    if large > 2 * small {
        text.to_uppercase()
    } else {
        text.to_owned()
    }
}

/// The names without `JR` and the like at their end, and that word.
fn without_suffix(text: &str) -> (String, String) {
    let text = tidy(text);
    match text.rsplit_once([' ', ',']) {
        Some((names, suffix)) if is_suffix(suffix) => {
            (tidy(names), tidy(suffix).trim_end_matches('.').to_owned())
        }
        _ => (text, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soundex_as_the_national_archives_describe_it() {
        for (name, code) in [
            ("Washington", "W252"),
            ("Gutierrez", "G362"),
            ("Pfister", "P236"),
            ("Lee", "L000"),
            ("Ashcraft", "A261"),
        ] {
            assert_eq!(soundex(name), code, "{name}");
        }
        assert_eq!(soundex(""), "");
    }
}
