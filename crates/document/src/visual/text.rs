//! Texts as readers of pixels return them, made comparable. Nothing here changes what is reported as printed; it only
//! says what two texts have in common.

/// One character made comparable: capital, without accent, ASCII where there is a twin.
pub(super) fn plain(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => {
            let ascii = u32::from(character) - 0xfee0;
            char::from_u32(ascii).map_or(character, |twin| twin.to_ascii_uppercase())
        }
        '\u{3000}' | '\u{a0}' | '\u{2009}' => ' ',
        '\u{2018}' | '\u{2019}' | '\u{2032}' | '\u{b4}' | '`' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{2033}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{b7}' | '\u{2022}' => '.',
        '\u{c0}'..='\u{c5}' | '\u{e0}'..='\u{e5}' | '\u{104}' | '\u{105}' | '\u{102}' | '\u{103}' => 'A',
        '\u{c7}' | '\u{e7}' | '\u{106}' | '\u{107}' | '\u{10c}' | '\u{10d}' => 'C',
        '\u{c8}'..='\u{cb}' | '\u{e8}'..='\u{eb}' | '\u{118}' | '\u{119}' => 'E',
        '\u{cc}'..='\u{cf}' | '\u{ec}'..='\u{ef}' => 'I',
        '\u{d1}' | '\u{f1}' | '\u{143}' | '\u{144}' => 'N',
        '\u{d2}'..='\u{d6}' | '\u{d8}' | '\u{f2}'..='\u{f6}' | '\u{f8}' => 'O',
        '\u{d9}'..='\u{dc}' | '\u{f9}'..='\u{fc}' => 'U',
        '\u{15a}' | '\u{15b}' | '\u{160}' | '\u{161}' | '\u{218}' | '\u{219}' => 'S',
        '\u{141}' | '\u{142}' => 'L',
        '\u{17b}'..='\u{17e}' | '\u{179}' | '\u{17a}' => 'Z',
        _ => {
            let mut capitals = character.to_uppercase();
            match (capitals.next(), capitals.next()) {
                (Some(capital), None) => capital,
                _ => character,
            }
        }
    }
}

/// The whole text made comparable, character by character: it keeps its count.
pub(super) fn plain_text(text: &str) -> String {
    text.chars().map(plain).collect()
}

/// Only letters and digits, capital: how labels are compared, because readers lose and invent spaces.
pub(super) fn compact(text: &str) -> String {
    text.chars()
        .map(plain)
        .filter(|character| character.is_alphanumeric())
        .collect()
}

/// A character that readers mistake for others, as their representative.
pub(super) fn look(character: char) -> char {
    match character {
        '0' | 'O' | 'Q' | 'D' => 'O',
        '1' | 'I' | 'L' | '|' | '!' => 'I',
        '5' | 'S' => 'S',
        '8' | 'B' => 'B',
        '2' | 'Z' => 'Z',
        other => other,
    }
}

/// Edit distance (insert, delete, replace) between two short texts; look-alikes cost nothing.
pub(super) fn distance(one: &str, other: &str) -> usize {
    let looks = |text: &str| text.chars().map(look).collect::<String>();
    plain_distance(&looks(one), &looks(other))
}

/// Edit distance between two short texts.
pub(super) fn plain_distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, left) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, right) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

/// The smallest edit distance between `pattern` and any part of `text`; look-alikes cost nothing.
pub(super) fn distance_within(text: &str, pattern: &str) -> usize {
    let pattern: Vec<char> = pattern.chars().map(look).collect();
    let mut row: Vec<usize> = (0..=pattern.len()).collect();
    let mut best = row[pattern.len()];
    for left in text.chars().map(look) {
        let mut diagonal = row[0];
        row[0] = 0;
        for (column, right) in pattern.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
        best = best.min(row[pattern.len()]);
    }
    best
}

/// The text with single spaces, and without spaces or punctuation that separate at its ends.
pub(super) fn tidy(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    // Corner brackets are what readers make of stray strokes.
    let apart = |character: char| {
        matches!(character, ' ' | ',' | ':' | ';' | '-' | '/' | '|' | '_')
            || matches!(
                character,
                '\u{b7}' | '\u{ff1a}' | '\u{ff0c}' | '\u{3001}'..='\u{3011}'
            )
    };
    words
        .join(" ")
        .trim_end_matches(apart)
        .trim_start_matches(apart)
        .trim_start_matches(['.', ' '])
        .to_owned()
}

/// The text with a 0, 1, 5 or 8 inside a word of letters as the letter that it looks like: `EL D0RAD0` is no number.
/// Words with more digits than letters, and with other digits, stay (`24TH`, `12B`).
pub(super) fn letters_for_digits(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    for word in text.split_inclusive(|character: char| !character.is_alphanumeric()) {
        let (letters, digits) = (letters(word), digits(word));
        let twin = |character: char| match character {
            '0' => Some('O'),
            '1' => Some('I'),
            '5' => Some('S'),
            '8' => Some('B'),
            _ => None,
        };
        let all = word
            .chars()
            .filter(char::is_ascii_digit)
            .all(|digit| twin(digit).is_some());
        if digits > 0 && letters >= 2 && digits < letters && all {
            mended.extend(word.chars().map(|character| twin(character).unwrap_or(character)));
        } else {
            mended.push_str(word);
        }
    }
    mended
}

/// Letters of a text, counted.
pub(super) fn letters(text: &str) -> usize {
    text.chars().filter(|character| character.is_alphabetic()).count()
}

/// Digits of a text, counted.
pub(super) fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_cost_nothing_and_other_letters_do() {
        assert_eq!(distance("D0B", "DOB"), 0);
        assert_eq!(distance("3008", "3DOB"), 0);
        assert_eq!(distance("HGT", "WGT"), 1);
        assert_eq!(distance("", "ABC"), 3);
        assert_eq!(distance_within("ORVERSLIOENSE", "DRIVERSLICENSE"), 2);
        assert_eq!(distance_within("XXPASSP0RTXX", "PASSPORT"), 0);
    }

    #[test]
    fn digits_inside_words_are_letters() {
        assert_eq!(
            letters_for_digits("EL D0RAD0, 0KAFOR-1RONS"),
            "EL DORADO, OKAFOR-IRONS"
        );
        assert_eq!(letters_for_digits("24TH 12B 100 A1"), "24TH 12B 100 A1");
    }

    #[test]
    fn plain_text_keeps_the_count_of_characters() {
        let text = "Pr\u{e9}noms \u{ff1a}\u{ff11} Stra\u{df}e 5\u{2032}";
        assert_eq!(plain_text(text), "PRENOMS :1 STRA\u{df}E 5'");
        assert_eq!(plain_text(text).chars().count(), text.chars().count());
    }
}
