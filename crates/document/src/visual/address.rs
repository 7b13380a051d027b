//! The address of a US or Canadian card: street, city, state and postal code. It is found by its last line, which has a
//! shape of its own, or by its label; where neither is there, by a street that begins with a house number.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::labels::Tag;
use super::page::Page;
use super::text::{compact, digits, letters, letters_for_digits, plain_text, tidy};
use super::{Located, states};
use crate::Field;

static LAST_LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        "^(.*?)[ ,.]*([A-Z][A-Z01]|[01][A-Z])[ ,.-]*(?:([0-9]{4,5})(?:[ ]?[-J~_.=][ ]?([0-9]{4,5}))?|([A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]))$",
    )
    .ok()
});
static HOUSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        "^(?:[0-9]+[A-Z]? ?[A-Z ].*|P[.]? ?O[.]? ?BOX.*|R[.]?R[.]? ?[0-9]+.*|HC ?[0-9]+.*|[NSEW] ?[0-9]+.*)$",
    )
    .ok()
});
static FLAT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new("^(?:APT|APARTMENT|UNIT|SUITE|STE|ROOM|RM|FLOOR|FL|LOT|TRLR|BLDG|#)[ .#]*[0-9A-Z]").ok()
});
static GLUED_FLAT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("(APT|UNIT|SUITE|STE|ROOM|LOT|BOX)([0-9]+)$").ok());

/// Words by which a street is known when nothing else tells.
const STREETS: [&str; 24] = [
    "STREET",
    "ST",
    "AVENUE",
    "AVE",
    "ROAD",
    "RD",
    "DRIVE",
    "DR",
    "LANE",
    "LN",
    "COURT",
    "CT",
    "BLVD",
    "BOULEVARD",
    "WAY",
    "PLACE",
    "PL",
    "CIRCLE",
    "CIR",
    "TERRACE",
    "TER",
    "HIGHWAY",
    "HWY",
    "PARKWAY",
];

/// Where the address stands, for what is looked for around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The piece with the first line of the street.
    pub(super) top: usize,
}

/// City, state and code of a last line; `None` when it is not one.
struct LastLine {
    city: String,
    state: String,
    code: Option<String>,
}

/// With `under_street` the place vouches for it, and the state may be misread.
fn last_line(text: &str, under_street: bool) -> Option<LastLine> {
    let plain = plain_text(text);
    let groups = LAST_LINE.as_ref()?.captures(&plain)?;
    let part = |index: usize| groups.get(index).map(|group| group.as_str());
    let city = letters_for_digits(&tidy(part(1)?));
    let named = letters(&city) >= 3 && digits(&city) == 0;
    let state = as_code(part(2)?);
    let code = match (part(3), part(4), part(5)) {
        (Some(zip), None, _) if zip.len() == 5 => Some(zip.to_owned()),
        (Some(zip), Some(plus), _) if zip.len() == 5 => Some(format!("{zip}-{plus}")),
        (_, _, Some(canadian)) => Some(canadian.to_owned()),
        _ => None,
    };
    // A card's number after two letters (`DD 12345`) is no address: there has to be a city, and a state or a comma.
    let known = states::is_code(&state);
    (named && (known || code.is_some() && (under_street || text.contains([',', '.'])))).then_some(LastLine {
        city,
        state,
        code,
    })
}

/// The code that two characters are, a 0 or 1 among them being a letter.
fn as_code(text: &str) -> String {
    let twins = [
        text.to_owned(),
        text.replace('0', "O").replace('1', "I"),
        text.replace('0', "O").replace('1', "L"),
    ];
    twins
        .iter()
        .find(|twin| states::is_code(twin))
        .unwrap_or(&twins[0])
        .clone()
}

/// The address into `found`; where it stands.
pub(super) fn read(page: &Page, found: &mut BTreeMap<Field, Located>, claimed: &mut [bool]) -> Option<Place> {
    let unlabelled =
        (0..page.pieces.len()).filter(|index| matches!(page.pieces[*index].tag, None | Some(Tag::Address)));
    let strict = unlabelled
        .clone()
        .find_map(|index| Some((index, last_line(&page.pieces[index].text, false)?)));
    let last = strict.or_else(|| {
        let mut under = unlabelled.filter(|index| !street_above(page, *index).is_empty());
        under.find_map(|index| Some((index, last_line(&page.pieces[index].text, true)?)))
    });
    let street = match &last {
        Some((index, _)) => street_above(page, *index),
        None => street_alone(page),
    };
    if let Some((index, line)) = last {
        claimed[index] = true;
        let city = Located::of(&page.pieces[index], line.city, 0.93);
        found.insert(Field::City, city);
        if states::is_code(&line.state) {
            found.insert(Field::State, Located::of(&page.pieces[index], line.state, 0.95));
        }
        if let Some(code) = line.code {
            found.insert(Field::PostalCode, Located::of(&page.pieces[index], code, 0.95));
        }
        county_below(page, index, found, claimed);
    }
    let top = *street.first()?;
    let text: Vec<String> = street.iter().map(|index| street_text(page, *index)).collect();
    let mut located = Located::of(&page.pieces[top], text.join(" "), 0.93);
    located.cover(street.iter().map(|index| &page.pieces[*index]));
    found.insert(Field::Address, located);
    for index in &street {
        claimed[*index] = true;
    }
    Some(Place { top })
}

