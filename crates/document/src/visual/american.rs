//! The fields of a US or Canadian driver licence or identification card. Labels, numbers of elements, shapes and places
//! decide; no card of any state is known here.

use std::collections::BTreeMap;

use super::dates::Order;
use super::labels::Tag;
use super::page::{Page, Piece};
use super::text::{compact, digits, plain_text};
use super::validity::{self, Dated};
use super::{Located, address, names, states, values};
use crate::Field;

/// What takes the value of a field out of a text; `None` when it is not there.
type Accept = fn(&str) -> Option<String>;

/// Fields whose value has a shape of its own, with what announces them.
const SHAPED: [(Tag, Field, Accept); 10] = [
    (Tag::Sex, Field::Sex, values::sex),
    (Tag::Height, Field::Height, values::height),
    (Tag::Weight, Field::Weight, values::weight),
    (Tag::Eyes, Field::EyeColour, values::colour),
    (Tag::Hair, Field::HairColour, values::colour),
    (Tag::Class, Field::Class, values::class),
    (Tag::Endorsements, Field::Endorsements, values::codes),
    (Tag::Restrictions, Field::Restrictions, values::codes),
    (Tag::Discriminator, Field::Discriminator, discriminator),
    (Tag::Number, Field::DocumentNumber, values::number),
];

/// Everything that can be read; `order` says how a date is meant of which both readings are possible.
pub(super) fn read(page: &Page, order: Order) -> BTreeMap<Field, Located> {
    let mut found = BTreeMap::new();
    let mut claimed = vec![false; page.pieces.len()];
    let dates = validity::read(page, order);
    for (field, dated) in [
        (Field::DateOfBirth, dates.birth),
        (Field::DateOfIssue, dates.issue),
        (Field::DateOfExpiry, dates.expiry),
    ] {
        if let Some(dated) = dated {
            claimed[dated.piece] = true;
            found.insert(field, located_date(page, &dated));
        }
    }
    let place = address::read(page, &mut found, &mut claimed);
    for (tag, field, accept) in SHAPED {
        if let Some((index, located)) = shaped(page, tag, accept, &claimed) {
            claimed[index] = page.pieces[index].tag.is_some() || claimed[index] || single(tag);
            found.insert(field, located);
        }
    }
    if !found.contains_key(&Field::DocumentNumber)
        && let Some((index, located)) = bare_number(page, &claimed)
    {
        claimed[index] = true;
        found.insert(Field::DocumentNumber, located);
    }
    let number = found
        .get(&Field::DocumentNumber)
        .map(|located| located.reading.text.clone());
    names::read(page, place, number.as_deref(), &mut found, &mut claimed);
    if let Some(piece) = page.pieces.iter().find(|piece| is_veteran(piece)) {
        found.insert(Field::Veteran, Located::of(piece, "VETERAN".to_owned(), 0.95));
    }
    if let Some(located) = issuer(page) {
        found.insert(Field::Issuer, located);
    }
    found
}

/// Fields whose value is alone in its line; a row under a row of labels holds several.
fn single(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Number | Tag::Discriminator | Tag::Class | Tag::Endorsements | Tag::Restrictions
    )
}

fn discriminator(text: &str) -> Option<String> {
    (digits(text) >= 4 || compact(text).len() >= 8).then(|| text.to_owned())
}

/// The date as printed and as a date.
pub(super) fn located_date(page: &Page, dated: &Dated) -> Located {
    let piece = &page.pieces[dated.piece];
    let (from, to) = (dated.found.start, dated.found.end);
    let text = piece
        .text
        .chars()
        .skip(from)
        .take(to.saturating_sub(from))
        .collect();
    let mut located = Located::of(piece, text, dated.sure);
    located.reading.date = Some(dated.date);
    located.narrow(from, to, piece.text.chars().count());
    located
}

/// The value of a label: with it, else right of it, else below it; of several labels the surest.
fn shaped(page: &Page, tag: Tag, accept: Accept, claimed: &[bool]) -> Option<(usize, Located)> {
    let mut best: Option<(usize, Located)> = None;
    for (label, piece) in page
        .pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| piece.tag == Some(tag))
    {
        // A short word alone is the weakest sign of a licence number: `DL` is also what the card is called.
        let strength = if piece.letters >= 3 || piece.marked {
            1.0
        } else {
            0.9
        };
        let candidate = match accept(&piece.text) {
            Some(text) => Some((label, Located::of(piece, text, 0.97 * strength))),
            None => beside(page, label, tag, accept, claimed, strength),
        };
        let Some(candidate) = candidate else { continue };
        if best
            .as_ref()
            .is_none_or(|(_, known)| candidate.1.reading.confidence > known.reading.confidence)
        {
            best = Some(candidate);
        }
    }
    best
}

