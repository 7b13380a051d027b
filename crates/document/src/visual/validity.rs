//! Which of a card's dates is which: birth, issue or expiry. By their labels first; what is left over only where the
//! order of the three leaves one possibility. Dates that other labels announce are nobody's.

use jiff::ToSpan;
use jiff::civil::Date;

use super::dates::{self, Found, Order};
use super::labels::Tag;
use super::page::Page;
use super::text::{compact, distance, look};

/// Years of life before anybody holds such a document. The youngest drivers have farm permits at 14; identification
/// cards are issued to children, but not to infants; passports are.
fn youngest_years(order: Order) -> i32 {
    match order {
        Order::MonthFirst => 2,
        Order::DayFirst => 0,
    }
}

/// A date on the card with what it was found to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dated {
    pub(super) piece: usize,
    pub(super) found: Found,
    pub(super) date: Date,
    pub(super) sure: f32,
}

/// The three dates.
#[derive(Debug, Clone, Default)]
pub(super) struct Dates {
    pub(super) birth: Option<Dated>,
    pub(super) issue: Option<Dated>,
    pub(super) expiry: Option<Dated>,
}

impl Dates {
    fn slot(&mut self, tag: Tag) -> Option<&mut Option<Dated>> {
        match tag {
            Tag::Birth => Some(&mut self.birth),
            Tag::Issue => Some(&mut self.issue),
            Tag::Expiry => Some(&mut self.expiry),
            _ => None,
        }
    }

    fn all(&self) -> impl Iterator<Item = &Dated> {
        [&self.birth, &self.issue, &self.expiry].into_iter().flatten()
    }
}

/// A claim of a label on a date.
struct Claim {
    tag: Tag,
    dated: Dated,
}

/// The dates of a page of US or Canadian type.
pub(super) fn read(page: &Page, order: Order) -> Dates {
    let everywhere: Vec<Vec<Found>> = page
        .pieces
        .iter()
        .map(|piece| dates::find(&piece.text, order))
        .collect();
    let mut claims = labelled(page, &everywhere);
    claims.extend(guessed(page, &everywhere));
    claims.sort_by(|one, other| other.dated.sure.total_cmp(&one.dated.sure));
    let mut dates = assign(claims);
    let years = youngest_years(order);
    drop_implausible(&mut dates, years);
    let free = left_over(page, &everywhere, &dates);
    fill(&mut dates, &free, years);
    if dates.birth.is_none() {
        dates.birth = short_birth(page, &everywhere, &dates, years);
    }
    dates
}

/// Gives each label its best date, each date once.
fn assign(claims: Vec<Claim>) -> Dates {
    let mut dates = Dates::default();
    for Claim { tag, dated } in claims {
        let taken = dates
            .all()
            .any(|other| other.piece == dated.piece && other.found.start == dated.found.start);
        if let Some(slot) = dates.slot(tag)
            && slot.is_none()
            && !taken
        {
            *slot = Some(dated);
        }
    }
    dates
}

fn claim(tag: Tag, piece: usize, found: &Found, sure: f32) -> Option<Claim> {
    let date = dates::with_century(found.date, tag == Tag::Birth)?;
    let sure = sure * found.sure;
    Some(Claim {
        tag,
        dated: Dated {
            piece,
            found: found.clone(),
            date,
            sure,
        },
    })
}

/// Dates with, right of or below a label of theirs.
fn labelled(page: &Page, everywhere: &[Vec<Found>]) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (index, piece) in page.pieces.iter().enumerate() {
        let Some(tag @ (Tag::Birth | Tag::Issue | Tag::Expiry)) = piece.tag else {
            continue;
        };
        // A range of dates begins with the issue and ends with the expiry.
        let pick = |place: usize| {
            if tag == Tag::Expiry {
                everywhere[place].last()
            } else {
                everywhere[place].first()
            }
        };
        if let Some(found) = pick(index) {
            claims.extend(claim(tag, index, found, 0.97));
            continue;
        }
        for (places, sure) in [(page.right_of(index), 0.95), (page.below(index), 0.9)] {
            for (count, place) in places.into_iter().enumerate() {
                let nearer = sure - 0.02 * count as f32;
                claims.extend(pick(place).and_then(|found| claim(tag, place, found, nearer)));
            }
        }
    }
    claims
}

/// Dates whose label was misread: what stands in front of them looks like one.
fn guessed(page: &Page, everywhere: &[Vec<Found>]) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (index, piece) in page.pieces.iter().enumerate() {
        if !matches!(piece.tag, None | Some(Tag::Birth | Tag::Issue | Tag::Expiry)) {
            continue;
        }
        for (count, found) in everywhere[index].iter().enumerate() {
            let from = if count == 0 {
                0
            } else {
                everywhere[index][count - 1].end
            };
            let before: String = piece
                .text
                .chars()
                .skip(from)
                .take(found.start.saturating_sub(from))
                .collect();
            let mut before = compact(&before);
            if before.is_empty() && count == 0 && piece.tag.is_none() {
                before = left_neighbour(page, index);
            }
            if let Some(tag) = looks_like(&before) {
                claims.extend(claim(tag, index, found, 0.85));
            }
        }
    }
    claims
}

