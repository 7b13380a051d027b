//! Dates in a printed text, in the notations of cards and passports. It never completes a date that is not all there,
//! except a year of two digits, which the caller has to place.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::text::plain_text;

/// Which number comes first where both readings are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    MonthFirst,
    DayFirst,
}

/// A date that stands in a text, with the characters it takes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    /// With the year as printed; of two digits: 0 to 99.
    pub(super) date: Date,
    /// 1 when every character was as expected.
    pub(super) sure: f32,
}

impl Found {
    /// Whether the year has only two digits.
    pub(super) fn short(&self) -> bool {
        self.date.year() < 100
    }
}

/// Three groups (numbers or the name of a month), how sure, and whether the year comes first.
struct Pattern {
    expression: Regex,
    sure: f32,
}

fn pattern(expression: &str, sure: f32) -> Option<Pattern> {
    Regex::new(expression)
        .ok()
        .map(|expression| Pattern { expression, sure })
}

/// Tried in this order; what one finds is no longer there for the next.
static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let month = "[A-Z]{3,9}[.]?(?: ?/ ?[A-Z]{3,9}[.]?)?";
    let list = [
        pattern(
            "([0-9]{1,2}) ?[-/.] ?([0-9]{1,2}) ?[-/.] ?((?:19|20)[0-9]{2})",
            1.0,
        ),
        pattern("((?:19|20)[0-9]{2}) ?[-/.] ?([0-9]{2}) ?[-/.] ?([0-9]{2})", 1.0),
        pattern(
            "((?:19|20)[0-9]{2}) ?[-/. ]? ?([A-Z]{3,9})[.]? ?[-/. ]? ?([0-9]{2})",
            0.98,
        ),
        pattern(
            &format!("([0-9]{{1,2}}) ?[-/.]? ?({month}) ?[-/.]? ?((?:19|20)[0-9]{{2}})"),
            1.0,
        ),
        pattern("([A-Z]{3,9})[.]? ?([0-9]{1,2}),? ?((?:19|20)[0-9]{2})", 0.98),
        pattern("([0-9]{2}) ([0-9]{2}) ((?:19|20)[0-9]{2})", 0.95),
        // One separator lost, or read as a digit.
        pattern("([0-9]{2})[-/.1I|7]([0-9]{2})[-/.]((?:19|20)[0-9]{2})", 0.85),
        pattern("([0-9]{2})[-/.]([0-9]{2})[1I|7]((?:19|20)[0-9]{2})", 0.85),
        pattern("([0-9]{2})[-/. ]?([0-9]{2})[-/.]((?:19|20)[0-9]{2})", 0.85),
        pattern("([0-9]{2})[-/.]([0-9]{2})[-/. ]?((?:19|20)[0-9]{2})", 0.85),
        // Years of two digits.
        pattern(
            &format!("([0-9]{{1,2}}) ?[-/.]? ?({month}) ?[-/.]? ?([0-9]{{2}})"),
            0.95,
        ),
        pattern("([0-9]{2})[-/.]([0-9]{2})[-/.]([0-9]{2})", 0.9),
    ];
    list.into_iter().flatten().collect()
});

/// The dates of a text from left to right.
pub(super) fn find(text: &str, order: Order) -> Vec<Found> {
    let plain = plain_text(text);
    let strict = find_plain(&plain, order);
    if strict.iter().any(|found| !found.short()) {
        return strict;
    }
    // Letters that stand for digits (`O1/12/1967`) are worth a second look where there are digits around them.
    let folded = digits_for_letters(&plain);
    let again = if folded == plain {
        Vec::new()
    } else {
        find_plain(&folded, order)
    };
    if again.iter().any(|found| !found.short()) {
        again
            .into_iter()
            .map(|found| Found {
                sure: found.sure * 0.9,
                ..found
            })
            .collect()
    } else {
        strict
    }
}

fn find_plain(plain: &str, order: Order) -> Vec<Found> {
    let mut text = plain.to_owned();
    let mut found = Vec::new();
    for pattern in PATTERNS.iter() {
        let mut from = 0;
        while let Some(groups) = pattern.expression.captures_at(&text, from) {
            let Some(whole) = groups.get(0) else { break };
            let (start, end) = (whole.start(), whole.end());
            let parts = [1, 2, 3].map(|index| groups.get(index).map_or("", |group| group.as_str()));
            // A year of two digits that goes on is no year.
            let goes_on = parts[2].len() == 2 && text[end..].starts_with(|next: char| next.is_ascii_digit());
            match date_of(parts, order).filter(|_| !goes_on) {
                Some(date) => {
                    let chars = |bytes: usize| text[..bytes].chars().count();
                    found.push(Found {
                        start: chars(start),
                        end: chars(end),
                        date,
                        sure: pattern.sure,
                    });
                    text.replace_range(start..end, &"_".repeat(whole_chars(&plain[start..end])));
                    from = start;
                }
                None => from = next_char(&text, start),
            }
        }
    }
    found.sort_by_key(|found| found.start);
    found
}

/// What is found is ASCII, so that it can be blanked byte by byte.
fn whole_chars(text: &str) -> usize {
    text.len()
}

fn next_char(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(1, char::len_utf8)
}

fn digits_for_letters(plain: &str) -> String {
    let chars: Vec<char> = plain.chars().collect();
    let near = |index: usize| {
        let (from, to) = (index.saturating_sub(1), (index + 2).min(chars.len()));
        chars[from..to]
            .iter()
            .any(|other| other.is_ascii_digit() || matches!(other, '/' | '-'))
    };
    let fold = |(index, character): (usize, &char)| match character {
        'O' | 'Q' | 'D' if near(index) => '0',
        'I' | 'L' | '|' if near(index) => '1',
        'S' if near(index) => '5',
        'B' if near(index) => '8',
        other => *other,
    };
    chars.iter().enumerate().map(fold).collect()
}

