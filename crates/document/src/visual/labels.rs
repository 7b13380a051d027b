//! The labels of US and Canadian cards: the words of the AAMVA card design standard and their abbreviations, and the
//! numbers of its data elements. It says where a label stands in a line and never what the value is.

use super::text::{look, plain};

/// What a label announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tag {
    FamilyName,
    GivenNames,
    FullName,
    Birth,
    Issue,
    Expiry,
    Number,
    Discriminator,
    Address,
    Class,
    Endorsements,
    Restrictions,
    Sex,
    Height,
    Weight,
    Eyes,
    Hair,
    County,
    Veteran,
    BirthPlace,
    Nationality,
    Personal,
    /// The heading of the card; it ends with itself.
    Title,
    /// Something that no field takes, which ends the value before it.
    Other,
}

impl Tag {
    /// The number of the data element, as the card may print it before the label or instead of it.
    pub(super) fn mark(self) -> Option<&'static str> {
        Some(match self {
            Tag::FamilyName => "1",
            Tag::GivenNames => "2",
            Tag::Birth => "3",
            Tag::Issue => "4A",
            Tag::Expiry => "4B",
            Tag::Number => "4D",
            Tag::Discriminator => "5",
            Tag::Address => "8",
            Tag::Class => "9",
            Tag::Endorsements => "9A",
            Tag::Restrictions => "12",
            Tag::Sex => "15",
            Tag::Height => "16",
            Tag::Weight => "17",
            Tag::Eyes => "18",
            Tag::Hair => "19",
            _ => return None,
        })
    }
}

