//! PDF files of one page, rendered in process (crate hayro: safe Rust, no scripts, no network, no files of its own). What it
//! cannot render stays white.
//!
//! Hayro bounds how deep forms and patterns nest (50), not how long a page takes: a few hundred bytes of forms in forms
//! draw for years. So it renders behind a [`Gate`].

use std::time::Duration;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::RgbImage;
use selfsame_vision::decode;

use super::Page;
use super::gate::{Gate, Refusal};
use crate::Error;

/// The one place where pages are rendered.
static GATE: Gate = Gate::new();

/// How long a page may take. One of print takes 0.1 to 0.2 s on a slow core (`cargo test -p selfsame-document --test slow_pdf`
/// draws two besides its deadline); a busy machine has twenty times that.
const DEADLINE: Duration = Duration::from_secs(5);

/// The longer side of what is rendered: a card that fills a third of an A4 scan has 800 pixels then.
const LONG_SIDE_PX: f32 = 2400.0;
/// Pages are at least so large in points (1/72 inch), that nothing is magnified without end.
const LEAST_SIDE_POINTS: f32 = 16.0;
/// The header stands within the first bytes (Adobe, *PDF Reference*, 1.7, appendix H.3, implementation note 13, says 1024).
const HEADER_WITHIN_BYTES: usize = 1024;

/// Whether the bytes announce a PDF.
pub(super) fn is_pdf(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEADER_WITHIN_BYTES)];
    head.windows(5).any(|window| window == b"%PDF-")
}

/// Renders the only page on white, of a file of at most so many bytes; 0 for none.
pub(super) fn render(bytes: &[u8], max_bytes: usize) -> Result<Page, Error> {
    if max_bytes == 0 {
        return Err(Error::PdfRefused);
    }
    if bytes.len() > max_bytes {
        return Err(Error::Image(decode::Error::TooLarge {
            size_bytes: bytes.len(),
            limit_bytes: max_bytes,
        }));
    }
    let bytes = bytes.to_vec();
    match GATE.run(DEADLINE, move || render_only_page(bytes)) {
        Ok(page) => page,
        // Fuzzed and written in safe Rust, yet a panic in it must cost one request only.
        Err(Refusal::Panicked(_)) => Err(Error::DamagedPdf),
        Err(Refusal::Slow) => Err(Error::SlowPdf {
            seconds: DEADLINE.as_secs(),
        }),
        Err(Refusal::Busy | Refusal::NoThread) => Err(Error::PdfBusy),
    }
}

fn render_only_page(bytes: Vec<u8>) -> Result<Page, Error> {
    let pdf = Pdf::new(bytes).map_err(|error| match error {
        hayro::hayro_syntax::LoadPdfError::Decryption(_) => Error::EncryptedPdf,
        hayro::hayro_syntax::LoadPdfError::Invalid => Error::DamagedPdf,
    })?;
    let [page] = &pdf.pages()[..] else {
        return Err(match pdf.pages().len() {
            0 => Error::DamagedPdf,
            pages => Error::SeveralPdfPages { pages },
        });
    };
    let (width, height) = page.render_dimensions();
    if !(width >= LEAST_SIDE_POINTS && height >= LEAST_SIDE_POINTS) {
        return Err(Error::DamagedPdf);
    }
    let scale = LONG_SIDE_PX / width.max(height);
    let settings = PixmapSettings {
        x_scale: scale,
        y_scale: scale,
        bg_color: WHITE,
    };
    let pixmap = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &settings,
    );
    // On white nothing is transparent, so the colours are not multiplied by anything.
    let pixels: Vec<u8> = pixmap
        .data()
        .iter()
        .flat_map(|pixel| [pixel.r, pixel.g, pixel.b])
        .collect();
    let (width_px, height_px) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    let image = RgbImage::from_raw(width_px, height_px, pixels).ok_or(Error::DamagedPdf)?;
    Ok(Page {
        image,
        width_px,
        height_px,
    })
}

#[cfg(test)]
mod tests {
    use selfsame_vision::decode::Limits;

    use super::*;

    /// A page of 200 × 100 points with a black square in its lower left quarter, `pages` times.
    fn pdf(pages: usize) -> Vec<u8> {
        let mut file = b"%PDF-1.4\n".to_vec();
        let mut offsets = Vec::new();
        let mut object = |file: &mut Vec<u8>, text: String| {
            offsets.push(file.len());
            let number = offsets.len();
            file.extend(format!("{number} 0 obj\n{text}\nendobj\n").bytes());
        };
        let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", page + 4)).collect();
        object(&mut file, "<< /Type /Catalog /Pages 2 0 R >>".to_owned());
        object(
            &mut file,
            format!("<< /Type /Pages /Kids [{}] /Count {pages} >>", kids.join(" ")),
        );
        let content = "0 0 0 rg 0 0 100 50 re f";
        object(
            &mut file,
            format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        );
        for _ in 0..pages {
            let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 3 0 R >>";
            object(&mut file, page.to_owned());
        }
        let start = file.len();
        file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", offsets.len() + 1).bytes());
        for offset in &offsets {
            file.extend(format!("{offset:010} 00000 n \n").bytes());
        }
        file.extend(
            format!(
                "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
                offsets.len() + 1
            )
            .bytes(),
        );
        file
    }

    #[test]
    fn the_only_page_is_rendered() {
        let page = Page::load(&pdf(1), &Limits::default()).unwrap();
        assert_eq!((page.width_px, page.height_px), (2400, 1200));
        assert_eq!(page.image.get_pixel(600, 900).0, [0, 0, 0]);
        assert_eq!(page.image.get_pixel(1800, 300).0, [255, 255, 255]);
    }

    #[test]
    fn only_pdfs_have_the_limit_of_pdfs() {
        let load = |bytes: &[u8], max_pdf_bytes| {
            Page::load_within(bytes, &Limits::default(), max_pdf_bytes).map(|page| page.width_px)
        };
        let file = pdf(1);
        assert_eq!(load(&file, file.len()).unwrap(), 2400);
        let long = load(&file, file.len() - 1).unwrap_err();
        assert!(long.is_too_large(), "{long}");
        let none = load(&file, 0).unwrap_err();
        assert!(matches!(none, Error::PdfRefused) && none.is_unsupported());
        assert!(matches!(load(b"a photo", 0), Err(Error::UnknownFormat)));
    }

    #[test]
    fn what_is_not_one_page_is_refused() {
        let load = |bytes: &[u8]| Page::load(bytes, &Limits::default()).err().unwrap();
        assert!(matches!(load(&pdf(2)), Error::SeveralPdfPages { pages: 2 }));
        assert!(matches!(load(b"%PDF-1.7 and nothing else"), Error::DamagedPdf));
        let short = Limits {
            max_bytes: 100,
            ..Limits::default()
        };
        let error = Page::load(&pdf(1), &short).err().unwrap();
        assert!(matches!(error, Error::Image(decode::Error::TooLarge { .. })));
    }
}