/// A short text without a label to the left in the same row.
fn left_neighbour(page: &Page, index: usize) -> String {
    let frame = &page.pieces[index].frame;
    let near = page.pieces.iter().filter(|other| {
        other.tag.is_none()
            && other.frame.right <= frame.left + 0.5 * frame.height()
            && frame.left - other.frame.right < 4.0 * frame.height()
            && other.frame.row_overlap(frame) >= 0.5
            && compact(&other.text).chars().count() <= 6
    });
    near.max_by(|one, other| one.frame.right.total_cmp(&other.frame.right))
        .map_or_else(String::new, |other| compact(&other.text))
}

/// Labels as they are printed in front of dates.
const LABELS: [(&str, Tag); 12] = [
    ("DOB", Tag::Birth),
    ("3DOB", Tag::Birth),
    ("BIRTHDATE", Tag::Birth),
    ("DATEOFBIRTH", Tag::Birth),
    ("EXP", Tag::Expiry),
    ("4BEXP", Tag::Expiry),
    ("EXPIRES", Tag::Expiry),
    ("EXPIRATIONDATE", Tag::Expiry),
    ("ISS", Tag::Issue),
    ("4AISS", Tag::Issue),
    ("ISSUED", Tag::Issue),
    ("ISSUEDATE", Tag::Issue),
];

/// The label that a misread text is: one character off, or ending in a label of look-alikes, or with its number.
fn looks_like(before: &str) -> Option<Tag> {
    if before.is_empty() {
        return None;
    }
    let seen: String = before.chars().map(look).collect();
    let ends = LABELS
        .iter()
        .find(|(label, _)| seen.ends_with(&label.chars().map(look).collect::<String>()));
    let near = || {
        LABELS
            .iter()
            .filter(|(label, _)| before.chars().count() + 1 >= label.len() && before.chars().count() >= 2)
            .map(|(label, tag)| (distance(before, label), label.len(), *tag))
            .filter(|(distance, length, _)| *distance <= 1 + length / 10)
            .min_by_key(|(distance, length, _)| (*distance, usize::MAX - length))
            .map(|(_, _, tag)| tag)
    };
    if before == "3" {
        return Some(Tag::Birth);
    }
    let mark = || match before.get(..2) {
        Some("4A") if before.len() <= 6 => Some(Tag::Issue),
        Some("4B") if before.len() <= 6 => Some(Tag::Expiry),
        _ => None,
    };
    ends.map(|(_, tag)| *tag).or_else(near).or_else(mark)
}

fn years_later(date: Date, years: i32) -> Option<Date> {
    date.checked_add(years.years()).ok()
}

/// Of two dates that cannot both be right the less sure one goes.
fn drop_implausible(dates: &mut Dates, years: i32) {
    fn weaker(first: &mut Option<Dated>, second: &mut Option<Dated>, fits: impl Fn(Date, Date) -> bool) {
        let (Some(one), Some(other)) = (first.as_ref(), second.as_ref()) else {
            return;
        };
        if !fits(one.date, other.date) {
            if one.sure < other.sure {
                *first = None;
            } else {
                *second = None;
            }
        }
    }
    let grown =
        |birth: Date, later: Date| years_later(birth, years).is_some_and(|earliest| earliest <= later);
    weaker(&mut dates.birth, &mut dates.issue, grown);
    weaker(&mut dates.birth, &mut dates.expiry, grown);
    weaker(&mut dates.issue, &mut dates.expiry, |issue, expiry| {
        issue < expiry
    });
}

/// Full dates that are nobody's yet: without another label, not said already, and not the day on which the holder
/// comes of age.
fn left_over(page: &Page, everywhere: &[Vec<Found>], dates: &Dates) -> Vec<Dated> {
    let mut free: Vec<Dated> = Vec::new();
    for (index, piece) in page.pieces.iter().enumerate() {
        if !matches!(piece.tag, None | Some(Tag::Birth | Tag::Issue | Tag::Expiry)) {
            continue;
        }
        for found in everywhere[index].iter().filter(|found| !found.short()) {
            let said = dates.all().any(|other| other.date == found.date);
            let repeated = free.iter().any(|other| other.date == found.date);
            let of_age = dates.birth.as_ref().is_some_and(|birth| {
                [18, 19, 21]
                    .into_iter()
                    .any(|years| years_later(birth.date, years) == Some(found.date))
            });
            if !said && !repeated && !of_age {
                let sure = 0.75 * found.sure;
                free.push(Dated {
                    piece: index,
                    found: found.clone(),
                    date: found.date,
                    sure,
                });
            }
        }
    }
    free.sort_by_key(|dated| dated.date);
    free
}