fn beside(
    page: &Page,
    label: usize,
    tag: Tag,
    accept: Accept,
    claimed: &[bool],
    strength: f32,
) -> Option<(usize, Located)> {
    let at = |sure: f32| move |index: usize| (index, sure);
    let right = page.right_of(label).into_iter().map(at(0.95));
    let below = page.below(label).into_iter().map(at(0.9));
    let under_row = row_head(page, label)
        .map_or_else(Vec::new, |head| page.below(head))
        .into_iter()
        .map(at(0.85));
    let places = right.chain(below).chain(under_row);
    places
        .filter(|(index, _)| !claimed[*index])
        .find_map(|(index, sure)| {
            let piece = &page.pieces[index];
            let text = match tag {
                // Under a row of labels the colours stand in the labels' order.
                Tag::Eyes | Tag::Hair => nth_colour(page, label, index)?,
                Tag::Class | Tag::Endorsements | Tag::Restrictions if piece.text.chars().count() > 12 => {
                    return None;
                }
                Tag::Number
                    if super::dates::find(&piece.text, Order::MonthFirst)
                        .iter()
                        .any(|found| !found.short()) =>
                {
                    return None;
                }
                _ => accept(&piece.text)?,
            };
            Some((index, Located::of(piece, text, sure * strength)))
        })
}

/// The first of the lone labels of a description in the row of one of them: a row of values under a row of labels
/// begins under the first and need not be as wide.
fn row_head(page: &Page, label: usize) -> Option<usize> {
    let of_row = |piece: &Piece| {
        let described = matches!(
            piece.tag,
            Some(Tag::Sex | Tag::Height | Tag::Weight | Tag::Eyes | Tag::Hair)
        );
        described && piece.text.is_empty() && piece.frame.row_overlap(&page.pieces[label].frame) >= 0.5
    };
    let row = page
        .pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| of_row(piece) && of_row(&page.pieces[label]));
    row.min_by(|(_, one), (_, other)| one.frame.left.total_cmp(&other.frame.left))
        .map(|(index, _)| index)
}

/// The colour in a row of values that stands under the label.
fn nth_colour(page: &Page, label: usize, row: usize) -> Option<String> {
    let colours = values::colours(&page.pieces[row].text);
    let hair = page.pieces[label].tag == Some(Tag::Hair);
    if colours.len() > 1 && hair {
        colours.get(1).cloned()
    } else {
        colours.first().cloned()
    }
}

/// A number without a label: of the pieces that have its shape and nothing else, the one in the largest type.
fn bare_number(page: &Page, claimed: &[bool]) -> Option<(usize, Located)> {
    let candidates = page.pieces.iter().enumerate().filter(|(index, piece)| {
        let count = compact(&piece.text).len();
        !claimed[*index]
            && (piece.tag.is_none() && !piece.text.contains(' ')
                || piece.text.contains(' ') && piece.tag.is_none())
            && values::is_number(&piece.text)
            && (7..=16).contains(&count)
            && 2 * digits(&piece.text) >= count
            && super::dates::find(&piece.text, Order::MonthFirst).is_empty()
            && piece.frame.middle_y() < 0.75 * page.height
    });
    let tallest =
        candidates.max_by(|(_, one), (_, other)| one.frame.height().total_cmp(&other.frame.height()));
    let labelled = || {
        // A label that was misread but still ends in NO: `d C No T123456789`.
        page.pieces.iter().enumerate().find_map(|(index, piece)| {
            let plain = plain_text(&piece.text);
            let (before, after) = plain.split_once("NO ").or_else(|| plain.split_once("NO."))?;
            let number = values::number(after).filter(|_| piece.tag.is_none() && before.len() <= 12)?;
            Some((index, Located::of(piece, number, 0.8)))
        })
    };
    labelled().or_else(|| tallest.map(|(index, piece)| (index, Located::of(piece, piece.text.clone(), 0.75))))
}

fn is_veteran(piece: &Piece) -> bool {
    piece.tag == Some(Tag::Veteran) || plain_text(&piece.text).split(' ').any(|word| word == "VETERAN")
}

/// The state or province from the heading of the card.
fn issuer(page: &Page) -> Option<Located> {
    let heading = |piece: &&Piece| {
        piece.frame.middle_y() < 0.35 * page.height
            && piece.tag.is_none()
            && !piece.text.contains(',')
            && digits(&piece.text) == 0
    };
    page.pieces.iter().filter(heading).find_map(|piece| {
        let (code, _) = states::code_of_heading(&compact(&piece.text))?;
        Some(Located::of(piece, code.to_owned(), 0.9))
    })
}