/// Words, without spaces, by what they announce. Of several that match the longest counts.
const WORDS: &[(Tag, &[&str])] = &[
    (
        Tag::FamilyName,
        &["FAMILYNAME", "LASTNAME", "SURNAME", "LN", "LAST"],
    ),
    (
        Tag::GivenNames,
        &[
            "GIVENNAMES",
            "GIVENNAME",
            "FIRSTNAMES",
            "FIRSTNAME",
            "FIRSTMIDDLE",
            "FN",
            "FIRST",
        ],
    ),
    (Tag::FullName, &["NAME", "FULLNAME"]),
    (
        Tag::Birth,
        &[
            "DOB",
            "DATEOFBIRTH",
            "BIRTHDATE",
            "DATEBIRTH",
            "BIRTH",
            "BORN",
            "BIRTHDAY",
            "DTOFBIRTH",
            "DATENAISSANCE",
        ],
    ),
    (
        Tag::Issue,
        &[
            "ISS",
            "ISSUED",
            "ISSUE",
            "ISSUEDATE",
            "DATEOFISSUE",
            "DATEISSUED",
            "ISSUEDON",
            "ISSDATE",
        ],
    ),
    (
        Tag::Expiry,
        &[
            "EXP",
            "EXPIRES",
            "EXPIRATION",
            "EXPIRATIONDATE",
            "EXPIRY",
            "EXPIRYDATE",
            "EXPDATE",
            "DATEOFEXPIRY",
            "DATEOFEXP",
            "DATEOFEXPIRATION",
            "EXPIRESON",
            "EXPIRE",
            "VALIDUNTIL",
        ],
    ),
    (
        Tag::Number,
        &[
            "DL",
            "ID",
            "DLN",
            "DL#",
            "DLNO",
            "DLNUMBER",
            "DLIDNO",
            "LIC",
            "LIC#",
            "LICNO",
            "LICENSENO",
            "LICENSENUMBER",
            "LICENSE#",
            "LICENCENO",
            "LICENCENUMBER",
            "LICENSEIDNO",
            "LICIDNO",
            "DRIVERLICENSENO",
            "DRIVERLICENSENUMBER",
            "DRIVERSLICENSENO",
            "DRIVERSLICENSENUMBER",
            "IDNO",
            "ID#",
            "IDN",
            "IDNUMBER",
            "IDENTIFICATIONNO",
            "IDENTIFICATIONNUMBER",
            "CREDENTIALIDENTIFIER",
            "CREDENTIALNO",
            "CREDENTIALNUMBER",
            "CUSTOMERIDENTIFIER",
            "CUSTOMERIDNO",
            "CARDNO",
            "CARDNUMBER",
            "OLN",
            "NUMBER",
            "OPERATORNO",
        ],
    ),
    (
        Tag::Discriminator,
        &["DD", "DOCUMENTDISCRIMINATOR", "DDNUMBER", "DD#"],
    ),
    (Tag::Address, &["ADDRESS", "ADDR", "ADD"]),
    (
        Tag::Class,
        &[
            "CLASS",
            "CLASSIFICATION",
            "CLASSIFICATIONS",
            "LICTYPE",
            "LICENSECLASS",
            "CL",
        ],
    ),
    (
        Tag::Endorsements,
        &[
            "END",
            "ENDS",
            "ENDOR",
            "ENDORSE",
            "ENDORS",
            "ENDORSEMENT",
            "ENDORSEMENTS",
            "EN",
        ],
    ),
    (
        Tag::Restrictions,
        &[
            "REST",
            "RESTR",
            "RES",
            "RESTRICTION",
            "RESTRICTIONS",
            "RSTR",
            "RE",
        ],
    ),
    (Tag::Sex, &["SEX", "GENDER", "SEXSEXE"]),
    (Tag::Height, &["HGT", "HT", "HEIGHT", "HGTHAUT"]),
    (Tag::Weight, &["WGT", "WT", "WEIGHT"]),
    (Tag::Eyes, &["EYES", "EYE", "EYECOLOR"]),
    (Tag::Hair, &["HAIR", "HAIRCOLOR"]),
    (Tag::County, &["COUNTY"]),
    (Tag::Veteran, &["VETERAN"]),
    (
        Tag::Title,
        &[
            "DRIVERLICENSE",
            "DRIVERSLICENSE",
            "OPERATORLICENSE",
            "OPERATORSLICENSE",
            "DRIVERLICENCE",
            "DRIVERSLICENCE",
            "IDENTIFICATIONCARD",
            "COMMERCIALDRIVERLICENSE",
            "COMMERCIALDRIVERSLICENSE",
        ],
    ),
    (
        Tag::Other,
        &[
            "DONOR",
            "ORGANDONOR",
            "REV",
            "REVDATE",
            "REVISED",
            "REPLACED",
            "DUPS",
            "DUPLICATE",
            "TYPE",
            "AUDIT",
            "AUDITOFFICE",
            "PARISH",
            "UNDER21UNTIL",
            "UNDER18UNTIL",
            "UNDER19UNTIL",
            "AGE21ON",
            "BLOODTYPE",
            "MEDICALCONDITION",
            "HAZMATEXP",
            "ICN",
            "RACE",
            "COMMISSIONER",
            "GOVERNOR",
            "SECRETARYOFSTATE",
        ],
    ),
];

/// A label that stands in a line: from which character to before which one, its mark included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) tag: Tag,
    pub(super) end: usize,
    /// Letters of its word: long ones are surer.
    pub(super) letters: usize,
    /// Whether the number of the element stands before the word.
    pub(super) marked: bool,
    /// Whether the word was misread.
    pub(super) near: bool,
}

/// The label words that begin at the character `start` of a plain text: those that are there letter by letter before
/// those that nearly are, and the longest first.
pub(super) fn words_at(text: &[char], start: usize) -> Vec<Label> {
    let mut found: Vec<Label> = Vec::new();
    for (tag, words) in WORDS {
        for word in *words {
            let label = |end: usize, near: bool| Label {
                tag: *tag,
                end,
                letters: word.len(),
                marked: false,
                near,
            };
            if let Some(end) = exact(text, start, word) {
                found.push(label(end, false));
            } else if let Some(end) = near(text, start, word) {
                found.push(label(end, true));
            }
        }
    }
    found.sort_by_key(|label| (label.near, usize::MAX - label.letters));
    found
}

