//! The fields of passports, visas and identity cards in the layout of ICAO Doc 9303 and its relatives: captions in two
//! or three languages, and the value under its caption or right of it. It leaves the machine readable zone to others.

use std::collections::BTreeMap;

use super::american::located_date;
use super::dates::Order;
use super::labels::Tag;
use super::page::{Page, Piece};
use super::text::{compact, digits, distance_within, letters, letters_for_digits, plain_text, tidy};
use super::{Located, names, validity, values};
use crate::{Field, Line};

/// Captions without spaces, by what they announce. Short ones count only as whole words.
const CAPTIONS: &[(Tag, &[&str])] = &[
    (
        Tag::FamilyName,
        &[
            "SURNAME",
            "SURNAMES",
            "NOM",
            "NAME",
            "NACHNAME",
            "FAMILIENNAME",
            "FAMILYNAME",
            "LASTNAME",
            "APELLIDOS",
            "APELLIDO",
            "COGNOME",
            "NAZWISKO",
            "NUME",
            "PREZIME",
            "PRIIMEK",
            "SUKUNIMI",
            "EFTERNAMN",
            "ACHTERNAAM",
            "NAAM",
            "PRIJMENI",
            "PAVARDE",
            "UZVARDS",
            "SOBRENOME",
        ],
    ),
    (
        Tag::GivenNames,
        &[
            "GIVENNAMES",
            "GIVENNAME",
            "FIRSTNAME",
            "FIRSTNAMES",
            "FORENAMES",
            "FORENAME",
            "PRENOMS",
            "PRENOM",
            "VORNAMEN",
            "VORNAME",
            "NOMBRES",
            "NOMBRE",
            "NOME",
            "NOMI",
            "IMIONA",
            "IMIE",
            "IME",
            "PRENUME",
            "ETUNIMET",
            "FORNAMN",
            "VOORNAMEN",
            "JMENO",
            "VARDAS",
            "VARDI",
            "SECONDARYIDENTIFIER",
        ],
    ),
    (
        Tag::Birth,
        &[
            "DATEOFBIRTH",
            "BIRTHDATE",
            "DATEDENAISSANCE",
            "GEBURTSDATUM",
            "GEBURTSTAG",
            "FECHADENACIMIENTO",
            "DATADINASCITA",
            "DATAURODZENIA",
            "DATUMRODENJA",
            "DATUMROJSTVA",
            "GEBOORTEDATUM",
            "DATADENASCIMENTO",
            "SYNTYMAAIKA",
            "FODELSEDATUM",
        ],
    ),
    (
        Tag::BirthPlace,
        &[
            "PLACEOFBIRTH",
            "BIRTHPLACE",
            "LIEUDENAISSANCE",
            "GEBURTSORT",
            "LUGARDENACIMIENTO",
            "LUOGODINASCITA",
            "MIEJSCEURODZENIA",
            "MJESTORODENJA",
            "LOCNASTERE",
            "GEBOORTEPLAATS",
            "LOCALDENASCIMENTO",
        ],
    ),
    (
        Tag::Issue,
        &[
            "DATEOFISSUE",
            "ISSUEDATE",
            "DATEDEDELIVRANCE",
            "AUSSTELLUNGSDATUM",
            "AUSSTELLUNGSTAG",
            "FECHADEEXPEDICION",
            "DATADIRILASCIO",
            "DATAWYDANIA",
            "ISSUEDON",
            "DATEISSUED",
            "DATUMVANAFGIFTE",
            "DATEDEMISSION",
        ],
    ),
    (
        Tag::Expiry,
        &[
            "DATEOFEXPIRY",
            "DATEOFEXPIRATION",
            "EXPIRYDATE",
            "EXPIRATIONDATE",
            "DATEDEXPIRATION",
            "DATEDEXPIRY",
            "GULTIGBIS",
            "GUELTIGBIS",
            "FECHADECADUCIDAD",
            "DATADISCADENZA",
            "EXPIRESON",
            "VALIDUNTIL",
            "VALIDITY",
            "DATAWAZNOSCI",
            "GELDIGTOT",
            "DATEOFEXP",
        ],
    ),
    (
        Tag::Number,
        &[
            "PASSPORTNO",
            "PASSPORTNUMBER",
            "PASSEPORTNO",
            "NODEPASSEPORT",
            "NUMERODEPASSEPORT",
            "PASSNR",
            "REISEPASSNR",
            "DOCUMENTNO",
            "DOCUMENTNUMBER",
            "IDENTITYCARDNO",
            "CARDNUMBER",
            "CARDNO",
            "AUSWEISNR",
            "NUMERPASZPORTU",
            "NUMBEROFPASSPORT",
            "IDCARDNO",
        ],
    ),
    (
        Tag::Personal,
        &[
            "PERSONALNO",
            "PERSONALNUMBER",
            "PERSONALIDNO",
            "PERSONALCODE",
            "NOPERSONNEL",
            "IDENTITYNO",
            "IDNO",
            "CNP",
            "PESEL",
            "IDNUMBER",
            "NATIONALIDNO",
            "PERSONALIDENTIFICATIONNO",
        ],
    ),
    (
        Tag::Nationality,
        &[
            "NATIONALITY",
            "NATIONALITE",
            "STAATSANGEHORIGKEIT",
            "NACIONALIDAD",
            "CITTADINANZA",
            "OBYWATELSTWO",
            "NATIONALITEIT",
            "CITIZENSHIP",
            "DRZAVLJANSTVO",
            "NACIONALIDADE",
        ],
    ),
    (
        Tag::Sex,
        &[
            "SEX",
            "SEXE",
            "GENDER",
            "GESCHLECHT",
            "SEXO",
            "SESSO",
            "PLEC",
            "SPOL",
            "GESLACHT",
        ],
    ),
    (
        Tag::Other,
        &[
            "AUTHORITY",
            "AUTORITE",
            "BEHORDE",
            "SIGNATURE",
            "UNTERSCHRIFT",
            "COUNTRYCODE",
            "CODEOFISSUINGSTATE",
            "CODEDUPAYS",
            "ISSUINGSTATE",
            "TYPE",
            "HEIGHT",
            "TAILLE",
            "GROSSE",
            "COLOUROFEYES",
            "AUGENFARBE",
            "RESIDENCE",
            "ADDRESS",
            "ADRESSE",
            "PLACEOFISSUE",
            "ISSUEDBY",
            "ISSUINGPOSTNAME",
            "ANNOTATION",
            "REMARKS",
            "MARITALSTATUS",
            "ALSOKNOWNAS",
            "CODE",
            "REGISTRATIONNUMBER",
            "CASENUMBER",
            "CATEGORY",
            "ISSUINGAUTHORITY",
            "NUMBEROFENTRIES",
            "DURATIONOFSTAY",
        ],
    ),
];