/// Gives left-over dates to the fields that have none, where only one can be meant.
fn fill(dates: &mut Dates, free: &[Dated], years: i32) {
    if dates.all().next().is_none() {
        fill_all(dates, free, years);
        return;
    }
    let grown = |birth: Date, later: Date| years_later(birth, years).is_some_and(|first| first <= later);
    // A licence's holder is older; what is nearer to its issue is some other date of the card.
    let adult = |birth: Date| years_later(birth, if years > 0 { 14 } else { 0 });
    let only = |fits: &dyn Fn(Date) -> bool| {
        let mut fitting = free.iter().filter(|dated| fits(dated.date));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Some(one.clone()),
            _ => None,
        }
    };
    let of = |dated: &Option<Dated>| dated.as_ref().map(|dated| dated.date);
    match (of(&dates.birth), of(&dates.issue), of(&dates.expiry)) {
        (None, issue, expiry) => {
            let later = issue.or(expiry);
            dates.birth = only(&|date| {
                adult(date)
                    .zip(later)
                    .is_some_and(|(adult, later)| adult <= later)
            });
        }
        (Some(birth), Some(issue), None) => dates.expiry = only(&|date| date > issue && grown(birth, date)),
        (Some(birth), None, Some(expiry)) => dates.issue = only(&|date| date < expiry && grown(birth, date)),
        (Some(birth), None, None) => {
            if let [issue, expiry] = free
                && grown(birth, issue.date)
            {
                (dates.issue, dates.expiry) = (Some(issue.clone()), Some(expiry.clone()));
            }
        }
        (Some(_), Some(_), Some(_)) => {}
    }
}

/// The dates of a card that announces none of them: three in their order, or two of one birthday.
fn fill_all(dates: &mut Dates, free: &[Dated], years: i32) {
    let later =
        |birth: Date, years: i32, other: Date| years_later(birth, years).is_some_and(|first| first <= other);
    match free {
        [birth, issue, expiry] if later(birth.date, years, issue.date) => {
            let (birth, issue, expiry) = (birth.clone(), issue.clone(), expiry.clone());
            *dates = Dates {
                birth: Some(birth),
                issue: Some(issue),
                expiry: Some(expiry),
            };
        }
        // Many cards expire on a birthday of their holder.
        [birth, expiry] => {
            let day = |dated: &Dated| (dated.date.month(), dated.date.day());
            if day(birth) == day(expiry) && later(birth.date, 14, expiry.date) {
                (dates.birth, dates.expiry) = (Some(birth.clone()), Some(expiry.clone()));
            }
        }
        _ => {}
    }
}

fn date_in(dated: Option<&Dated>) -> Option<Date> {
    dated.map(|dated| dated.date)
}

/// The date of birth from the ghost portrait, where the standard repeats it with a year of two digits.
fn short_birth(page: &Page, everywhere: &[Vec<Found>], dates: &Dates, years: i32) -> Option<Dated> {
    let later = date_in(dates.issue.as_ref()).or(date_in(dates.expiry.as_ref()))?;
    let mut births = page
        .pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| piece.tag.is_none())
        .filter_map(|(index, piece)| {
            let [found] = everywhere[index].as_slice() else {
                return None;
            };
            let alone = found.start == 0 && found.end == piece.text.chars().count();
            let date = dates::with_century(found.date, true)?;
            let old_enough = years_later(date, years)? <= later;
            (found.short() && alone && old_enough).then(|| Dated {
                piece: index,
                found: found.clone(),
                date,
                sure: 0.7 * found.sure,
            })
        });
    match (births.next(), births.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visual::testing::line;
    use jiff::civil::date;

    fn three(lines: &[crate::Line]) -> [Option<Date>; 3] {
        let dates = read(&Page::new(lines, 400.0), Order::MonthFirst);
        [
            date_in(dates.birth.as_ref()),
            date_in(dates.issue.as_ref()),
            date_in(dates.expiry.as_ref()),
        ]
    }

    #[test]
    fn misread_labels_and_the_order_of_the_dates() {
        let wanted = [
            Some(date(1971, 3, 4)),
            Some(date(2020, 5, 6)),
            Some(date(2028, 3, 4)),
        ];
        let misread = [
            line("300B03/04/1971", 0.0, 0.0),
            line("SS 05/06/2020", 0.0, 30.0),
            line("bEXF03/04/2028", 0.0, 60.0),
        ];
        assert_eq!(three(&misread), wanted);
        let bare = [
            line("03/04/2028", 0.0, 0.0),
            line("05/06/2020", 300.0, 0.0),
            line("03/04/1971", 0.0, 60.0),
        ];
        assert_eq!(three(&bare), wanted);
    }

    #[test]
    fn what_another_label_says_is_left_alone() {
        let lines = [
            line("DOB 03/04/1999", 0.0, 0.0),
            line("EXP 03/04/2028", 0.0, 30.0),
            line("REV 01/21/2011", 0.0, 60.0),
            line("UNDER 21 UNTIL 03/04/2020", 0.0, 90.0),
        ];
        assert_eq!(
            three(&lines),
            [Some(date(1999, 3, 4)), None, Some(date(2028, 3, 4))]
        );
    }

    #[test]
    fn a_birth_of_two_digits_counts_only_alone() {
        let lines = [
            line("ISS 05/06/2020", 0.0, 0.0),
            line("EXP 03/04/2028", 0.0, 30.0),
            line("03/04/71", 0.0, 60.0),
        ];
        assert_eq!(three(&lines)[0], Some(date(1971, 3, 4)));
    }
}