/// Characters that may stand between two letters of a label (`D.O.B.`, `LIC / ID NO`, `DRIVER'S`).
fn skipped(character: char) -> bool {
    matches!(character, ' ' | '.' | '\'' | '/')
}

/// Where a word ends that begins at `start`: letter by letter, with a look-alike for every third one.
fn exact(text: &[char], start: usize, word: &str) -> Option<usize> {
    let mut allowed = word.len() / 3;
    let mut index = start;
    for (count, wanted) in word.chars().enumerate() {
        while count > 0 && index < text.len() && skipped(text[index]) {
            index += 1;
        }
        let seen = *text.get(index)?;
        if seen != wanted {
            if allowed == 0 || look(seen) != look(wanted) {
                return None;
            }
            allowed -= 1;
        }
        index += 1;
    }
    Some(index)
}

/// Where a longer word ends that begins at `start` with one character in seven wrong, missing or too many, and at least
/// one.
fn near(text: &[char], start: usize, word: &str) -> Option<usize> {
    if word.len() < 5 || look(*text.get(start)?) != look(word.chars().next()?) {
        return None;
    }
    let letters: Vec<(usize, char)> = text[start..]
        .iter()
        .enumerate()
        .filter(|(_, character)| !skipped(**character))
        .take(word.len() + 1)
        .map(|(offset, character)| (start + offset, *character))
        .collect();
    // In short words a look-alike is a difference like any other: CARON is no misread CARDNO.
    let apart = |seen: &str| match word.len() {
        ..7 => super::text::plain_distance(seen, word),
        _ => super::text::distance(seen, word),
    };
    let shortest = word.len().saturating_sub(1);
    (shortest..=word.len() + 1)
        .filter(|length| *length <= letters.len() && *length > 0)
        .filter_map(|length| {
            let seen: String = letters[..length]
                .iter()
                .map(|(_, character)| *character)
                .collect();
            let distance = apart(&seen);
            let fits = distance <= (word.len() / 7).max(1);
            fits.then_some((distance, length.abs_diff(word.len()), letters[length - 1].0 + 1))
        })
        .min_by_key(|(distance, longer, _)| (*distance, *longer))
        .map(|(_, _, end)| end)
}

/// How many characters from `start` on are the number of the element `tag` as readers return it, separators included.
///
/// With the word after it in view the number itself may be misread: any two characters that look like one count.
pub(super) fn mark_before(text: &[char], start: usize, word: usize, tag: Tag) -> bool {
    let prefix: String = text[start..word]
        .iter()
        .filter(|character| !skipped(**character))
        .collect();
    let Some(mark) = tag.mark() else { return false };
    // Names and addresses follow these without a word: `2 CLASSIE` is no class.
    if matches!(prefix.as_str(), "1" | "2" | "8") && prefix != mark {
        return false;
    }
    let short = (1..=3).contains(&prefix.chars().count());
    let numeric = prefix.chars().any(|character| character.is_ascii_digit());
    let plausible = prefix.chars().all(|character| {
        character.is_ascii_digit() || matches!(character, 'A' | 'B' | 'D' | 'I' | 'L' | 'O' | 'S' | '|' | ':')
    });
    let digit_like = matches!(
        prefix.as_bytes(),
        [b'O' | b'I' | b'L' | b'S' | b'B' | b'Q' | b'G', b'A' | b'B' | b'D']
    );
    let alike = prefix.chars().map(look).eq(mark.chars().map(look));
    alike || digit_like || short && plausible && (numeric || mark.ends_with(&prefix))
}