/// Shorter captions have to be whole words.
const LONG: usize = 7;

/// Everything that can be read.
pub(super) fn read(lines: &[Line]) -> BTreeMap<Field, Located> {
    let printed: Vec<Line> = lines
        .iter()
        .filter(|line| !is_machine_readable(&line.text))
        .cloned()
        .collect();
    let page = page(&printed);
    let mut found = BTreeMap::new();
    let dates = validity::read(&page, Order::DayFirst);
    for (field, dated) in [
        (Field::DateOfBirth, dates.birth),
        (Field::DateOfIssue, dates.issue),
        (Field::DateOfExpiry, dates.expiry),
    ] {
        if let Some(dated) = dated {
            found.insert(field, located_date(&page, &dated));
        }
    }
    let mut taken: Vec<usize> = Vec::new();
    for (tag, field, accept) in VALUES {
        if let Some((index, located)) = value(&page, tag, accept, &taken) {
            taken.push(index);
            found.insert(field, located);
        }
    }
    split_name(&mut found);
    split_given(&mut found);
    found
}

/// What takes the value of a field out of a text.
type Accept = fn(&str) -> Option<String>;

/// Fields under captions, in the order in which they may take a line.
const VALUES: [(Tag, Field, Accept); 7] = [
    (Tag::FamilyName, Field::LastName, name),
    (Tag::GivenNames, Field::FirstName, name),
    (Tag::Sex, Field::Sex, sex),
    (Tag::Number, Field::DocumentNumber, number),
    (Tag::Personal, Field::PersonalNumber, number),
    (Tag::Nationality, Field::Nationality, place),
    (Tag::BirthPlace, Field::PlaceOfBirth, place),
];

fn is_machine_readable(text: &str) -> bool {
    text.matches('<').count() >= 2
}

/// Lines as pieces: a caption, with what follows it if that is a value, or text.
fn page(lines: &[Line]) -> Page {
    Page::of_lines(lines, 0.0, caption)
}

