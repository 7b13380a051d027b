//! A printed sheet: text and pictures at places, as a PDF file of one page (ISO 32000-1) that the reader of pages renders.

use std::fmt::Write as _;

use image::RgbImage;
use selfsame_vision::decode::Limits;

use crate::Error;
use crate::page::Page;

/// Two of the fonts that every PDF may expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Font {
    /// Helvetica.
    Sans,
    /// Helvetica Bold.
    Bold,
}

/// A sheet of paper or plastic, measured in points (1/72 inch) from its top left corner.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    width: f32,
    height: f32,
    content: String,
    /// JPEG files with their sizes in pixels.
    pictures: Vec<(Vec<u8>, u32, u32)>,
}

impl Sheet {
    /// An empty sheet in a light colour.
    #[must_use]
    pub fn new(width: f32, height: f32) -> Self {
        let mut sheet = Self {
            width,
            height,
            ..Self::default()
        };
        let _ = writeln!(
            sheet.content,
            "0.93 0.95 0.97 rg 0 0 {width} {height} re f 0.1 0.1 0.15 rg"
        );
        sheet
    }

    /// Writes a line of ASCII text whose baseline is `y` below the top.
    pub fn text(&mut self, x: f32, y: f32, size: f32, font: Font, text: &str) -> &mut Self {
        let font = match font {
            Font::Sans => "F1",
            Font::Bold => "F2",
        };
        let y = self.height - y;
        let escaped: String = text
            .chars()
            .flat_map(|c| match c {
                '(' | ')' | '\\' => vec!['\\', c],
                c if c.is_ascii() => vec![c],
                _ => vec!['?'],
            })
            .collect();
        let _ = writeln!(self.content, "BT /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET");
        self
    }

    /// Writes capitals, digits and fillers at one pitch, each in the middle of its cell, as the zones of documents are printed
    /// (OCR-B has nearly the shapes of Helvetica).
    pub fn monospaced(&mut self, x: f32, y: f32, size: f32, pitch: f32, text: &str) -> &mut Self {
        for (index, character) in text.chars().enumerate() {
            let left = x + pitch * index as f32 + (pitch - size * width(character)) / 2.0;
            self.text(left, y, size, Font::Bold, &character.to_string());
        }
        self
    }

    /// Draws a JPEG file into a rectangle; what is no JPEG is left out.
    pub fn jpeg(&mut self, x: f32, y: f32, width: f32, height: f32, file: &[u8]) -> &mut Self {
        let Ok(picture) = image::load_from_memory_with_format(file, image::ImageFormat::Jpeg) else {
            return self;
        };
        let bottom = self.height - y - height;
        let _ = writeln!(
            self.content,
            "q {width} 0 0 {height} {x} {bottom} cm /P{} Do Q",
            self.pictures.len()
        );
        self.pictures
            .push((file.to_vec(), picture.width(), picture.height()));
        self
    }

    /// The file.
    #[must_use]
    pub fn pdf(&self) -> Vec<u8> {
        let mut names = String::new();
        for index in 0..self.pictures.len() {
            let _ = write!(names, "/P{index} {} 0 R ", 7 + index);
        }
        let font = |name: &str| format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} >>").into_bytes();
        let page = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {} {}] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> \
             /XObject << {names}>> >> >>",
            self.width, self.height
        );
        let mut objects = vec![
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            page.into_bytes(),
            stream("", self.content.as_bytes()),
            font("Helvetica"),
            font("Helvetica-Bold"),
        ];
        objects.extend(self.pictures.iter().map(|(file, width, height)| {
            let about = format!(
                "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB /BitsPerComponent 8 \
                 /Filter /DCTDecode "
            );
            stream(&about, file)
        }));
        written(&objects)
    }

    /// What it looks like, 2 400 pixels on its longer side.
    pub fn picture(&self) -> Result<RgbImage, Error> {
        Ok(Page::load(&self.pdf(), &Limits::default())?.image)
    }
}

/// Width of a character of Helvetica Bold in its size (Adobe's font metrics).
const fn width(character: char) -> f32 {
    match character {
        'I' => 0.278,
        'J' | '0'..='9' => 0.556,
        '<' => 0.584,
        'F' | 'L' | 'T' | 'Z' => 0.611,
        'A' | 'B' | 'C' | 'D' | 'H' | 'K' | 'N' | 'R' | 'U' => 0.722,
        'G' | 'O' | 'Q' => 0.778,
        'M' => 0.833,
        'W' => 0.944,
        _ => 0.667,
    }
}

fn stream(about: &str, bytes: &[u8]) -> Vec<u8> {
    let mut object = format!("<< {about}/Length {} >>\nstream\n", bytes.len()).into_bytes();
    object.extend(bytes);
    object.extend(b"\nendstream");
    object
}

/// Objects, their table and the trailer.
fn written(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut table = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        file.extend(format!("{} 0 obj\n", index + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let (start, count) = (file.len(), objects.len() + 1);
    file.extend(format!("xref\n0 {count}\n{table}").bytes());
    file.extend(format!("trailer << /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}
