//! Invented licences and identification cards.

use super::*;

#[test]
fn numbered_elements_glued_to_their_values() {
    check(
        Kind::Other,
        &[
            ("OREGON", 20.0, 20.0),
            ("DRIVER LICENSE", 300.0, 20.0),
            ("4dDLN K4471902", 240.0, 90.0),
            ("3D0B11/30/1984", 460.0, 90.0),
            ("4aISS12/02/2021", 240.0, 120.0),
            ("4bEXP11/30/2029", 460.0, 120.0),
            ("1VANCE", 240.0, 150.0),
            ("2MARLO THEODORE", 240.0, 174.0),
            ("8418NWPINE ST", 240.0, 198.0),
            ("BENDLE OR97701", 255.0, 222.0),
            ("9CLASSC9aENDNONE", 240.0, 260.0),
            ("12RESTB", 460.0, 260.0),
            ("15SEXM16HGT5'-1117WGT180 lb18EYESHAZ", 240.0, 290.0),
            ("5DD66120984411", 240.0, 320.0),
        ],
        &[
            (Field::LastName, "VANCE"),
            (Field::FirstName, "MARLO"),
            (Field::MiddleName, "THEODORE"),
            (Field::DocumentNumber, "K4471902"),
            (Field::DateOfBirth, "1984-11-30"),
            (Field::DateOfIssue, "2021-12-02"),
            (Field::DateOfExpiry, "2029-11-30"),
            (Field::Address, "418 NWPINE ST"),
            (Field::City, "BENDLE"),
            (Field::State, "OR"),
            (Field::PostalCode, "97701"),
            (Field::Class, "C"),
            (Field::Endorsements, "NONE"),
            (Field::Restrictions, "B"),
            (Field::Sex, "M"),
            (Field::Height, "5'-11"),
            (Field::Weight, "180 lb"),
            (Field::EyeColour, "HAZ"),
            (Field::Discriminator, "66120984411"),
            (Field::Issuer, "OR"),
        ],
    );
}

#[test]
fn words_for_labels_and_a_house_number_that_begins_with_8() {
    check(
        Kind::Other,
        &[
            ("California USA", 20.0, 10.0),
            ("DRIVER LICENSE", 320.0, 10.0),
            ("DL Y8830217", 240.0, 70.0),
            ("CLASS C", 560.0, 70.0),
            ("EXP 02/28/2027", 240.0, 100.0),
            ("END NONE", 560.0, 100.0),
            ("LN ORTEGA", 240.0, 130.0),
            ("FN DELIA", 240.0, 155.0),
            ("8120 24TH STREET UNIT 9", 240.0, 180.0),
            ("FAIRWOOD, CA 94501", 240.0, 205.0),
            ("DOB 02/28/1990", 240.0, 235.0),
            ("RSTR CORR LENS", 240.0, 262.0),
            ("SEX F", 300.0, 300.0),
            ("HAIR BLK", 420.0, 300.0),
            ("EYES BRN", 560.0, 300.0),
            ("HGT 5'-04\"", 300.0, 325.0),
            ("WGT 131 lb", 420.0, 325.0),
            ("ISS", 600.0, 330.0),
            ("03/05/2022", 570.0, 352.0),
            ("DD 03/05/202251102/AAFD/27", 240.0, 385.0),
        ],
        &[
            (Field::LastName, "ORTEGA"),
            (Field::FirstName, "DELIA"),
            (Field::DocumentNumber, "Y8830217"),
            (Field::DateOfBirth, "1990-02-28"),
            (Field::DateOfIssue, "2022-03-05"),
            (Field::DateOfExpiry, "2027-02-28"),
            (Field::Address, "8120 24TH STREET UNIT 9"),
            (Field::City, "FAIRWOOD"),
            (Field::PostalCode, "94501"),
            (Field::Restrictions, "CORR LENS"),
            (Field::Sex, "F"),
            (Field::Height, "5'-04\""),
            (Field::HairColour, "BLK"),
            (Field::EyeColour, "BRN"),
            (Field::Issuer, "CA"),
        ],
    );
}