/// The number of an element at the start of a line, without a word: `4d. Y999`, `1SAMPLE`, a lone `2`. Says where its
/// value begins.
pub(super) fn bare_mark(text: &[char]) -> Option<(Tag, usize)> {
    let marks: [(&str, Tag); 10] = [
        // Both names in one line: `12 DOE, ANN`.
        ("12", Tag::FullName),
        ("4D", Tag::Number),
        ("4A", Tag::Issue),
        ("4B", Tag::Expiry),
        ("9A", Tag::Endorsements),
        ("1", Tag::FamilyName),
        ("2", Tag::GivenNames),
        ("3", Tag::Birth),
        ("5", Tag::Discriminator),
        ("8", Tag::Address),
    ];
    let begins = |mark: &str| {
        text.len() >= mark.len()
            && mark
                .chars()
                .zip(text)
                .all(|(wanted, seen)| wanted == plain(*seen))
    };
    marks
        .into_iter()
        .filter(|(mark, _)| begins(mark))
        .find_map(|(mark, tag)| value_after(text, mark, tag))
}

/// Whether a text begins with a digit that stands for a letter of a word.
fn begins_name(text: &[char]) -> bool {
    let letters = text
        .iter()
        .skip(1)
        .take_while(|letter| letter.is_alphabetic())
        .count();
    matches!(text.first(), Some('0' | '1' | '5' | '8')) && letters >= 3 && letters + 1 == text.len()
}

/// Where the value begins after the number of an element, if what is there can be its value.
fn value_after(text: &[char], mark: &str, tag: Tag) -> Option<(Tag, usize)> {
    let mut value = mark.len();
    while value < text.len() && matches!(text[value], ' ' | '.' | ':' | ')' | ',') {
        value += 1;
    }
    let apart = value > mark.len() || value == text.len();
    let next = text.get(value).copied().unwrap_or(' ');
    let fits = match tag {
        // The number may stand right before a letter that was read as a digit: `10KAFOR`.
        Tag::FamilyName | Tag::GivenNames => {
            next == ' ' || next.is_alphabetic() || begins_name(&text[value..])
        }
        Tag::FullName => next.is_alphabetic() && text.contains(&','),
        Tag::Number => next == ' ' || next.is_alphanumeric(),
        // `8 MAIN ST` may be house number 8, and `8123 MAIN ST` house number 8123: only what is around can tell.
        Tag::Address | Tag::Birth | Tag::Issue | Tag::Expiry => {
            apart && (next == ' ' || next.is_ascii_digit())
        }
        // A lone 5 may begin a height.
        Tag::Discriminator => {
            apart
                && text[value..]
                    .iter()
                    .filter(|character| character.is_ascii_digit())
                    .count()
                    >= 6
        }
        _ => apart,
    };
    fits.then_some((tag, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, start: usize) -> Option<(Tag, usize)> {
        let text: Vec<char> = text.chars().map(plain).collect();
        words_at(&text, start).first().map(|label| (label.tag, label.end))
    }

    #[test]
    fn the_longest_word_counts() {
        assert_eq!(at("ISSUE DATE 01", 0), Some((Tag::Issue, 10)));
        assert_eq!(at("Driver's License No. X", 0), Some((Tag::Number, 19)));
        assert_eq!(at("Driver's License", 0), Some((Tag::Title, 16)));
        assert_eq!(at("RESTRICTIONS", 0), Some((Tag::Restrictions, 12)));
        assert_eq!(at("BOULEVARD", 0), None);
    }

    #[test]
    fn misread_words_are_known() {
        assert_eq!(at("D0B01", 0), Some((Tag::Birth, 3)));
        assert_eq!(at("EXPIRA TION DATE", 0), Some((Tag::Expiry, 16)));
        assert_eq!(at("01/02", 0), None, "digits alone are no word");
    }

    #[test]
    fn marks_without_words() {
        let mark = |text: &str| bare_mark(&text.chars().map(plain).collect::<Vec<_>>());
        assert_eq!(mark("1SAMPLE"), Some((Tag::FamilyName, 1)));
        assert_eq!(mark("2. ANN"), Some((Tag::GivenNames, 3)));
        assert_eq!(mark("4d. Y123"), Some((Tag::Number, 4)));
        assert_eq!(mark("12 ELM STREET"), None);
        assert_eq!(mark("3"), Some((Tag::Birth, 1)));
        assert_eq!(mark("1977"), None);
    }
}
