//! The front of a driving licence of the European Union or the European Economic Area: numbered entries after Directive
//! 2006/126/EC, annex I, point 3 (1 surname, 2 other names, 3 date and place of birth, 4a issue, 4b expiry, 4c authority,
//! 4d personal number, 5 number of the licence, 8 address, 9 categories). The numbers decide, and the shapes of values; no
//! layout of any state is known here, and no language but in the title.
//!
//! The sex is not on these cards, and the authority (4c) is no state: neither is read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use selfsame_types::Point;

use super::dates::{self, Order};
use super::geometry::{Frame, slice};
use super::labels::Tag;
use super::page::Page;
use super::text::{compact, digits, distance_within, letters, plain_text, tidy};
use super::{Located, american, international, states, values};
use crate::{Field, Line};

/// The number of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Surname,
    OtherNames,
    Birth,
    Issue,
    Expiry,
    Authority,
    Personal,
    Number,
    /// 6, the portrait, and 7, the signature.
    Picture,
    Address,
    Categories,
}

/// Categories of vehicles: article 4 of the directive, and national ones that are as short.
const CATEGORIES: [&str; 23] = [
    "AM", "A1", "A2", "A", "B1", "B", "B96", "BE", "C1", "C", "C1E", "CE", "D1", "D", "D1E", "DE", "T", "L",
    "M", "F", "G", "K", "H",
];

/// The titles of the directive, annex I, point 3, in Latin letters without accents and spaces, and those of Iceland and
/// Norway.
pub(super) const TITLES: &[&str] = &[
    "PERMISDECONDUIRE",
    "FUHRERSCHEIN",
    "DRIVINGLICENCE",
    "PERMISODECONDUCCION",
    "RIDICSKYPRUKAZ",
    "KOREKORT",
    "JUHILUBA",
    "VOZACKADOZVOLA",
    "CEADUNASTIOMANA",
    "PATENTEDIGUIDA",
    "VADITAJAAPLIECIBA",
    "VAIRUOTOJOPAZYMEJIMAS",
    "VEZETOIENGEDELY",
    "LICENZJATASSEWQAN",
    "RIJBEWIJS",
    "PRAWOJAZDY",
    "CARTADECONDUCAO",
    "PERMISDECONDUCERE",
    "VODICSKYPREUKAZ",
    "VOZNISKODOVOLJENJE",
    "AJOKORTTI",
    "KORKORT",
    "OKUSKIRTEINI",
    "FORERKORT",
];

/// Forms of address that some states print before the other names.
const FORMS_OF_ADDRESS: [&str; 4] = ["MR", "MRS", "MS", "MISS"];

/// What takes the value of a field out of a text; `None` when it is not there.
type Accept = fn(&str) -> Option<String>;

/// How sure the value of a number is that stands in its line, and right of it.
const WITH_NUMBER: f32 = 0.96;
const RIGHT_OF_NUMBER: f32 = 0.92;
/// How much less sure a value is of which no number says what it is.
const WITHOUT_NUMBER: f32 = 0.85;

/// Part of a line: at most one number, then its value.
#[derive(Debug, Clone)]
struct Entry {
    mark: Option<Mark>,
    /// Empty when the number stands alone.
    text: String,
    frame: Frame,
    polygon: [Point; 4],
    confidence: f32,
}

/// Whether a page is such a licence: it has hardly any word that cards of North America print beside their numbers; and it has
/// a title of Europe and names no state or province, or four of the numbers stand at lines that can be their values, one of
/// them with a letter.
pub(super) fn is_european(lines: &[Line]) -> bool {
    american_words(lines) < 2 && (is_titled(lines) || is_numbered(lines))
}

/// `DRIVER'S LICENCE` is three characters away from `DRIVING LICENCE`, so one may be misread. Canada has `PERMIS DE CONDUIRE`, too.
fn is_titled(lines: &[Line]) -> bool {
    let texts: Vec<String> = lines.iter().map(|line| compact(&line.text)).collect();
    let has_title = texts
        .iter()
        .any(|text| TITLES.iter().any(|title| distance_within(text, title) <= 1));
    let is_american = |text: &String| {
        text.contains("DRIVER") || text.contains("QUEBEC") || states::code_of_heading(text).is_some()
    };
    has_title && !texts.iter().any(is_american)
}

fn is_numbered(lines: &[Line]) -> bool {
    let marks: BTreeSet<Mark> = entries(lines).iter().filter_map(|entry| entry.mark).collect();
    let lettered = [Mark::Issue, Mark::Expiry, Mark::Authority]
        .iter()
        .filter(|mark| marks.contains(mark))
        .count();
    let plain = [Mark::Surname, Mark::OtherNames, Mark::Birth, Mark::Number];
    let plain = plain.iter().filter(|mark| marks.contains(mark)).count();
    lettered >= 1 && lettered + plain >= 4
}

