//! How wide texts are. Nobody knows which font a browser will take, so that these are generous guesses: a text that turns
//! out narrower leaves a little space, and none is ever wider than its box.

/// The size of the text in a node's first line, in pixels.
pub(super) const NAME_PX: f64 = 13.0;
/// The size of all smaller text, in pixels.
pub(super) const SMALL_PX: f64 = 11.0;

/// The width of a text in pixels, for a sans-serif font of this size.
pub(super) fn width(text: &str, size_px: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size_px
}

/// The width of a character as a part of the font's size: what Arial, Segoe UI, San Francisco and `DejaVu` Sans have at
/// most, semibold.
fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.33,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | ' ' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.98,
        'A'..='Z' | '=' | '<' | '>' | '≤' | '≥' | '+' | '&' => 0.76,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{ffdc}' | '\u{1f000}'.. => 1.05,
        _ => 0.65,
    }
}

/// The text, or as much of its beginning as fits with three dots after it.
pub(super) fn fit(text: &str, size_px: f64, most_px: f64) -> String {
    if width(text, size_px) <= most_px {
        return text.to_owned();
    }
    let mut left = most_px / size_px - em('…');
    let kept: String = text
        .chars()
        .take_while(|c| {
            left -= em(*c);
            left >= 0.0
        })
        .collect();
    format!("{}…", kept.trim_end())
}

/// The text in one line, or in two if it does not fit: broken where a word ends, also in the middle of `oneWordLikeThis`.
pub(super) fn lines(text: &str, size_px: f64, most_px: f64) -> Vec<String> {
    if width(text, size_px) <= most_px {
        return vec![text.to_owned()];
    }
    let rest = |at: usize| text.get(at..).unwrap_or_default().trim_start();
    let first = |at: usize| text.get(..at).unwrap_or_default().trim_end();
    let width = |text: &str| width(text, size_px);
    let fitting = word_ends(text)
        .into_iter()
        .filter(|at| width(first(*at)) <= most_px);
    // As even as possible; what is too long for two lines is cut as late as possible.
    let longer = |at: &usize| width(first(*at)).max(width(rest(*at)));
    match fitting.min_by(|left, right| longer(left).total_cmp(&longer(right))) {
        Some(at) => vec![first(at).to_owned(), fit(rest(at), size_px, most_px)],
        None => vec![fit(text, size_px, most_px)],
    }
}

/// Where a line may end: before a space or a capital letter, after a hyphen or an underscore.
fn word_ends(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let hump = c.is_uppercase() && before.is_lowercase();
        if at > 0 && (c == ' ' || hump || matches!(before, '-' | '_' | '.' | ':')) {
            ends.push(at);
        }
        before = c;
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_whole() {
        assert_eq!(fit("Search", NAME_PX, 200.0), "Search");
        assert_eq!(lines("Search the faces", NAME_PX, 200.0), ["Search the faces"]);
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        for text in ["a".repeat(80), "界".repeat(80), "M".repeat(80)] {
            let cut = fit(&text, NAME_PX, 150.0);
            assert!(cut.ends_with('…') && cut.chars().count() > 8, "{cut}");
            assert!(width(&cut, NAME_PX) <= 150.0, "{cut}");
        }
    }

    #[test]
    fn lines_end_with_words() {
        assert_eq!(
            lines("Search among all the faces that are enrolled", NAME_PX, 200.0),
            ["Search among all the", "faces that are enrolled"]
        );
        assert_eq!(
            lines("SearchAmongAllTheFacesThatAreEnrolled", NAME_PX, 200.0),
            ["SearchAmongAllThe", "FacesThatAreEnrolled"]
        );
        let long = lines(
            "SearchAmongAllTheFacesThatAreEnrolledAndThenSomeMoreOfThem",
            NAME_PX,
            200.0,
        );
        assert_eq!(long.len(), 2);
        assert!(long[1].ends_with('…'), "{long:?}");
        assert_eq!(lines(&"a".repeat(80), NAME_PX, 200.0).len(), 1);
    }
}