#[test]
fn captions_above_their_values() {
    check(
        Kind::Other,
        &[
            ("VERMONT", 20.0, 10.0),
            ("IDENTIFICATION CARD", 300.0, 10.0),
            ("4d CREDENTIAL NUMBER", 240.0, 60.0),
            ("VTX5509183", 250.0, 78.0),
            ("4b EXPIRATION DATE", 460.0, 60.0),
            ("07/19/2030", 470.0, 78.0),
            ("1 FAMILY NAME", 240.0, 105.0),
            ("LINDQVIST JR", 250.0, 122.0),
            ("2 GIVEN NAMES", 240.0, 147.0),
            ("OSCAR P", 250.0, 164.0),
            ("8 ADDRESS", 240.0, 190.0),
            ("PO BOX 71", 250.0, 207.0),
            ("EAST HOLLOW, VT 05401-2210", 250.0, 227.0),
            ("15 SEX 16 HGT 17 WGT 18 EYES 19 HAIR", 240.0, 255.0),
            ("M 6'-01\" 205 lb GRN BLN", 250.0, 273.0),
            ("4a ISSUE DATE", 240.0, 300.0),
            ("07/19/2022", 250.0, 318.0),
            ("3 DATE OF BIRTH", 460.0, 300.0),
            ("07/19/1979", 470.0, 318.0),
            ("VETERAN", 600.0, 360.0),
        ],
        &[
            (Field::LastName, "LINDQVIST"),
            (Field::Suffix, "JR"),
            (Field::FirstName, "OSCAR"),
            (Field::MiddleName, "P"),
            (Field::DocumentNumber, "VTX5509183"),
            (Field::DateOfBirth, "1979-07-19"),
            (Field::DateOfIssue, "2022-07-19"),
            (Field::DateOfExpiry, "2030-07-19"),
            (Field::Address, "PO BOX 71"),
            (Field::City, "EAST HOLLOW"),
            (Field::PostalCode, "05401-2210"),
            (Field::Sex, "M"),
            (Field::Height, "6'-01\""),
            (Field::Weight, "205 lb"),
            (Field::EyeColour, "GRN"),
            (Field::HairColour, "BLN"),
            (Field::Veteran, "VETERAN"),
        ],
    );
}

#[test]
fn labels_with_colons_beside_their_values() {
    check(
        Kind::Other,
        &[
            ("TEXAS", 20.0, 10.0),
            ("DRIVER LICENSE", 200.0, 10.0),
            ("4d DL:", 220.0, 60.0),
            ("30718845", 300.0, 60.0),
            ("9 Class: C", 480.0, 60.0),
            ("4a Iss:", 220.0, 90.0),
            ("06/14/2020", 310.0, 90.0),
            ("4b Exp:", 460.0, 90.0),
            ("06/30/2028", 550.0, 90.0),
            ("3 DOB:", 220.0, 118.0),
            ("06/30/1966", 300.0, 118.0),
            ("1 HARGROVE", 220.0, 150.0),
            ("2 LINDA-MAE ANNE", 220.0, 174.0),
            ("8 15 OLD MILL RD", 220.0, 200.0),
            ("LOT 12", 242.0, 223.0),
            ("SAN PABLO, TX 78201", 242.0, 246.0),
            ("12 Restrictions: A", 220.0, 280.0),
            ("9a End: NONE", 460.0, 280.0),
            ("16 Hgt: 5'-07\"", 220.0, 305.0),
            ("15 Sex: F", 420.0, 305.0),
            ("18 Eyes: BRO", 540.0, 305.0),
            ("5 DD: 18810293847560192837", 220.0, 330.0),
        ],
        &[
            (Field::LastName, "HARGROVE"),
            (Field::FirstName, "LINDA-MAE"),
            (Field::MiddleName, "ANNE"),
            (Field::DocumentNumber, "30718845"),
            (Field::DateOfBirth, "1966-06-30"),
            (Field::DateOfIssue, "2020-06-14"),
            (Field::DateOfExpiry, "2028-06-30"),
            (Field::Address, "15 OLD MILL RD LOT 12"),
            (Field::City, "SAN PABLO"),
            (Field::Class, "C"),
            (Field::Restrictions, "A"),
            (Field::Sex, "F"),
            (Field::Height, "5'-07\""),
            (Field::EyeColour, "BRO"),
            (Field::Discriminator, "18810293847560192837"),
        ],
    );
}

