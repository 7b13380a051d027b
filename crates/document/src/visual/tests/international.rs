//! Invented passports and identity cards.

use super::*;

#[test]
fn a_passport_with_captions_in_two_languages() {
    check(
        Kind::Other,
        &[
            ("PASSPORT", 20.0, 20.0),
            ("Type/Type", 240.0, 40.0),
            ("P", 245.0, 60.0),
            ("Code/Code", 350.0, 40.0),
            ("UTO", 355.0, 60.0),
            ("Passport No./No du passeport", 460.0, 40.0),
            ("K7719034", 470.0, 60.0),
            ("Surname/Nom", 240.0, 84.0),
            ("DELACROIX", 245.0, 104.0),
            ("Given names/Prenoms", 240.0, 128.0),
            ("MIREILLE ANNE", 245.0, 148.0),
            ("Nationality/Nationalite", 240.0, 172.0),
            ("UTOPIAN", 245.0, 192.0),
            ("Date of birth/Date de naissance", 240.0, 216.0),
            ("02 AUG/AOUT 1975", 245.0, 236.0),
            ("Sex/Sexe", 240.0, 260.0),
            ("F", 245.0, 280.0),
            ("Place of birth/Lieu de naissance", 360.0, 260.0),
            ("PORT LUMEN", 365.0, 280.0),
            ("Date of issue/Date de delivrance", 240.0, 304.0),
            ("16 APR/AVR 2017", 245.0, 324.0),
            ("Date of expiry/Date d'expiration", 240.0, 348.0),
            ("15 APR/AVR 2027", 245.0, 368.0),
            ("P<UTODELACROIX<<MIREILLE<ANNE<<<<<<<<<<<<<<<", 20.0, 400.0),
            ("K7719034<6UTO7508024F2704155<<<<<<<<<<<<<<06", 20.0, 424.0),
        ],
        &[
            (Field::LastName, "DELACROIX"),
            (Field::FirstName, "MIREILLE"),
            (Field::MiddleName, "ANNE"),
            (Field::DocumentNumber, "K7719034"),
            (Field::Nationality, "UTOPIAN"),
            (Field::DateOfBirth, "1975-08-02"),
            (Field::Sex, "F"),
            (Field::PlaceOfBirth, "PORT LUMEN"),
            (Field::DateOfIssue, "2017-04-16"),
            (Field::DateOfExpiry, "2027-04-15"),
        ],
    );
}

#[test]
fn an_identity_card_with_days_first() {
    check(
        Kind::Other,
        &[
            ("PERSONALAUSWEIS", 240.0, 20.0),
            ("Name/Surname/Nom", 240.0, 60.0),
            ("BRANDSTETTER", 240.0, 80.0),
            ("Vornamen/Given names/Prenoms", 240.0, 104.0),
            ("JONAS", 240.0, 124.0),
            ("Geburtstag/Date of birth", 240.0, 148.0),
            ("04.03.1991", 240.0, 168.0),
            ("Staatsangehorigkeit/Nationality", 440.0, 148.0),
            ("DEUTSCH", 440.0, 168.0),
            ("Geburtsort/Place of birth", 240.0, 192.0),
            ("NEUHEIM", 240.0, 212.0),
            ("Gultig bis/Date of expiry", 240.0, 236.0),
            ("11.12.2031", 240.0, 256.0),
        ],
        &[
            (Field::LastName, "BRANDSTETTER"),
            (Field::FirstName, "JONAS"),
            (Field::DateOfBirth, "1991-03-04"),
            (Field::Nationality, "DEUTSCH"),
            (Field::PlaceOfBirth, "NEUHEIM"),
            (Field::DateOfExpiry, "2031-12-11"),
            (Field::DateOfIssue, ""),
        ],
    );
}