/// How many labels of North American cards are written out.
fn american_words(lines: &[Line]) -> usize {
    let described = |tag: Option<Tag>| {
        matches!(
            tag,
            Some(Tag::Birth | Tag::Issue | Tag::Expiry | Tag::Sex | Tag::Height | Tag::Eyes | Tag::Class)
        )
    };
    Page::new(lines, 0.0)
        .pieces
        .iter()
        .filter(|piece| piece.letters >= 3 && described(piece.tag))
        .count()
}

/// Everything that can be read. Dates and the number of the licence whose numbers are lost are looked for as on a card of North
/// America, by their shape and the order of the three dates, but with the day first. `height` is that of the card in pixels.
pub(super) fn read(lines: &[Line], height: f32) -> BTreeMap<Field, Located> {
    let entries = entries(lines);
    let mut found = BTreeMap::new();
    let texts: [(Mark, Field, Accept); 5] = [
        (Mark::Surname, Field::LastName, international::name),
        (Mark::OtherNames, Field::FirstName, other_names),
        (Mark::Number, Field::DocumentNumber, number),
        (Mark::Personal, Field::PersonalNumber, number),
        (Mark::Categories, Field::Class, categories),
    ];
    for (mark, field, accept) in texts {
        let value = values_of(&entries, mark)
            .find_map(|(entry, sure)| Some(located(entry, accept(&entry.text)?, sure)));
        found.extend(value.map(|value| (field, value)));
    }
    numbered_dates(&entries, &mut found);
    without_numbers(lines, height, &mut found);
    drop_contradictions(&mut found);
    found.extend(address(&entries).map(|address| (Field::Address, address)));
    international::split_given(&mut found);
    found
}

/// The dates of entries 3, 4a and 4b, and the place after the first.
fn numbered_dates(entries: &[Entry], found: &mut BTreeMap<Field, Located>) {
    for (mark, field) in [
        (Mark::Birth, Field::DateOfBirth),
        (Mark::Issue, Field::DateOfIssue),
        (Mark::Expiry, Field::DateOfExpiry),
    ] {
        let is_birth = mark == Mark::Birth;
        let value = values_of(entries, mark).find_map(|(entry, sure)| dated(entry, is_birth, sure));
        if let Some((value, place)) = value {
            found.insert(field, value);
            found.extend(
                place
                    .filter(|_| is_birth)
                    .map(|place| (Field::PlaceOfBirth, place)),
            );
        }
    }
}

/// Dates and the number of the licence that no entry has.
fn without_numbers(lines: &[Line], height: f32, found: &mut BTreeMap<Field, Located>) {
    for (field, mut located) in american::read(&Page::new(lines, height), Order::DayFirst) {
        let is_date = matches!(
            field,
            Field::DateOfBirth | Field::DateOfIssue | Field::DateOfExpiry
        );
        if is_date || field == Field::DocumentNumber {
            located.reading.confidence *= WITHOUT_NUMBER;
            found.entry(field).or_insert(located);
        }
    }
}

/// What may be the value of a number, in reading order: what stands in its line, or what is right of it.
fn values_of(entries: &[Entry], mark: Mark) -> impl Iterator<Item = (&Entry, f32)> {
    entries
        .iter()
        .filter(move |entry| entry.mark == Some(mark))
        .filter_map(|entry| {
            if entry.text.is_empty() {
                right_of(entries, entry).map(|value| (value, RIGHT_OF_NUMBER))
            } else {
                Some((entry, WITH_NUMBER))
            }
        })
}

/// The nearest text without a number in the same row.
fn right_of<'a>(entries: &'a [Entry], mark: &Entry) -> Option<&'a Entry> {
    let near = entries.iter().filter(|other| {
        let gap = other.frame.left - mark.frame.right;
        other.mark.is_none()
            && gap > -0.6 * mark.frame.height()
            && gap < 6.0 * mark.frame.height()
            && mark.frame.row_overlap(&other.frame) >= 0.4
    });
    near.min_by(|one, other| one.frame.left.total_cmp(&other.frame.left))
}

fn located(entry: &Entry, text: String, sure: f32) -> Located {
    let mut located = Located {
        reading: crate::Reading {
            text,
            date: None,
            confidence: (entry.confidence * sure).clamp(0.0, 1.0),
        },
        polygon: entry.polygon,
    };
    // A value at the end of a longer text: forms of address stand before it.
    let (all, own) = (entry.text.chars().count(), located.reading.text.chars().count());
    if own < all && entry.text.ends_with(&located.reading.text) {
        located.narrow(all - own, all, all);
    }
    located
}

