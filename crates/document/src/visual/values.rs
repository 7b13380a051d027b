//! What the value of a field looks like on a US or Canadian card: told from the shape alone, and taken out of the text
//! around it. A text without that shape has no value.

use std::sync::LazyLock;

use regex::Regex;

use super::dates;
use super::labels::{self, Tag};
use super::text::{digits, letters, plain_text, tidy};

fn expression(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

static HEIGHT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    expression(
        "(?:^|[^0-9])([3-8] ?(?:['.]|FT[.]?|-) ?-? ?(?:1[01]|0?[0-9])(?: ?(?:\"|''|IN[.]?))?\
         |[3-8]'|[3-8] (?:0[0-9]|1[01])|[4-8][0-9] ?(?:IN[.]?|\")|[12][0-9]{2} ?CM|[12][.,][0-9]{2} ?M|[3-8](?:0[0-9]|1[01]))(?:[^0-9]|$)",
    )
});
static WEIGHT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    expression("(?:^|[^0-9'-])([1-9][0-9]{1,2})(?: ?(LBS?|IBS?|1BS?|BS?|KG|#)[.]?)?(?:[^0-9A-Z'\"]|$)")
});
static SEX: LazyLock<Option<Regex>> =
    LazyLock::new(|| expression("(?:^|[^A-Z])(MALE|FEMALE|[MFX])(?:[^A-Z]|$)"));
static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| expression("[A-Z0-9*]+(?:(?: ?- ?| )[A-Z0-9*]+)*"));

/// Colours of eyes and hair: the codes of the AAMVA standard, and words and shorter codes that states print.
const COLOURS: [&str; 41] = [
    "BLK", "BLU", "BRO", "BRN", "BR", "GRY", "GRN", "GN", "HAZ", "HZL", "MAR", "PNK", "DIC", "DICH", "UNK",
    "MUL", "BAL", "BLN", "BLD", "BLO", "RED", "SDY", "WHI", "GRA", "GRE", "BLACK", "BLUE", "BROWN", "GRAY",
    "GREY", "GREEN", "HAZEL", "MAROON", "PINK", "BLOND", "BLONDE", "AUBURN", "SANDY", "WHITE", "BALD", "AUB",
];

/// The characters of the original text that a match in its plain twin covers.
fn original(text: &str, plain: &str, from: usize, to: usize) -> String {
    let (start, end) = (plain[..from].chars().count(), plain[..to].chars().count());
    text.chars().skip(start).take(end - start).collect()
}

fn first_group(pattern: Option<&Regex>, text: &str) -> Option<String> {
    let plain = plain_text(text);
    let group = pattern?.captures(&plain)?.get(1)?;
    Some(tidy(&original(text, &plain, group.start(), group.end())))
}

/// `M`, `F` or `X`.
pub(super) fn sex(text: &str) -> Option<String> {
    first_group(SEX.as_ref(), &plain_text(text)).map(|word| word.chars().take(1).collect())
}

/// A height in feet and inches, inches, metres or centimetres.
pub(super) fn height(text: &str) -> Option<String> {
    first_group(HEIGHT.as_ref(), text)
}

/// A weight, with the unit set right where it was misread (`1b`).
pub(super) fn weight(text: &str) -> Option<String> {
    let plain = plain_text(text);
    // A height in feet and inches is not a weight.
    let without = HEIGHT.as_ref()?.replace_all(&plain, " ");
    let groups = WEIGHT
        .as_ref()?
        .captures(&without)
        .or_else(|| WEIGHT.as_ref()?.captures(&plain))?;
    let number = groups.get(1)?.as_str();
    Some(match groups.get(2).map(|unit| unit.as_str()) {
        None => number.to_owned(),
        Some("KG") => format!("{number} kg"),
        Some(_) => format!("{number} lb"),
    })
}

/// The colours of a text in their order.
pub(super) fn colours(text: &str) -> Vec<String> {
    plain_text(text)
        .split(|character: char| !character.is_alphabetic())
        .filter(|word| COLOURS.contains(word))
        .map(str::to_owned)
        .collect()
}

/// A colour right after its label: one that is known, else the one word of two to five letters that is there.
pub(super) fn colour(text: &str) -> Option<String> {
    let known = colours(text).into_iter().next();
    known.or_else(|| {
        let word = tidy(&plain_text(text));
        let shaped = (2..=5).contains(&word.len()) && word.chars().all(|letter| letter.is_ascii_uppercase());
        (shaped && word != "NONE").then_some(word)
    })
}

/// A class of vehicles: `C`, `CM`, `NONE`, `M1`.
pub(super) fn class(text: &str) -> Option<String> {
    let text = tidy(text);
    let first = text.split([' ', ',', '.']).next().unwrap_or_default().to_owned();
    let plain = plain_text(&first);
    let shaped = plain
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || character == '-');
    (shaped && (1..=4).contains(&plain.len())).then_some(first)
}

/// Codes of endorsements or restrictions, or `NONE`.
pub(super) fn codes(text: &str) -> Option<String> {
    let text = tidy(text);
    let plain = plain_text(&text);
    let shaped = plain
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, ' ' | ',' | '/' | '-' | '&'));
    (shaped && !plain.is_empty() && plain.len() <= 24).then_some(text)
}

/// The number of a licence: at least five letters and digits, a third of them digits and never only letters. Starred
/// characters are part of it.
pub(super) fn number(text: &str) -> Option<String> {
    let plain = plain_text(text);
    let candidates = NUMBER.as_ref()?.find_iter(&plain);
    candidates
        .map(|found| original(text, &plain, found.start(), found.end()))
        .map(|found| drop_words(&found))
        .find(|found| is_number(found))
}

