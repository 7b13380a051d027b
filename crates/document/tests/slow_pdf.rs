//! A PDF of a kilobyte that would be drawn for days. Alone in its process: what is abandoned runs on until the process ends.

use selfsame_document::silico::{Font, Sheet};
use selfsame_document::{Error, read_barcodes};

/// Forms that draw the next one ten times each, and a last one that fills a page: `10 ^ depth` fills.
fn nested(depth: usize) -> Vec<u8> {
    let stream = |about: &str, content: &str| {
        format!(
            "<< {about}/Length {} >>\nstream\n{content}\nendstream",
            content.len()
        )
    };
    let form = |next: usize, content: &str| {
        let resources = format!("/Resources << /XObject << /N {next} 0 R >> >> ");
        stream(
            &format!("/Type /XObject /Subtype /Form /BBox [0 0 200 100] {resources}"),
            content,
        )
    };
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << /XObject << /N 5 0 R >> >> >>"
            .to_owned(),
        stream("", "/N Do"),
    ];
    for level in 0..depth {
        objects.push(form(6 + level, &"/N Do ".repeat(10)));
    }
    objects.push(form(5, "1 0 0 rg 0 0 m 200 0 l 100 100 l f"));
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut table = b"0000000000 65535 f \n".to_vec();
    for (index, object) in objects.iter().enumerate() {
        table.extend(format!("{:010} 00000 n \n", file.len()).bytes());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    let (start, count) = (file.len(), objects.len() + 1);
    file.extend(format!("xref\n0 {count}\n").bytes());
    file.extend(table);
    file.extend(format!("trailer << /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}

#[test]
fn a_page_that_takes_for_ever_costs_one_request_and_keeps_others_out() {
    let mut sheet = Sheet::new(240.0, 150.0);
    let honest = sheet.text(10.0, 20.0, 12.0, Font::Bold, "NOTHING").pdf();
    // The same forms, few of them, are drawn.
    assert_eq!(read_barcodes(&nested(2)).unwrap(), []);
    assert_eq!(read_barcodes(&honest).unwrap(), []);

    let slow = nested(12);
    assert!(slow.len() < 4000, "{}", slow.len());
    let error = read_barcodes(&slow).unwrap_err();
    assert!(matches!(error, Error::SlowPdf { seconds: 5 }), "{error}");
    assert!(error.is_about_the_file());

    let error = read_barcodes(&honest).unwrap_err();
    assert!(matches!(error, Error::PdfBusy), "{error}");
    assert!(error.is_about_the_file() && error.is_busy());
}