/// The caption that a line is, and the value that follows in the same line.
fn caption(text: &str) -> Option<(Tag, String)> {
    let plain = plain_text(text);
    let letters_only = compact(&plain);
    let words: Vec<String> = plain
        .split(|character: char| !character.is_alphanumeric())
        .map(str::to_owned)
        .collect();
    let mut best: Option<(usize, Tag)> = None;
    for (tag, captions) in CAPTIONS {
        for caption in *captions {
            let here = if caption.len() >= LONG {
                distance_within(&letters_only, caption) <= (caption.len() + 1) / 6
            } else {
                words.iter().any(|word| word == caption)
                    || letters_only.starts_with(caption) && digits(&letters_only) >= 5
            };
            if here && best.is_none_or(|(length, _)| caption.len() > length) {
                best = Some((caption.len(), *tag));
            }
        }
    }
    let (_, tag) = best?;
    let after = plain_text(text);
    let value = match tag {
        Tag::Birth | Tag::Issue | Tag::Expiry => {
            let dated = !super::dates::find(text, Order::DayFirst).is_empty();
            if dated { text.to_owned() } else { String::new() }
        }
        Tag::Number | Tag::Personal => last_number(&after),
        _ => text
            .split_once(':')
            .map_or_else(String::new, |(_, value)| tidy(value)),
    };
    Some((tag, value))
}

/// The last word of a caption when it is a number.
fn last_number(text: &str) -> String {
    let tail: String = text
        .chars()
        .rev()
        .take_while(|character| character.is_ascii_digit() || character.is_ascii_uppercase())
        .collect();
    let tail: String = tail.chars().rev().collect();
    let from = tail
        .find(|character: char| character.is_ascii_digit())
        .unwrap_or(tail.len());
    // Up to two letters in front belong to the number, more are the caption's last word.
    let number = if from <= 2 {
        tail.as_str()
    } else {
        tail.get(from..).unwrap_or_default()
    };
    if digits(number) >= 5 {
        number.to_owned()
    } else {
        String::new()
    }
}

/// The value of a caption: with it, under it, or right of it.
fn value(page: &Page, tag: Tag, accept: Accept, taken: &[usize]) -> Option<(usize, Located)> {
    for (caption, piece) in page
        .pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| piece.tag == Some(tag))
    {
        if let Some(text) = accept(&piece.text) {
            return Some((caption, Located::of(piece, text, 0.93)));
        }
        let below = page.below(caption).into_iter().map(|index| (index, 0.93));
        let right = page.right_of(caption).into_iter().map(|index| (index, 0.88));
        let beside = below
            .chain(right)
            .filter(|(index, _)| !taken.contains(index))
            .find_map(|(index, sure)| {
                let piece: &Piece = &page.pieces[index];
                Some((index, Located::of(piece, accept(&piece.text)?, sure)))
            });
        if beside.is_some() {
            return beside;
        }
    }
    None
}

/// A name, letters that were read as digits mended.
pub(super) fn name(text: &str) -> Option<String> {
    names::name_like(text).then(|| tidy(&letters_for_digits(text)))
}

fn place(text: &str) -> Option<String> {
    let shaped = letters(text) >= 2 && digits(text) <= 2;
    shaped.then(|| tidy(text))
}

fn number(text: &str) -> Option<String> {
    let text = tidy(text);
    let dated = super::dates::find(&text, Order::DayFirst)
        .iter()
        .any(|found| !found.short());
    (values::is_number(&text) && !dated).then_some(text)
}

/// `M`, `F` or `X`; of two languages (`K/F`) the one that is one of these.
fn sex(text: &str) -> Option<String> {
    let plain = plain_text(text);
    let parts: Vec<&str> = plain
        .split(['/', ' ', '.'])
        .filter(|part| !part.is_empty())
        .collect();
    if parts.len() > 2 {
        return None;
    }
    parts
        .into_iter()
        .rev()
        .find(|part| matches!(*part, "M" | "F" | "X"))
        .map(str::to_owned)
}

/// A line with both names (`LIN, MEI-HUA`), where no other has the given ones.
fn split_name(found: &mut BTreeMap<Field, Located>) {
    if found.contains_key(&Field::FirstName) {
        return;
    }
    let Some(family) = found.get_mut(&Field::LastName) else {
        return;
    };
    let text = family.reading.text.clone();
    let Some((last, given)) = text
        .split_once(',')
        .map(|(last, given)| (tidy(last), tidy(given)))
    else {
        return;
    };
    if !last.is_empty() && !given.is_empty() {
        let mut first = family.clone();
        family.reading.text = last;
        first.reading.text = given;
        found.insert(Field::FirstName, first);
    }
}

/// The first of the given names apart from the others.
pub(super) fn split_given(found: &mut BTreeMap<Field, Located>) {
    let Some(given) = found.get_mut(&Field::FirstName) else {
        return;
    };
    let text = given.reading.text.clone();
    if let Some((first, others)) = text.split_once([' ', ',']) {
        let others = tidy(others);
        if !first.is_empty() && !others.is_empty() {
            let mut middle = given.clone();
            first.clone_into(&mut given.reading.text);
            middle.reading.text = others;
            found.insert(Field::MiddleName, middle);
        }
    }
}
