//! Invented driving licences of invented states in Europe.

use super::*;

#[test]
fn a_licence_with_everything_in_its_line() {
    check(
        Kind::Other,
        &[
            ("PERMIS DE CONDUIRE", 240.0, 20.0),
            ("UTOPIE", 520.0, 20.0),
            ("1. DELACROIX", 240.0, 60.0),
            ("2. MIREILLE ANNE", 240.0, 90.0),
            ("3. 02.08.1975 PORT LUMEN", 240.0, 120.0),
            ("4a. 16.04.2017  4c. PREFET 12", 240.0, 150.0),
            ("4b. 15.04.2032", 240.0, 180.0),
            ("5. 17AB34567", 240.0, 210.0),
            ("7.", 240.0, 240.0),
            ("9. AM/B/BE", 240.0, 300.0),
        ],
        &[
            (Field::LastName, "DELACROIX"),
            (Field::FirstName, "MIREILLE"),
            (Field::MiddleName, "ANNE"),
            (Field::DateOfBirth, "1975-08-02"),
            (Field::PlaceOfBirth, "PORT LUMEN"),
            (Field::DateOfIssue, "2017-04-16"),
            (Field::DateOfExpiry, "2032-04-15"),
            (Field::DocumentNumber, "17AB34567"),
            (Field::Class, "AM/B/BE"),
            (Field::Issuer, ""),
            (Field::Sex, ""),
        ],
    );
}

#[test]
fn a_licence_with_numbers_in_a_column() {
    let lines = [
        ("DRIVING LICENCE", 240.0, 20.0),
        ("1.", 240.0, 60.0),
        ("GREENSLEEVE", 280.0, 60.0),
        ("2.", 240.0, 90.0),
        ("MRS ISOLDE", 280.0, 90.0),
        ("3.", 240.0, 120.0),
        ("11/03/1976 UTOPIA", 280.0, 120.0),
        ("4a.", 240.0, 150.0),
        ("16/04/2017", 280.0, 150.0),
        ("4c.", 460.0, 150.0),
        ("DVA", 500.0, 150.0),
        ("4b", 240.0, 180.0),
        ("15/04/2027", 280.0, 180.0),
        ("4d. 760311-123", 460.0, 180.0),
        ("5.", 240.0, 210.0),
        ("GREEN 753116 SM9IJ", 280.0, 210.0),
        ("8. 12 HIGH ROAD", 240.0, 240.0),
        ("NOWHERE, NW1 1AA", 262.0, 262.0),
        ("9. B", 240.0, 300.0),
    ];
    let spaced: Vec<Line> = lines.iter().map(|(text, x, y)| line(text, *x, *y)).collect();
    compare(
        &read(&spaced, SIZE, Kind::DriverLicenceFront),
        &[
            (Field::LastName, "GREENSLEEVE"),
            (Field::FirstName, "ISOLDE"),
            (Field::DateOfBirth, "1976-03-11"),
            (Field::PlaceOfBirth, "UTOPIA"),
            (Field::DateOfIssue, "2017-04-16"),
            (Field::DateOfExpiry, "2027-04-15"),
            (Field::DocumentNumber, "GREEN 753116 SM9IJ"),
            (Field::PersonalNumber, "760311-123"),
            (Field::Address, "12 HIGH ROAD NOWHERE, NW1 1AA"),
            (Field::Class, "B"),
        ],
    );
}

/// Without a heading that anybody could read, the numbers say what it is.
#[test]
fn the_numbers_are_a_heading() {
    let lines = [
        line("1. NIEMAND", 240.0, 60.0),
        line("2. JONAS", 240.0, 90.0),
        line("3. 04.03.1991 NEUHEIM", 240.0, 120.0),
        line("4a. 12.12.2016 4c. LANDRATSAMT", 240.0, 150.0),
        line("46. 11.12.2031", 240.0, 180.0),
    ];
    assert_eq!(classify(&lines).kind, Kind::DriverLicenceFront);
    let visual = read(&lines, SIZE, Kind::Other);
    compare(
        &visual,
        &[(Field::DateOfExpiry, "2031-12-11"), (Field::LastName, "NIEMAND")],
    );
}

#[test]
fn dates_that_contradict_each_other_are_not_read() {
    let lines = [
        line("FUHRERSCHEIN", 240.0, 20.0),
        line("1. NIEMAND", 240.0, 60.0),
        line("2. JONAS", 240.0, 90.0),
        line("3. 04.03.1991 NEUHEIM", 240.0, 120.0),
        line("4a. 12.12.2036", 240.0, 150.0),
        line("4b. 11.12.2031", 240.0, 180.0),
    ];
    let wanted = [
        (Field::DateOfBirth, "1991-03-04"),
        (Field::DateOfIssue, ""),
        (Field::DateOfExpiry, ""),
    ];
    compare(&read(&lines, SIZE, Kind::DriverLicenceFront), &wanted);
}

#[test]
fn a_card_of_north_america_stays_one() {
    let lines = [
        line("DRIVER LICENSE", 240.0, 20.0),
        line("4d LIC NO D1234567", 240.0, 50.0),
        line("3 DOB 03/04/1971", 240.0, 80.0),
        line("4b EXP 03/05/2029", 240.0, 110.0),
        line("1 NOBODY", 240.0, 140.0),
        line("2 NELL", 240.0, 170.0),
        line("4a ISS 03/04/2021", 240.0, 200.0),
    ];
    let wanted = [
        (Field::DateOfBirth, "1971-03-04"),
        (Field::DocumentNumber, "D1234567"),
        (Field::LastName, "NOBODY"),
    ];
    compare(&read(&lines, SIZE, Kind::DriverLicenceFront), &wanted);
}

/// Under a title of Europe a date is never read with the month first, however few numbers are left. Dates without a number are
/// read only where their order leaves one possibility.
#[test]
fn a_title_alone_settles_the_order_of_dates() {
    let lines = [
        line("RIJBEWIJS", 240.0, 20.0),
        line("BRANDT", 270.0, 60.0),
        line("JONAS PAUL", 270.0, 90.0),
        line("10.06.1961 LUMENSTADT", 270.0, 120.0),
        line("4a. 12.08.2022", 240.0, 150.0),
        line("10.06.2030", 270.0, 180.0),
        line("K1234567", 270.0, 210.0),
    ];
    let wanted = [
        (Field::DateOfBirth, "1961-06-10"),
        (Field::DateOfIssue, "2022-08-12"),
        (Field::DocumentNumber, "K1234567"),
    ];
    compare(&read(&lines, SIZE, Kind::DriverLicenceFront), &wanted);
}

#[test]
fn canada_is_not_in_europe() {
    for heading in ["NEW BRUNSWICK", "QUEBEC", "DRIVER'S LICENCE"] {
        let lines = [
            line(heading, 20.0, 20.0),
            line("PERMIS DE CONDUIRE", 240.0, 20.0),
            line("4d LIC NO D1234567", 240.0, 50.0),
            line("3 DOB 1971/03/04", 240.0, 80.0),
            line("1 NOBODY", 240.0, 140.0),
            line("2 NELL", 240.0, 170.0),
        ];
        let wanted = [
            (Field::DateOfBirth, "1971-03-04"),
            (Field::DocumentNumber, "D1234567"),
        ];
        compare(&read(&lines, SIZE, Kind::DriverLicenceFront), &wanted);
    }
}
