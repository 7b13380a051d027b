//! What all pages have in common: head, navigation, and pages that say no more than one sentence.

use std::fmt;

use super::escape::Escaped;

/// Characters of an ARN that stay as they are in a path.
const PLAIN: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b':')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Where the page of an execution is.
pub(super) fn address(arn: &str) -> String {
    format!("/executions/{}", encoded(arn))
}

/// A text as a part of an address.
pub(super) fn encoded(text: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(text, PLAIN)
}

/// The head of a page, and the way back from it.
pub(super) struct Head<'a> {
    pub(super) title: &'a str,
    /// After how many seconds the page is loaded again.
    pub(super) refresh_seconds: Option<u32>,
    /// Pages above this one: names and addresses.
    pub(super) above: &'a [(&'a str, String)],
}

impl fmt::Display for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n",
        )?;
        if let Some(seconds) = self.refresh_seconds {
            writeln!(f, "<meta http-equiv=\"refresh\" content=\"{seconds}\">")?;
        }
        write!(
            f,
            "<title>{} · Selfsame</title>\n<link rel=\"stylesheet\" href=\"/executions/style.css\">\n</head>\n<body>\n\
             <nav aria-label=\"Where this is\"><strong>Selfsame</strong>",
            Escaped(self.title)
        )?;
        for (name, address) in self.above {
            write!(f, "<a href=\"{}\">{}</a>", Escaped(address), Escaped(name))?;
        }
        f.write_str("</nav>\n<main>\n")
    }
}

/// The end of every page.
pub(super) const FOOT: &str = "</main>\n</body>\n</html>\n";

/// A page that says why there is no other one.
pub(crate) struct Notice<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    /// Whether the reader may see the list.
    pub(crate) link: bool,
}

impl fmt::Display for Notice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = [("Executions", "/executions".to_owned())];
        let head = Head {
            title: self.title,
            refresh_seconds: None,
            above: if self.link { &list } else { &[] },
        };
        let (title, text) = (Escaped(self.title), Escaped(self.text));
        write!(
            f,
            "{head}<section class=\"notice\"><h1>{title}</h1><p>{text}</p></section>{FOOT}"
        )
    }
}