/// The date of an entry, and what follows it.
fn dated(entry: &Entry, past: bool, sure: f32) -> Option<(Located, Option<Located>)> {
    let date = dates::find(&entry.text, Order::DayFirst).into_iter().next()?;
    let count = entry.text.chars().count();
    let part = |from: usize, to: usize| -> String {
        entry
            .text
            .chars()
            .skip(from)
            .take(to.saturating_sub(from))
            .collect()
    };
    let mut value = located(entry, part(date.start, date.end), sure * date.sure);
    value.reading.date = Some(dates::with_century(date.date, past)?);
    value.polygon = entry.polygon;
    value.narrow(date.start, date.end, count);
    let after = tidy(&part(date.end, count));
    let place = (letters(&after) >= 2 && digits(&after) <= 2).then(|| {
        let mut place = located(entry, after, sure);
        place.polygon = entry.polygon;
        place.narrow(date.end, count, count);
        place
    });
    Some((value, place))
}

/// Of dates that cannot both be right none is: a birth comes before an issue, an issue before an expiry.
fn drop_contradictions(found: &mut BTreeMap<Field, Located>) {
    let date =
        |found: &BTreeMap<Field, Located>, field: Field| -> Option<Date> { found.get(&field)?.reading.date };
    for (first, second) in [
        (Field::DateOfBirth, Field::DateOfIssue),
        (Field::DateOfIssue, Field::DateOfExpiry),
        (Field::DateOfBirth, Field::DateOfExpiry),
    ] {
        if let (Some(one), Some(other)) = (date(found, first), date(found, second))
            && one >= other
        {
            found.remove(&first);
            found.remove(&second);
        }
    }
}

fn other_names(text: &str) -> Option<String> {
    let (first, rest) = text.trim().split_once([' ', '.']).unwrap_or((text, ""));
    let rest = tidy(rest);
    let is_form = FORMS_OF_ADDRESS.contains(&plain_text(first).as_str()) && !rest.is_empty();
    international::name(if is_form { &rest } else { text })
}

/// Numbers with everything that states put into them: spaces, strokes, letters.
fn number(text: &str) -> Option<String> {
    let text = tidy(text);
    let shaped = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '/' | '.'));
    let is_date = dates::find(&text, Order::DayFirst)
        .iter()
        .any(|found| found.end - found.start + 2 >= text.len());
    (shaped && !is_date && (values::is_number(&text) || digits(&text) >= 5)).then_some(text)
}

fn is_category(word: &str) -> bool {
    CATEGORIES.contains(&compact(word).as_str())
}

fn category_words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '/', ',', '.', ';', '-'])
        .filter(|word| !word.is_empty())
}

fn categories(text: &str) -> Option<String> {
    let mut words = category_words(text).peekable();
    (words.peek().is_some() && words.all(is_category)).then(|| tidy(text))
}

/// The address, with the line under it.
fn address(entries: &[Entry]) -> Option<Located> {
    let (first, sure) = values_of(entries, Mark::Address).find(|(entry, _)| letters(&entry.text) >= 3)?;
    let mut value = located(first, tidy(&first.text), sure);
    let under = entries.iter().find(|other| {
        let gap = other.frame.top - first.frame.bottom;
        other.mark.is_none()
            && letters(&other.text) >= 3
            && gap.abs() < 0.8 * first.frame.height()
            && other.frame.middle_y() > first.frame.bottom - 0.2 * first.frame.height()
            && (other.frame.left - first.frame.left).abs() < 3.0 * first.frame.height()
    });
    if let Some(under) = under {
        value.reading.text = format!("{} {}", value.reading.text, tidy(&under.text));
        value.reading.confidence = value.reading.confidence.min(under.confidence * sure);
        value.polygon = first.frame.with(&under.frame).corners();
    }
    Some(value)
}

/// All lines that run across, cut at their numbers, from top to bottom.
fn entries(lines: &[Line]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = lines.iter().flat_map(cut).collect();
    entries.sort_by(|one, other| one.frame.top.total_cmp(&other.frame.top));
    entries
}

fn cut(line: &Line) -> Vec<Entry> {
    let plain: Vec<char> = plain_text(&line.text).chars().collect();
    let count = plain.len();
    let Some(frame) = Frame::of(&line.polygon).filter(|frame| frame.width() > 0.0) else {
        return Vec::new();
    };
    if frame.height() > 1.5 * frame.width() && count > 2 {
        return Vec::new();
    }
    // Where a number begins, its mark, and where its value begins.
    let mut cuts: Vec<(usize, Option<Mark>, usize)> = Vec::new();
    for at in 0..count {
        let inside = cuts.last().is_some_and(|(_, _, value)| at < *value);
        let begins = at == 0 || plain[at - 1] == ' ' || plain[at - 1] == '.';
        if inside || !begins {
            continue;
        }
        match mark_at(&plain, at) {
            Some((mark, value)) if at == 0 || is_lettered(mark) => cuts.push((at, Some(mark), value)),
            _ if at == 0 => cuts.push((0, None, 0)),
            _ => {}
        }
    }
    let ends: Vec<usize> = cuts
        .iter()
        .skip(1)
        .map(|(start, _, _)| *start)
        .chain([count])
        .collect();
    cuts.into_iter()
        .zip(ends)
        .filter_map(|((start, mark, value), end)| entry(line, count, mark, start, value, end))
        .collect()
}