/// Without whole words before and after the number (`IS 1234567`).
fn drop_words(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let digit_words: Vec<bool> = words
        .iter()
        .map(|word| digits(word) > 0 || word.len() == 1)
        .collect();
    let (first, last) = (
        digit_words.iter().position(|is| *is).unwrap_or(0),
        digit_words
            .iter()
            .rposition(|is| *is)
            .unwrap_or(words.len().saturating_sub(1)),
    );
    words[first..=last].join(" ")
}

/// Whether the whole text has the shape of a licence number.
pub(super) fn is_number(text: &str) -> bool {
    let plain = plain_text(text);
    let (digits, letters) = (digits(&plain) + plain.matches('*').count(), letters(&plain));
    let shaped = plain
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || matches!(character, ' ' | '-' | '*'));
    let total = digits + letters;
    shaped && (5..=25).contains(&total) && digits >= 3 && 4 * digits >= total
}

/// Whether a text begins with the number of an element and the word that belongs to it (`16HGT`).
fn numbered_label(text: &[char]) -> bool {
    (1..=3.min(text.len())).any(|word| {
        let number: String = text[..word]
            .iter()
            .filter(|character| **character != ' ')
            .collect();
        labels::words_at(text, word)
            .iter()
            .any(|label| label.tag.mark() == Some(number.as_str()))
    })
}

/// Whether a value that follows its label without a space can be one: the glued `SEXM`, but not the name `SEXTON`.
pub(super) fn follows(tag: Tag, marked: bool, letters: usize, rest: &[char]) -> bool {
    let next = rest.first().copied().unwrap_or(' ');
    let word: String = rest
        .iter()
        .take_while(|character| character.is_ascii_alphanumeric())
        .collect();
    let after = |index: usize| rest.get(index).is_none_or(|character| !character.is_alphabetic());
    let label_after = |index: usize| !labels::words_at(rest, index).is_empty();
    if numbered_label(rest) {
        return true;
    }
    let numbered_after = (1..=3).any(|value| rest.get(value..).is_some_and(numbered_label));
    match tag {
        Tag::Sex => matches!(next, 'M' | 'F' | 'X') && (after(1) || label_after(1)),
        Tag::Eyes | Tag::Hair => COLOURS
            .iter()
            .any(|code| word.starts_with(code) && (marked || after(code.len()) || label_after(code.len()))),
        Tag::Other => next.is_ascii_digit() && letters >= 3,
        Tag::Birth | Tag::Issue | Tag::Expiry | Tag::Height | Tag::Weight => next.is_ascii_digit(),
        Tag::Number => is_number(&word) && (digits(&word) >= 5 || letters >= 3),
        Tag::Discriminator => digits(&word) >= 6,
        Tag::Class | Tag::Endorsements | Tag::Restrictions if numbered_after => true,
        // CLASSEN is a name.
        Tag::Class if marked => word == "NONE" || word.len() <= 3,
        Tag::Class => {
            matches!(
                word.as_str(),
                "NONE" | "A" | "B" | "C" | "D" | "E" | "F" | "M" | "O"
            ) || matches!(word.as_bytes(), [b'A'..=b'E', b'M'])
        }
        Tag::Endorsements | Tag::Restrictions => {
            word.starts_with("NONE") || next.is_ascii_digit() || marked && word.len() <= 3
        }
        Tag::FamilyName | Tag::GivenNames | Tag::Address => letters >= 8 || marked && letters >= 7,
        Tag::Title => true,
        _ => false,
    }
}

/// Whether the text so far is a whole value, so that the next label may follow without a space (`F` in `SEXFHGT`).
pub(super) fn complete(tag: Tag, text: &str) -> bool {
    let text = tidy(text);
    match tag {
        Tag::Sex => matches!(text.as_str(), "M" | "F" | "X"),
        Tag::Height => height(&text).is_some(),
        Tag::Weight => weight(&text).is_some(),
        Tag::Eyes | Tag::Hair => COLOURS.contains(&text.as_str()),
        Tag::Endorsements | Tag::Restrictions | Tag::Class => text == "NONE",
        Tag::Title => text.is_empty(),
        Tag::Birth | Tag::Issue | Tag::Expiry => dates::find(&text, dates::Order::MonthFirst)
            .last()
            .is_some_and(|found| !found.short() && found.end == text.chars().count()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_and_weights() {
        for (text, wanted) in [
            ("5'-06\"", "5'-06\""),
            ("F 5-05 125 lb BLK", "5-05"),
            ("6FT 3IN", "6FT 3IN"),
            ("61 in", "61 in"),
            ("170 cm", "170 cm"),
            ("504", "504"),
        ] {
            assert_eq!(height(text).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(height("180 lb"), None);
        assert_eq!(weight("F 5-05 125 Ib BLK").as_deref(), Some("125 lb"));
        assert_eq!(weight("1501b").as_deref(), Some("150 lb"));
        assert_eq!(weight("72 kg").as_deref(), Some("72 kg"));
    }

    #[test]
    fn numbers_are_told_from_words_and_dates() {
        assert!(is_number("A123-456-789-123"));
        assert!(is_number("P 800 000 224 322"));
        assert!(is_number("WDLABCD456DG"));
        assert!(!is_number("ORGAN DONOR"));
        assert!(!is_number("01/02/1970"));
        assert_eq!(number("No. T16700185").as_deref(), Some("T16700185"));
    }

    #[test]
    fn a_name_that_begins_like_a_label_is_no_value() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert!(!follows(Tag::Sex, false, 3, &chars("TON")));
        assert!(follows(Tag::Sex, true, 3, &chars("M16HGT")));
        assert!(!follows(Tag::Birth, false, 3, &chars("SON")));
        assert!(follows(Tag::Eyes, false, 4, &chars("BLU")));
    }
}