/// Lines of the street above the last line, top down.
fn street_above(page: &Page, last: usize) -> Vec<usize> {
    let mut lines = Vec::new();
    let mut below = last;
    // An address has at most three lines before its last one.
    while lines.len() < 3 && page.pieces[below].tag != Some(Tag::Address) {
        let Some(next) = line_above(page, below, 1.9) else {
            break;
        };
        let piece = &page.pieces[next];
        if piece.text.is_empty() || letters(&piece.text) + digits(&piece.text) < 3 {
            break;
        }
        let flat = is_flat(&piece.text);
        let house = piece.tag == Some(Tag::Address) || is_house(&piece.text) && !flat;
        // Above a line with a house number stands a name, not more of the address.
        if !house && !flat && !lines.is_empty() {
            break;
        }
        lines.push(next);
        if house {
            break;
        }
        below = next;
    }
    lines.reverse();
    lines
}

/// The line right above that begins near the same place and belongs to the address: no other label.
pub(super) fn line_above(page: &Page, below: usize, reach: f32) -> Option<usize> {
    let frame = &page.pieces[below].frame;
    let unit = frame.height().max(0.8 * page.type_height);
    (0..page.pieces.len())
        .filter(|index| *index != below)
        .filter(|index| {
            let other = &page.pieces[*index].frame;
            let gap = frame.top - other.bottom;
            let lone_mark = page.pieces[*index].text.is_empty() && page.pieces[*index].letters == 0;
            let aligned = (other.left - frame.left).abs() < 2.2 * unit;
            other.middle_y() < frame.middle_y() - 0.4 * unit && gap < reach * unit && aligned && !lone_mark
        })
        .max_by(|one, other| {
            page.pieces[*one]
                .frame
                .middle_y()
                .total_cmp(&page.pieces[*other].frame.middle_y())
        })
        .filter(|index| matches!(page.pieces[*index].tag, None | Some(Tag::Address)))
}

/// The line right below that begins near the same place, whatever it is.
pub(super) fn line_below(page: &Page, above: usize, reach: f32) -> Option<usize> {
    let frame = &page.pieces[above].frame;
    let unit = frame.height().max(0.8 * page.type_height);
    (0..page.pieces.len())
        .filter(|index| {
            let other = &page.pieces[*index].frame;
            let gap = other.top - frame.bottom;
            let aligned = (other.left - frame.left).abs() < 2.2 * unit;
            *index != above
                && other.middle_y() > frame.middle_y() + 0.4 * unit
                && gap < reach * unit
                && aligned
        })
        .min_by(|one, other| {
            page.pieces[*one]
                .frame
                .middle_y()
                .total_cmp(&page.pieces[*other].frame.middle_y())
        })
        .filter(|index| page.pieces[*index].tag.is_none())
}

/// A street without a last line: the one with the label, else a line that begins with a house number and has a word for
/// a street or a name above it.
fn street_alone(page: &Page) -> Vec<usize> {
    let labelled = (0..page.pieces.len()).filter(|index| page.pieces[*index].tag == Some(Tag::Address));
    let with_label = labelled
        .filter_map(|index| {
            let alone = page.pieces[index].text.is_empty();
            if alone {
                page.beside(index).into_iter().next()
            } else {
                Some(index)
            }
        })
        .find(|index| digits(&page.pieces[*index].text) > 0 && letters(&page.pieces[*index].text) > 1);
    let houses = || {
        (0..page.pieces.len()).filter(|index| {
            let piece = &page.pieces[*index];
            piece.tag.is_none() && is_house(&piece.text) && letters(&piece.text) >= 4
        })
    };
    let named = || houses().find(|index| has_street_word(&page.pieces[*index].text));
    let under_name = || {
        houses().find(|index| {
            line_above(page, *index, 1.9).is_some_and(|above| {
                page.pieces[above].tag.is_none() && super::names::name_like(&page.pieces[above].text)
            })
        })
    };
    let Some(first) = with_label.or_else(named).or_else(under_name) else {
        return Vec::new();
    };
    let flat = line_below(page, first, 1.5).filter(|index| is_flat(&page.pieces[*index].text));
    std::iter::once(first).chain(flat).collect()
}

fn has_street_word(text: &str) -> bool {
    let plain = plain_text(text);
    let apart = plain
        .split([' ', ',', '.'])
        .skip(1)
        .any(|word| STREETS.contains(&word));
    let glued = STREETS
        .iter()
        .any(|word| word.len() >= 5 && compact(&plain).ends_with(word));
    apart || glued
}

