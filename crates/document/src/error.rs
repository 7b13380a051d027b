//! What can go wrong with a document, told apart by who can mend it.

use selfsame_vision::pack::RoleError;
use selfsame_vision::{decode, engine};

/// Why a document could not be read or the models not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be used; the text says what to send instead and may be shown to the client.
    #[error(transparent)]
    Image(#[from] decode::Error),
    /// The bytes are nothing that is read here.
    #[error("the bytes are neither an image nor a PDF: send a JPEG, PNG, WebP, TIFF or PDF file")]
    UnknownFormat,
    /// No PDF may be sent.
    #[error("PDF files are not read here: send a photo of the document")]
    PdfRefused,
    /// The PDF cannot be read.
    #[error("the PDF is damaged: send it again, or a photo of the document")]
    DamagedPdf,
    /// The PDF wants a password.
    #[error("the PDF is encrypted: send it without a password, or a photo of the document")]
    EncryptedPdf,
    /// More than one page, of which nobody can say which one is meant.
    #[error("the PDF has {pages} pages: send each page on its own")]
    SeveralPdfPages {
        /// How many.
        pages: usize,
    },
    /// The page asks for more drawing than any document needs.
    #[error(
        "the page of the PDF takes more than {seconds} s to draw: send a photo of the document, or the PDF printed anew"
    )]
    SlowPdf {
        /// How many seconds it was given.
        seconds: u64,
    },
    /// Another page is still being drawn; nothing is wrong with this one.
    #[error("another PDF is still being drawn: send this one again later, or a photo of the document now")]
    PdfBusy,
    /// Several documents, of which nobody can say which one is meant.
    #[error("there are {cards} documents in the picture: send a picture of each")]
    SeveralCards {
        /// How many.
        cards: usize,
    },
    /// Nothing that looks like a document.
    #[error(
        "no identity document can be read in the picture: hold it flat, fill the picture with it and avoid glare"
    )]
    NoDocument,
    /// The inference engine refused a model or an input.
    #[error("inference failed")]
    Engine(#[from] engine::Error),
    /// The pack lacks a model that is needed, or describes it in terms that are not understood.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// A model answered with a tensor of another shape.
    #[error("the {role} model does not behave as its manifest says: {reason}")]
    Output {
        /// The role.
        role: &'static str,
        /// What was seen.
        reason: String,
    },
}

impl Error {
    /// Whether the file is longer, or its picture larger, than is accepted.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        use decode::Error as Image;
        matches!(
            self,
            Self::Image(Image::TooLarge { .. } | Image::TooManyPixels { .. } | Image::SideTooLong { .. })
        )
    }

    /// Whether the file may be in order but is not what is read here.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        use decode::Error as Image;
        matches!(
            self,
            Self::Image(
                Image::UnsupportedFormat { .. }
                    | Image::UnsupportedFeature { .. }
                    | Image::SeveralPages { .. }
            ) | Self::UnknownFormat
                | Self::PdfRefused
                | Self::EncryptedPdf
                | Self::SeveralPdfPages { .. }
                | Self::SlowPdf { .. }
                | Self::PdfBusy
                | Self::SeveralCards { .. }
                | Self::NoDocument
        )
    }

    /// Whether the same file may be read later: nothing is wrong with it. Its text may be shown like that of the others.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::PdfBusy)
    }

    /// Whether who sent the file can do something about it; the text says what, and may be shown.
    #[must_use]
    pub fn is_about_the_file(&self) -> bool {
        self.is_unsupported() || matches!(self, Self::Image(_) | Self::DamagedPdf)
    }
}
