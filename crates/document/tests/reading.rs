//! Whole documents with the real models: specimens of people who do not exist, printed, photographed in silico, and read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage, imageops};
use imageproc::geometric_transformations::{Border, Interpolation, Projection, warp_into};
use jiff::civil::date;
use selfsame_document::silico::{Degradation, Person, licence, passport, passport_with_zone, pdf417, td3};
use selfsame_document::{Document, Error, Field, Finding, Kind, Source};
use selfsame_vision::Engine;

use support::{load, options, reader};

fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, ImageFormat::Jpeg).unwrap();
    file.into_inner()
}

/// The specimen, so many pixels wide.
fn card(width: u32) -> RgbImage {
    let picture = licence(&Person::example(), None).picture().unwrap();
    let height = width * picture.height() / picture.width();
    imageops::resize(&picture, width, height, imageops::FilterType::Triangle)
}

fn read(image: &RgbImage) -> Result<Document, Error> {
    reader().read(&jpeg(image), &options())
}

fn text(document: &Document, field: Field) -> &str {
    document
        .fields
        .get(&field)
        .map_or("", |value| value.reading.text.as_str())
}

fn assert_is_the_licence(document: &Document, what: &str) {
    let person = Person::example();
    // Nobody's: they may be shown.
    let lines: Vec<&str> = document.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(document.kind, Kind::DriverLicenceFront, "{what}: {lines:?}");
    for (field, expected) in [
        (Field::LastName, "MARLOWE"),
        (Field::FirstName, "TESSA"),
        (Field::MiddleName, "JUNE"),
        (Field::DocumentNumber, "K4417926"),
        (Field::Sex, "F"),
        (Field::Address, "1207 QUARRY LANE"),
        (Field::City, "DAYTON"),
        (Field::State, "OH"),
        (Field::PostalCode, "45402"),
        (Field::Issuer, "OH"),
    ] {
        assert_eq!(text(document, field), expected, "{what}: {lines:?}");
    }
    let date = |field: Field| document.fields[&field].reading.date;
    assert_eq!(date(Field::DateOfBirth), Some(person.birth), "{what}");
    assert_eq!(date(Field::DateOfIssue), Some(person.issue), "{what}");
    assert_eq!(date(Field::DateOfExpiry), Some(person.expiry), "{what}");
}

/// The card on a table with a grain, seen so that its corners are these.
fn on_a_table(card: &RgbImage, corners: [(f32, f32); 4], table: &mut RgbImage) {
    let (width, height) = (card.width() as f32, card.height() as f32);
    let from = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
    let projection = Projection::from_control_points(from, corners).unwrap();
    let mut seen = RgbImage::new(table.width(), table.height());
    warp_into(
        card,
        projection,
        Interpolation::Bilinear,
        Border::Constant(Rgb([0, 0, 0])),
        &mut seen,
    );
    for (place, pixel) in table.pixels_mut().zip(seen.pixels()) {
        if pixel.0 != [0, 0, 0] {
            *place = *pixel;
        }
    }
}

fn table() -> RgbImage {
    RgbImage::from_fn(1600, 1200, |x, y| {
        let grain = ((x * 7 + y * 13) % 31) as u8 + ((y / 60) % 2) as u8 * 25;
        Rgb([90 + grain, 60 + grain / 2, 40 + grain / 3])
    })
}

#[test]
fn a_licence_is_read_in_every_orientation_and_in_a_mirror() {
    let card = card(1200);
    assert_is_the_licence(&read(&card).unwrap(), "upright");
    assert_is_the_licence(&read(&imageops::rotate180(&card)).unwrap(), "upside down");
    assert_is_the_licence(&read(&imageops::rotate90(&card)).unwrap(), "on its right side");
    assert_is_the_licence(&read(&imageops::rotate270(&card)).unwrap(), "on its left side");
    let mirrored = read(&imageops::flip_horizontal(&card)).unwrap();
    assert_is_the_licence(&mirrored, "in a mirror");
    assert!(mirrored.mirrored);
}

#[test]
fn a_card_on_a_table_is_found_and_its_lines_lie_where_they_are() {
    let mut table = table();
    let corners = [(330.0, 250.0), (1250.0, 330.0), (1290.0, 900.0), (270.0, 850.0)];
    on_a_table(&card(1200), corners, &mut table);
    let document = read(&table).unwrap();
    assert_is_the_licence(&document, "from the side");
    for (corner, (x, y)) in document.outline.iter().zip(corners) {
        let off = (corner.x - x).hypot(corner.y - y);
        assert!(off < 25.0, "{:?}", document.outline);
    }
    // The name stands a third of the way along the card and down it.
    let name = document
        .lines
        .iter()
        .find(|line| line.text.contains("MARLOWE"))
        .unwrap();
    let corner = name.polygon[0];
    assert!(
        (600.0..760.0).contains(&corner.x) && (420.0..560.0).contains(&corner.y),
        "{corner:?}"
    );
}