#[test]
fn a_number_in_groups_and_bare_names_above_the_address() {
    check(
        Kind::Other,
        &[
            ("NEW YORK STATE", 20.0, 10.0),
            ("DRIVER LICENSE", 300.0, 10.0),
            ("ID 664 018 275", 230.0, 60.0),
            ("CLASS D", 480.0, 60.0),
            ("QUILL", 230.0, 95.0),
            ("HESTER M", 230.0, 120.0),
            ("2345 BROOK AVE", 230.0, 145.0),
            ("ALDER FALLS NY 12345", 230.0, 170.0),
            ("DOB 09/02/1988", 230.0, 205.0),
            ("SEX F EYES BLU HT 5-08", 230.0, 235.0),
            ("E NONE", 230.0, 265.0),
            ("R B", 230.0, 290.0),
            ("ISSUED 09/20/2019 EXPIRES 09/02/2027", 230.0, 320.0),
        ],
        &[
            (Field::LastName, "QUILL"),
            (Field::FirstName, "HESTER"),
            (Field::MiddleName, "M"),
            (Field::DocumentNumber, "664 018 275"),
            (Field::DateOfBirth, "1988-09-02"),
            (Field::DateOfIssue, "2019-09-20"),
            (Field::DateOfExpiry, "2027-09-02"),
            (Field::Address, "2345 BROOK AVE"),
            (Field::City, "ALDER FALLS"),
            (Field::Sex, "F"),
            (Field::Height, "5-08"),
            (Field::EyeColour, "BLU"),
            (Field::Class, "D"),
            (Field::Issuer, "NY"),
        ],
    );
}

#[test]
fn given_names_first_when_the_number_begins_with_the_code_of_the_lower_line() {
    let lines = [
        ("WISCONSIN", 20.0, 10.0),
        ("DRIVER LICENSE", 300.0, 10.0),
        ("R560-550-78-120-4", 230.0, 60.0),
        ("TOBIAS", 230.0, 100.0),
        ("RENNER", 230.0, 124.0),
        ("7 LAKE LANE", 230.0, 148.0),
        ("PORT AVON, WI 53001", 230.0, 172.0),
        ("DOB: 04-20-1978 SEX: M", 230.0, 200.0),
        ("ISSUED: 05-01-2018 HGT: 5-10", 230.0, 226.0),
        ("EXPIRES: 04-20-2026", 230.0, 252.0),
        ("REPLACED: 08-16-2020", 230.0, 278.0),
    ];
    let wanted = [
        (Field::LastName, "RENNER"),
        (Field::FirstName, "TOBIAS"),
        (Field::DocumentNumber, "R560-550-78-120-4"),
        (Field::DateOfBirth, "1978-04-20"),
        (Field::DateOfIssue, "2018-05-01"),
        (Field::DateOfExpiry, "2026-04-20"),
        (Field::Sex, "M"),
        (Field::Height, "5-10"),
    ];
    check(Kind::Other, &lines, &wanted);
}