fn entry(
    line: &Line,
    count: usize,
    mark: Option<Mark>,
    start: usize,
    value: usize,
    end: usize,
) -> Option<Entry> {
    let raw: String = line
        .text
        .chars()
        .skip(value)
        .take(end.saturating_sub(value))
        .collect();
    let text = raw.trim().to_owned();
    if text.is_empty() && mark.is_none() {
        return None;
    }
    let part = |index: usize| index as f32 / count.max(1) as f32;
    let polygon = if text.is_empty() {
        slice(&line.polygon, part(start), part(end))
    } else {
        slice(&line.polygon, part(value), part(value + text.chars().count()))
    };
    let confidence = if line.confidence.is_finite() {
        line.confidence.clamp(0.0, 1.0)
    } else {
        0.0
    };
    Some(Entry {
        mark,
        text,
        frame: Frame::of(&polygon)?,
        polygon,
        confidence,
    })
}

/// Numbers with a letter also stand within a line: `4a. 01.02.2015 4c. PREFECTURE`.
fn is_lettered(mark: Mark) -> bool {
    matches!(
        mark,
        Mark::Issue | Mark::Expiry | Mark::Authority | Mark::Personal
    )
}

/// The number that begins at `at`, if what follows can be its value, and where that begins.
fn mark_at(text: &[char], at: usize) -> Option<(Mark, usize)> {
    let (mark, after) = name_of(text, at)?;
    let mut value = after;
    let mut dotted = false;
    while let Some(' ' | '.' | ',' | ':' | ')') = text.get(value) {
        dotted |= text[value] != ' ';
        value += 1;
    }
    let rest: String = text[value..].iter().collect();
    let next = text.get(value).copied();
    let alone = next.is_none();
    let apart = value > after || alone;
    let fits = match mark {
        Mark::Surname | Mark::OtherNames => alone || next.is_some_and(char::is_alphabetic),
        Mark::Birth => alone || apart && !dates::find(&rest, Order::DayFirst).is_empty(),
        Mark::Issue | Mark::Expiry => alone || next.is_some_and(|next| next.is_ascii_digit()),
        Mark::Authority => alone || apart && letters(&rest) >= 1,
        Mark::Personal => apart,
        Mark::Number => alone || apart && digits(&rest) >= 3,
        // `8 MAIN ST` is house number 8.
        Mark::Address => alone || dotted && letters(&rest) >= 3,
        Mark::Picture => alone || dotted,
        Mark::Categories => alone || apart && category_words(&rest).any(is_category),
    };
    fits.then_some((mark, value))
}

/// A number as readers return it, and where it ends. Of 4a to 4d the letter may be misread as what looks like it.
fn name_of(text: &[char], at: usize) -> Option<(Mark, usize)> {
    let digit = text.get(at)?;
    let next = text.get(at + 1).copied().unwrap_or(' ');
    let dotted = |index: usize| matches!(text.get(index), None | Some('.' | ',' | ':' | ' '));
    let mark = match digit {
        '1' => Mark::Surname,
        // A stroke with a point after it is a 1 only before a word.
        'I' | 'L' | '|' if next == '.' && text.get(at + 2).is_some() => Mark::Surname,
        '2' => Mark::OtherNames,
        '3' => Mark::Birth,
        '4' => {
            let (letter, index) = if next == ' ' {
                (text.get(at + 2).copied()?, at + 2)
            } else {
                (next, at + 1)
            };
            let clear = index == at + 1 || dotted(index + 1);
            let mark = match letter {
                'A' if clear => Mark::Issue,
                'B' if clear => Mark::Expiry,
                'C' if clear => Mark::Authority,
                'D' if clear => Mark::Personal,
                '6' if next != ' ' && dotted(at + 2) => Mark::Expiry,
                '0' | 'O' | 'E' | 'G' if next != ' ' && dotted(at + 2) => Mark::Authority,
                _ => return None,
            };
            return Some((mark, index + 1));
        }
        '5' => Mark::Number,
        '6' | '7' => Mark::Picture,
        '8' => Mark::Address,
        '9' => Mark::Categories,
        _ => return None,
    };
    (!next.is_ascii_digit()).then_some((mark, at + 1))
}