#[test]
fn what_is_not_one_document_is_said() {
    let mut table = table();
    let card = card(700);
    on_a_table(
        &card,
        [(60.0, 80.0), (760.0, 80.0), (760.0, 521.0), (60.0, 521.0)],
        &mut table,
    );
    on_a_table(
        &card,
        [(820.0, 650.0), (1520.0, 650.0), (1520.0, 1091.0), (820.0, 1091.0)],
        &mut table,
    );
    assert!(matches!(
        read(&table).err().unwrap(),
        Error::SeveralCards { cards: 2 }
    ));
    let blank = RgbImage::from_pixel(1000, 630, Rgb([236, 241, 246]));
    assert!(matches!(read(&blank).err().unwrap(), Error::NoDocument));
    let landscape = RgbImage::from_fn(900, 600, |_, y| {
        if y < 300 {
            Rgb([120, 160, 220])
        } else {
            Rgb([60, 130, 50])
        }
    });
    assert!(matches!(read(&landscape).err().unwrap(), Error::NoDocument));
}

#[test]
fn a_passport_is_read_by_its_zone_and_its_print() {
    let mut person = Person::example();
    let file = passport(&person, None).pdf();
    let document = reader().read(&file, &options()).unwrap();
    assert_eq!(document.kind, Kind::Passport);
    let zone = document.mrz.as_ref().unwrap();
    assert_eq!(zone.lines, td3(&person));
    assert!(zone.checks.iter().all(|check| check.holds));
    let number = &document.fields[&Field::DocumentNumber];
    assert_eq!(
        (number.reading.text.as_str(), number.source),
        ("K4417926", Source::Mrz)
    );
    assert_eq!(document.fields[&Field::DateOfIssue].source, Source::VisualZone);
    assert_eq!(text(&document, Field::Nationality), "UTO");
    assert!(document.findings.is_empty(), "{:?}", document.findings);

    // Another date in the print than in the zone.
    person.birth = date(1978, 4, 17);
    let forged = passport_with_zone(&Person::example(), &td3(&person), None);
    let document = reader().read(&forged.pdf(), &options()).unwrap();
    let disagreement = Finding::ZonesDisagree {
        field: Field::DateOfBirth,
    };
    assert!(
        document.findings.contains(&disagreement),
        "{:?}",
        document.findings
    );
    assert_eq!(
        document.fields[&Field::DateOfBirth].reading.date,
        Some(person.birth)
    );
}

#[test]
fn a_back_is_read_by_its_barcode() {
    let payload = "@\n\u{1e}\rANSI 636023080102DL00410160ZO02010008DLDAQK4417926\nDCSMARLOWE\nDDEN\nDACTESSA\nDDFN\nDADJUNE\nDDGN\nDCAD\n\
                   DCBNONE\nDCDNONE\nDBD04202023\nDBB04171988\nDBA04172031\nDBC2\nDAU067 in\nDAYBRO\nDAG1207 QUARRY LANE\nDAIDAYTON\n\
                   DAJOH\nDAK454020000  \nDCF2023042000001\nDCGUSA\rZOZOAN\r";
    let back = pdf417(payload, &Degradation::MODERATE, 3).unwrap();
    let document = reader().read(&back, &options()).unwrap();
    assert_eq!(document.kind, Kind::DriverLicenceBack);
    assert_eq!(document.barcodes[0].text, payload);
    for (field, expected) in [
        (Field::LastName, "MARLOWE"),
        (Field::FirstName, "TESSA"),
        (Field::DocumentNumber, "K4417926"),
        (Field::City, "DAYTON"),
        (Field::Issuer, "OH"),
        (Field::Sex, "F"),
    ] {
        let value = &document.fields[&field];
        assert_eq!(
            (value.reading.text.as_str(), value.source),
            (expected, Source::Barcode)
        );
    }
    assert_eq!(document.state_name().unwrap().0, "OHIO");
    assert_eq!(
        document.fields[&Field::DateOfBirth].reading.date,
        Some(Person::example().birth)
    );
}

#[test]
fn the_built_in_engine_reads_the_same() {
    let document = load(&Engine::rten())
        .read(&jpeg(&card(1000)), &options())
        .unwrap();
    assert_is_the_licence(&document, "rten");
}