#[test]
fn both_names_in_one_line_and_a_canadian_address() {
    check(
        Kind::Other,
        &[
            ("Ontario", 20.0, 10.0),
            ("DRIVER'S LICENCE", 300.0, 10.0),
            ("1,2 NAME/NOM", 230.0, 60.0),
            ("FENWICK,", 240.0, 80.0),
            ("ROSALIND E", 240.0, 102.0),
            ("8 12 MAPLE ST", 230.0, 126.0),
            ("KINGSPORT, ON K7L 3N6", 248.0, 150.0),
            ("4d NUMBER/NUMERO", 230.0, 176.0),
            ("F2918-55019-84412", 260.0, 196.0),
            ("4a ISS/DEL 2019/03/12", 230.0, 222.0),
            ("4b EXP/EXP 2024/04/01", 460.0, 222.0),
            ("3 DOB/DDN 1984/04/01", 230.0, 250.0),
            ("15 SEX/SEXE F", 460.0, 250.0),
            ("16 HGT/HAUT 168 cm", 230.0, 276.0),
        ],
        &[
            (Field::LastName, "FENWICK"),
            (Field::FirstName, "ROSALIND"),
            (Field::MiddleName, "E"),
            (Field::DocumentNumber, "F2918-55019-84412"),
            (Field::DateOfBirth, "1984-04-01"),
            (Field::DateOfIssue, "2019-03-12"),
            (Field::DateOfExpiry, "2024-04-01"),
            (Field::Address, "12 MAPLE ST"),
            (Field::City, "KINGSPORT"),
            (Field::State, "ON"),
            (Field::PostalCode, "K7L 3N6"),
            (Field::Sex, "F"),
            (Field::Height, "168 cm"),
        ],
    );
}

#[test]
fn names_that_look_like_labels_and_a_card_without_an_issue_date() {
    check(
        Kind::Other,
        &[
            ("OHIO", 20.0, 10.0),
            ("DRIVER LICENSE", 300.0, 10.0),
            ("LICENSE NO.", 230.0, 50.0),
            ("TL904417", 230.0, 70.0),
            ("BIRTHDATE", 430.0, 50.0),
            ("07-18-1980", 430.0, 70.0),
            ("EXPIRES", 560.0, 50.0),
            ("07-18-2027", 560.0, 70.0),
            ("1 SEXTON", 230.0, 120.0),
            ("2 CLASSIE HAIRSTON", 230.0, 144.0),
            ("8 90 LANDS END RD", 230.0, 168.0),
            ("RESTON, OH 43004", 250.0, 192.0),
            ("REV 01/02/2015", 560.0, 400.0),
        ],
        &[
            (Field::LastName, "SEXTON"),
            (Field::FirstName, "CLASSIE"),
            (Field::MiddleName, "HAIRSTON"),
            (Field::DocumentNumber, "TL904417"),
            (Field::DateOfBirth, "1980-07-18"),
            (Field::DateOfIssue, ""),
            (Field::DateOfExpiry, "2027-07-18"),
            (Field::Address, "90 LANDS END RD"),
            (Field::City, "RESTON"),
            (Field::Sex, ""),
            (Field::Class, ""),
        ],
    );
}

#[test]
fn numbers_of_elements_without_words() {
    check(
        Kind::Other,
        &[
            ("PENNSYLVANIA", 20.0, 10.0),
            ("DRIVER'S LICENSE", 300.0, 10.0),
            ("4d 88 120 447", 230.0, 60.0),
            ("4b 05/09/2027", 480.0, 60.0),
            ("305/08/1993", 230.0, 88.0),
            ("4a06/01/2023", 480.0, 88.0),
            ("1 OKONKWO 2 ADAEZE JOY", 230.0, 116.0),
            ("8 31 GRANITE HILL CT", 230.0, 142.0),
            ("APT 2B", 250.0, 165.0),
            ("MOSSBURG, PA 17040", 250.0, 188.0),
        ],
        &[
            (Field::LastName, "OKONKWO"),
            (Field::FirstName, "ADAEZE"),
            (Field::MiddleName, "JOY"),
            (Field::DocumentNumber, "88 120 447"),
            (Field::DateOfBirth, "1993-05-08"),
            (Field::DateOfIssue, "2023-06-01"),
            (Field::DateOfExpiry, "2027-05-09"),
            (Field::Address, "31 GRANITE HILL CT APT 2B"),
            (Field::City, "MOSSBURG"),
        ],
    );
}