/// The date that three groups mean; `None` when there is no such day.
fn date_of(parts: [&str; 3], order: Order) -> Option<Date> {
    let number = |text: &str| text.parse::<i16>().ok();
    let day_of = |year: i16, month: i16, day: i16| {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    let [first, second, third] = parts;
    if first.len() == 4 && first.starts_with(|character: char| character.is_ascii_digit()) {
        let month = month_number(second).or_else(|| number(second))?;
        return day_of(number(first)?, month, number(third)?);
    }
    let year = number(third)?;
    if let Some(month) = month_number(first) {
        return day_of(year, month, number(second)?);
    }
    if second.starts_with(char::is_alphabetic) {
        let month = second
            .split('/')
            .find_map(|name| month_number(name.trim_matches([' ', '.'])))?;
        return day_of(year, month, number(first)?);
    }
    let (first, second) = (number(first)?, number(second)?);
    let (month, day) = if order == Order::MonthFirst {
        (first, second)
    } else {
        (second, first)
    };
    day_of(year, month, day).or_else(|| day_of(year, day, month))
}

/// Beginnings of the names of the months in the languages of the documents that were looked at; English first.
const MONTHS: [&[&str]; 12] = [
    &["JAN", "STY", "LED", "SIJ", "ENE", "GEN", "IAN"],
    &["FEB", "FEV", "LUT", "UNO", "VELJ", "HEL", "FEV"],
    &["MAR", "MRT", "MAA", "BRE", "OZU", "MRZ", "MARZ"],
    &["APR", "AVR", "KWI", "DUB", "TRA", "ABR", "HUH"],
    &["MAY", "MAI", "MAJ", "KVE", "MEI", "MAG", "TOU"],
    &["JUN", "JUI", "CZE", "CER", "LIP N", "GIU", "IUN"],
    &["JUL", "LIP", "SRP", "LUG", "IUL", "HEI"],
    &["AUG", "AOU", "SIE", "AGO", "ELO", "KOL"],
    &["SEP", "WRZ", "ZAR", "RUJ", "SET", "SYY"],
    &["OCT", "OKT", "PAZ", "RIJ", "LIS", "OTT", "OUT", "LOK"],
    &["NOV", "LISTOPAD", "STU", "NOE", "MARRAS"],
    &["DEC", "DEZ", "GRU", "PRO", "DIC", "JOU"],
];

/// The number of a month from its name or abbreviation. `JUIL` is July and `JUIN` June; the others differ in three
/// letters.
fn month_number(name: &str) -> Option<i16> {
    if !name.starts_with(char::is_alphabetic) {
        return None;
    }
    if name.starts_with("JUIL") || name.starts_with("JUL") {
        return Some(7);
    }
    if name.starts_with("LISTOPAD") {
        return Some(11);
    }
    let index = MONTHS
        .iter()
        .position(|names| names.iter().any(|known| name.starts_with(known)))?;
    i16::try_from(index + 1).ok()
}

/// The full date of one whose year may have two digits, at or before `latest`'s year if `past`, else after 2000.
pub(super) fn with_century(date: Date, past: bool) -> Option<Date> {
    if date.year() >= 100 {
        return Some(date);
    }
    // A holder of a card whose year of birth is printed as 25 or less could be of either century; nobody under ten
    // drives, so only the years that are surely past are placed in 1900.
    let year = date.year() + if past && date.year() > 15 { 1900 } else { 2000 };
    Date::new(year, date.month(), date.day()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn only(text: &str, order: Order) -> Option<Date> {
        let found = find(text, order);
        assert!(found.len() <= 1, "{text}: {found:?}");
        found.first().map(|found| found.date)
    }

    #[test]
    fn notations_of_cards() {
        for text in [
            "03/04/1971",
            "03-04-1971",
            "DOB03/04/1971SEX",
            "3 D0803/04/1971",
            "Mar 4, 1971",
            "1971-03-04",
        ] {
            assert_eq!(only(text, Order::MonthFirst), Some(date(1971, 3, 4)), "{text}");
        }
        for text in [
            "04.03.1971",
            "04 MAR 1971",
            "04MAR1971",
            "04 MAR/MARS 1971",
            "4 MRZ 1971",
            "0403.1971",
        ] {
            assert_eq!(only(text, Order::DayFirst), Some(date(1971, 3, 4)), "{text}");
        }
        assert_eq!(
            only("13/04/1971", Order::MonthFirst),
            Some(date(1971, 4, 13)),
            "there is no month 13"
        );
        assert_eq!(only("12 AUGUST/AOUT 74", Order::DayFirst), Some(date(74, 8, 12)));
        assert_eq!(only("04 JUIL/JUL 08", Order::DayFirst), Some(date(8, 7, 4)));
    }

    #[test]
    fn damage_is_mended_only_where_it_is_clear() {
        assert_eq!(only("02/0171977", Order::MonthFirst), Some(date(1977, 2, 1)));
        assert_eq!(only("O2/O1/1977", Order::MonthFirst), Some(date(1977, 2, 1)));
        assert_eq!(only("13/32/1977", Order::MonthFirst), None);
        assert_eq!(only("10/13/192", Order::MonthFirst), None);
        assert_eq!(only("1234567890", Order::MonthFirst), None);
    }

    #[test]
    fn several_in_one_line() {
        let found = find("01/12/202401/12/1967", Order::MonthFirst);
        let dates: Vec<Date> = found.iter().map(|found| found.date).collect();
        assert_eq!(dates, [date(2024, 1, 12), date(1967, 1, 12)]);
        assert_eq!((found[0].start, found[0].end, found[1].end), (0, 10, 20));
    }
}