fn is_flat(text: &str) -> bool {
    FLAT.as_ref().is_some_and(|flat| flat.is_match(&plain_text(text)))
}

fn is_house(text: &str) -> bool {
    HOUSE
        .as_ref()
        .is_some_and(|house| house.is_match(&plain_text(text)))
}

/// A line of the street without the number of its element, and with the spaces that are surely lost.
fn street_text(page: &Page, index: usize) -> String {
    let piece = &page.pieces[index];
    let text = if piece.tag.is_none() {
        without_mark(page, index)
    } else {
        piece.text.clone()
    };
    respace(&text)
}

/// The text without an 8 in front that is the element's number and not the house's. One that stands apart from the
/// house number has been taken for a label already.
///
/// Cards that number their elements print the number in front of the first line and begin the next one under the
/// value, so that the next line stands further right.
fn without_mark(page: &Page, index: usize) -> String {
    let piece = &page.pieces[index];
    let rest = match piece.text.strip_prefix('8') {
        Some(rest) if page.numbered() >= 3 && rest.chars().any(char::is_alphabetic) => tidy(rest),
        _ => return piece.text.clone(),
    };
    let letter = piece.frame.width() / piece.text.chars().count().max(1) as f32;
    let indented = line_below(page, index, 1.9)
        .is_some_and(|below| page.pieces[below].frame.left - piece.frame.left > 0.35 * letter);
    if indented && !rest.is_empty() {
        rest
    } else {
        piece.text.clone()
    }
}

/// Spaces where a house number ends and a word begins (not in `2ND`), after a comma, and before the number of a flat.
/// Nothing else is safe: there are streets called ANYSTREET.
pub(super) fn respace(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut spaced = String::new();
    for (index, character) in chars.iter().enumerate() {
        spaced.push(*character);
        let Some(next) = chars.get(index + 1) else { break };
        let rest: String = chars[index + 1..].iter().map(char::to_ascii_uppercase).collect();
        let house = character.is_ascii_digit() && next.is_alphabetic() && !spaced.contains(' ');
        let word = rest.chars().take_while(|letter| letter.is_alphabetic()).count();
        let ordinal = ["ST", "ND", "RD", "TH"]
            .iter()
            .any(|ending| rest.starts_with(ending))
            && word == 2;
        let comma = *character == ',' && !next.is_whitespace();
        if house && word > 1 && !ordinal || comma {
            spaced.push(' ');
        }
    }
    let split = |pattern: Option<&Regex>, by: &str, text: String| match pattern {
        Some(pattern) => pattern.replace(&text, by).into_owned(),
        None => text,
    };
    split(GLUED_FLAT.as_ref(), "$1 $2", spaced)
}

/// A county, printed right below the last line with that word in it.
fn county_below(page: &Page, last: usize, found: &mut BTreeMap<Field, Located>, claimed: &mut [bool]) {
    let Some(below) = line_below(page, last, 1.2) else {
        return;
    };
    let piece = &page.pieces[below];
    let name = plain_text(&piece.text);
    if digits(&name) == 0 && letters(&name) > 8 && name.ends_with("COUNTY") {
        claimed[below] = true;
        found.insert(Field::County, Located::of(piece, piece.text.clone(), 0.85));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_lines() {
        for (text, city, state, code) in [
            ("ANYTOWN, NV 89701-1234", "ANYTOWN", "NV", Some("89701-1234")),
            ("SMALLVILLE KS67524", "SMALLVILLE", "KS", Some("67524")),
            ("BATON ROUGELA70896-0000", "BATON ROUGE", "LA", Some("70896-0000")),
            ("EL D0RAD0,C034217", "EL DORADO", "CO", Some("34217")),
            ("TORONTO, ON M5V 2T6", "TORONTO", "ON", Some("M5V 2T6")),
            ("LINCOLN.NE6851-0000", "LINCOLN", "NE", None),
        ] {
            let line = last_line(text, false).unwrap();
            assert_eq!(
                (line.city.as_str(), line.state.as_str(), line.code.as_deref()),
                (city, state, code),
                "{text}"
            );
        }
        for text in [
            "DD 12345678",
            "CLASS D 12345",
            "REV 07162011",
            "123 MAIN STREET",
            "JOHN PUBLIC",
        ] {
            assert!(last_line(text, false).is_none(), "{text}");
        }
    }

    #[test]
    fn spaces_come_back_only_where_they_are_sure() {
        assert_eq!(respace("123MAINSTREET"), "123 MAINSTREET");
        assert_eq!(respace("60 STATE ST,ROOM145"), "60 STATE ST, ROOM 145");
        assert_eq!(respace("14 2ND AVE"), "14 2ND AVE");
        assert_eq!(respace("22ND AVE"), "22ND AVE");
        assert_eq!(respace("12B ELM ST"), "12B ELM ST");
        assert_eq!(respace("7 CREST"), "7 CREST");
    }
}
