//! A card's lines cut into pieces: a label with what follows it, or text without a label. It keeps the words as they
//! were read and says where each piece stands; it never decides what a field says.

use selfsame_types::Point;

use super::geometry::{Frame, slice};
use super::labels::{self, Label, Tag};
use super::text::{plain_text, tidy};
use super::values;
use crate::Line;

/// Part of a line: at most one label, then its value.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) tag: Option<Tag>,
    /// Whether the number of the element was seen.
    pub(super) marked: bool,
    /// Letters of the label's word; 0 with only a number.
    pub(super) letters: usize,
    /// The text without the label, tidied. Empty when the label stands alone.
    pub(super) text: String,
    /// Where the text stands, or the label when it is alone.
    pub(super) frame: Frame,
    pub(super) polygon: [Point; 4],
    /// Where the label begins, or the text when there is none.
    pub(super) left: f32,
    pub(super) confidence: f32,
}

/// All pieces of a card.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) pieces: Vec<Piece>,
    /// Height of the type that most of the card is printed in, in pixels.
    pub(super) type_height: f32,
    /// Height of the card in pixels.
    pub(super) height: f32,
}

impl Page {
    /// The page of a US or Canadian card.
    pub(super) fn new(lines: &[Line], height: f32) -> Self {
        let mut pieces = Vec::new();
        for line in lines.iter().filter(|line| runs_across(line)) {
            cut(line, &mut pieces);
        }
        pair_names(&mut pieces);
        Self::of_pieces(pieces, height)
    }

    /// A page whose lines are each one piece; `caption` says which are captions, and what value follows in the line.
    pub(super) fn of_lines(
        lines: &[Line],
        height: f32,
        caption: impl Fn(&str) -> Option<(Tag, String)>,
    ) -> Self {
        let pieces = lines.iter().filter(|line| runs_across(line)).filter_map(|line| {
            let found = caption(&line.text);
            let tag = found.as_ref().map(|(tag, _)| *tag);
            let text = found.map_or_else(|| tidy(&line.text), |(_, value)| value);
            let (marked, letters) = (false, 0);
            let frame = Frame::of(&line.polygon)?;
            let confidence = certainty(line);
            Some(Piece {
                tag,
                marked,
                letters,
                text,
                frame,
                polygon: line.polygon,
                left: frame.left,
                confidence,
            })
        });
        Self::of_pieces(pieces.collect(), height)
    }

    fn of_pieces(pieces: Vec<Piece>, height: f32) -> Self {
        let mut heights: Vec<f32> = pieces.iter().map(|piece| piece.frame.height()).collect();
        heights.sort_by(f32::total_cmp);
        let type_height = heights.get(heights.len() / 2).copied().unwrap_or(1.0).max(1.0);
        let lowest = pieces.iter().map(|piece| piece.frame.bottom).fold(1.0, f32::max);
        let height = if height.is_finite() && height > 0.0 {
            height
        } else {
            lowest
        };
        Self {
            pieces,
            type_height,
            height,
        }
    }

    /// How many pieces show the number of their element.
    pub(super) fn numbered(&self) -> usize {
        self.pieces.iter().filter(|piece| piece.marked).count()
    }

    /// The pieces that may hold the value of the label `at`: to its right in the row, the nearest first, then below it.
    pub(super) fn beside(&self, at: usize) -> Vec<usize> {
        let mut found = self.right_of(at);
        found.extend(self.below(at));
        found
    }

    /// Pieces without a label to the right in the same row, up to the next label there.
    pub(super) fn right_of(&self, at: usize) -> Vec<usize> {
        let label = &self.pieces[at].frame;
        let reach = 9.0 * self.type_height.max(label.height());
        let mut row: Vec<usize> = (0..self.pieces.len())
            .filter(|index| {
                let other = &self.pieces[*index].frame;
                *index != at
                    && other.left > label.left
                    && other.left - label.right > -0.6 * label.height()
                    && other.left - label.right < reach
                    && label.row_overlap(other) >= 0.4
            })
            .collect();
        row.sort_by(|one, other| {
            self.pieces[*one]
                .frame
                .left
                .total_cmp(&self.pieces[*other].frame.left)
        });
        row.into_iter()
            .take_while(|index| self.pieces[*index].tag.is_none())
            .collect()
    }

    /// Pieces without a label below, the nearest first.
    pub(super) fn below(&self, at: usize) -> Vec<usize> {
        let label = &self.pieces[at].frame;
        let unit = label.height().max(0.8 * self.type_height);
        let mut found: Vec<(f32, usize)> = (0..self.pieces.len())
            .filter(|index| *index != at && self.pieces[*index].tag.is_none())
            .filter_map(|index| {
                let other = &self.pieces[index].frame;
                let gap = other.top - label.bottom;
                let aligned =
                    (other.left - label.left).abs() < 2.5 * unit || label.overlap_x(other) > 0.5 * unit;
                let under = other.middle_y() > label.middle_y() + 0.5 * unit;
                let near = gap > -0.6 * unit && gap < 1.2 * unit;
                let distance = gap.max(0.0) + 0.2 * (other.left - label.left).abs();
                (aligned && under && near).then_some((distance, index))
            })
            .collect();
        found.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        found.into_iter().map(|(_, index)| index).collect()
    }
}

/// Whether a line has a place and runs from left to right. Ghost images and watermarks that run up the card repeat what
/// is printed elsewhere.
fn runs_across(line: &Line) -> bool {
    Frame::of(&line.polygon).is_some_and(|frame| {
        let upright = frame.height() > 1.5 * frame.width() && line.text.chars().count() > 2;
        !upright && frame.width() > 0.0
    })
}

fn certainty(line: &Line) -> f32 {
    if line.confidence.is_finite() {
        line.confidence.clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// `LNDOE` above `FNANN`: two lines that begin with these letters, one under the other, are the names with their
/// labels. One alone may be a name.
fn pair_names(pieces: &mut [Piece]) {
    let begins = |piece: &Piece, label: &str| {
        let rest = piece.text.strip_prefix(label).unwrap_or_default();
        piece.tag.is_none() && rest.chars().count() >= 2 && rest.starts_with(char::is_alphabetic)
    };
    let mut pairs = Vec::new();
    for (family, upper) in pieces.iter().enumerate().filter(|(_, piece)| begins(piece, "LN")) {
        let given = pieces
            .iter()
            .enumerate()
            .filter(|(_, piece)| begins(piece, "FN"))
            .find(|(_, lower)| {
                let (upper, lower) = (&upper.frame, &lower.frame);
                let unit = upper.height().max(lower.height());
                (upper.left - lower.left).abs() < unit
                    && (lower.middle_y() - upper.middle_y()).abs() < 2.5 * unit
            });
        pairs.extend(given.map(|(given, _)| (family, given)));
    }
    for (family, given) in pairs {
        for (index, tag) in [(family, Tag::FamilyName), (given, Tag::GivenNames)] {
            if pieces[index].tag.is_none() {
                pieces[index].tag = Some(tag);
                pieces[index].text = pieces[index].text.split_off(2);
            }
        }
    }
}

/// Cuts a line at its labels.
fn cut(line: &Line, pieces: &mut Vec<Piece>) {
    let text: Vec<char> = plain_text(&line.text).chars().collect();
    let mut starts: Vec<(usize, Option<Label>)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if let Some(label) = label_at(&text, at, &starts) {
            starts.push((at, Some(label)));
            at = label.end.max(at + 1);
        } else {
            if at == 0 {
                // Names are in capitals: a number and small letters in one word are no number of an element.
                let word = line
                    .text
                    .chars()
                    .skip(1)
                    .take_while(|letter| letter.is_alphanumeric());
                let small = word.filter(|letter| letter.is_lowercase()).count() > 1;
                let bare = labels::bare_mark(&text)
                    .filter(|(tag, _)| !small || !matches!(tag, Tag::FamilyName | Tag::GivenNames));
                starts.push((
                    0,
                    bare.map(|(tag, end)| Label {
                        tag,
                        end,
                        letters: 0,
                        marked: true,
                        near: false,
                    }),
                ));
                at = bare.map_or(1, |(_, end)| end.max(1));
                continue;
            }
            at += 1;
        }
    }
    for (index, (start, label)) in starts.iter().enumerate() {
        let end = starts.get(index + 1).map_or(text.len(), |(next, _)| *next);
        pieces.extend(piece(line, text.len(), *start, *label, end));
    }
}

fn piece(line: &Line, length: usize, start: usize, label: Option<Label>, end: usize) -> Option<Piece> {
    let chars: Vec<char> = line.text.chars().collect();
    let from = label.map_or(start, |label| label.end).min(end);
    let value: String = chars.get(from..end)?.iter().collect();
    let text = tidy(&value);
    if text.is_empty() && label.is_none() {
        return None;
    }
    let part = |index: usize| index as f32 / length.max(1) as f32;
    let lead = value
        .find(text.as_str())
        .map_or(0, |bytes| value[..bytes].chars().count());
    let (first, last) = if text.is_empty() {
        (start, end)
    } else {
        (from + lead, (from + lead + text.chars().count()).min(end))
    };
    let polygon = slice(&line.polygon, part(first), part(last));
    Some(Piece {
        tag: label.map(|label| label.tag),
        marked: label.is_some_and(|label| label.marked),
        letters: label.map_or(0, |label| label.letters),
        text,
        frame: Frame::of(&polygon)?,
        left: Frame::of(&slice(&line.polygon, part(start), part(last)))?.left,
        polygon,
        confidence: certainty(line),
    })
}

/// Words that are labels only at the start of a line, or after their number: elsewhere they are words like others.
fn weak(label: Label) -> bool {
    let short = label.letters <= 2 && !matches!(label.tag, Tag::Height | Tag::Weight);
    short
        || matches!(
            label.tag,
            Tag::FamilyName | Tag::GivenNames | Tag::FullName | Tag::Address
        )
}

/// A label that begins at `at`, with or without its number.
fn label_at(text: &[char], at: usize, before: &[(usize, Option<Label>)]) -> Option<Label> {
    (at..(at + 5).min(text.len())).find_map(|word| {
        labels::words_at(text, word).into_iter().find_map(|mut label| {
            label.marked = word > at;
            let numbered = !label.marked
                || labels::mark_before(text, at, word, label.tag)
                || stray(text, at, word, label);
            if label.letters > 2 {
                label.end = past_second_language(text, label.end);
            }
            (numbered && begins(text, at, word, label, before) && ends(text, at, label)).then_some(label)
        })
    })
}

/// A stroke that was read as a digit before a label of the description: `1 HT 5'-07"`.
fn stray(text: &[char], at: usize, word: usize, label: Label) -> bool {
    let described = matches!(
        label.tag,
        Tag::Sex | Tag::Height | Tag::Weight | Tag::Eyes | Tag::Hair
    );
    let apart = text.get(label.end).is_none_or(|next| !next.is_alphanumeric());
    described
        && apart
        && !label.near
        && word == at + 2
        && text[at + 1] == ' '
        && matches!(text[at], '1' | 'I' | '|')
}

/// Past the same label in a second language, which Canadian cards set after a stroke (`SEX/SEXE`).
fn past_second_language(text: &[char], end: usize) -> usize {
    let word = text
        .get(end + 1..)
        .unwrap_or_default()
        .iter()
        .take_while(|letter| letter.is_alphabetic())
        .count();
    let apart = text
        .get(end + 1 + word)
        .is_none_or(|next| !next.is_alphanumeric());
    if text.get(end) == Some(&'/') && word >= 2 && apart {
        end + 1 + word
    } else {
        end
    }
}

/// Whether a label may begin here: at the start, after something that is no letter or digit, or after a whole value.
fn begins(text: &[char], at: usize, word: usize, label: Label, before: &[(usize, Option<Label>)]) -> bool {
    if at == 0 {
        return true;
    }
    if (weak(label) || label.near) && !label.marked {
        return false;
    }
    // Inside a line without a label at its start only a numbered one counts: streets are called LANDS END, too.
    let Some((_, Some(last))) = before.last() else {
        // `M HT 5'-07"`: the sex belongs to a label that was read apart.
        let described = matches!(label.tag, Tag::Height | Tag::Weight | Tag::Eyes) && !label.marked;
        let after_sex = matches!(text[..at], ['M' | 'F' | 'X', ' ']);
        let marked = label.marked && !text[at - 1].is_alphanumeric() && label.letters > 2;
        return marked || described && after_sex;
    };
    if matches!(last.tag, Tag::Address | Tag::FamilyName | Tag::GivenNames) && !label.marked {
        return false;
    }
    let previous = text[at - 1];
    let number: String = text[at..word].iter().collect();
    let exact = label.tag.mark() == Some(number.trim_matches([' ', '.']));
    if !previous.is_alphanumeric() {
        // What follows a dash or a stroke (`5'-05EYES`) is part of a value.
        return exact || number.is_empty() || previous == ' ';
    }
    let value: String = text[last.end.min(at)..at].iter().collect();
    let whole = number.is_empty() && values::complete(last.tag, &value);
    exact && label.letters > 1 || whole || number.is_empty() && previous.is_ascii_digit() && label.letters > 3
}

/// Whether what comes after the word lets it be a label.
fn ends(text: &[char], at: usize, label: Label) -> bool {
    let rest = &text[label.end.min(text.len())..];
    let next = rest.first().copied().unwrap_or(' ');
    if next.is_alphanumeric() {
        return values::follows(label.tag, label.marked, label.letters, rest);
    }
    let value: String = rest.iter().collect();
    let value = tidy(&value);
    let announced = matches!(next, ':' | '#');
    match label.tag {
        // `ID` and `DL` are also what the document is called, `FIRST` a word.
        Tag::Number => value.is_empty() || values::number(&value).is_some(),
        Tag::FullName | Tag::County => value.is_empty() || announced,
        Tag::FamilyName | Tag::GivenNames if label.letters <= 5 => {
            value.is_empty() || announced || label.marked || at == 0 && label.letters == 2
        }
        Tag::Class | Tag::Endorsements | Tag::Restrictions if label.letters <= 2 => label.marked || announced,
        Tag::Height | Tag::Weight if label.letters <= 2 => {
            let number = value.starts_with(|first: char| first.is_ascii_digit());
            label.marked || announced || value.is_empty() || number
        }
        Tag::Birth | Tag::Issue if matches!(label.letters, 4 | 5) => {
            value.is_empty() || announced || value.starts_with(|first: char| first.is_ascii_digit())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visual::testing::line;

    fn pieces(text: &str) -> Vec<(Option<Tag>, String)> {
        let page = Page::new(&[line(text, 0.0, 0.0)], 400.0);
        page.pieces
            .into_iter()
            .map(|piece| (piece.tag, piece.text))
            .collect()
    }

    #[test]
    fn glued_rows_come_apart() {
        assert_eq!(
            pieces("15SEXM16HGT5'-0617WGT180 Ib"),
            [
                (Some(Tag::Sex), "M".to_owned()),
                (Some(Tag::Height), "5'-06".to_owned()),
                (Some(Tag::Weight), "180 Ib".to_owned()),
            ]
        );
        assert_eq!(
            pieces("4dDLN 5551234443DOB03/05/1960"),
            [
                (Some(Tag::Number), "555123444".to_owned()),
                (Some(Tag::Birth), "03/05/1960".to_owned())
            ]
        );
        assert_eq!(
            pieces("SEXFHGT5'-05EYESBLU"),
            [
                (Some(Tag::Sex), "F".to_owned()),
                (Some(Tag::Height), "5'-05".to_owned()),
                (Some(Tag::Eyes), "BLU".to_owned()),
            ]
        );
    }

    #[test]
    fn words_that_begin_like_labels_stay_whole() {
        assert_eq!(
            pieces("2 CLASSIE"),
            [(Some(Tag::GivenNames), "CLASSIE".to_owned())]
        );
        assert_eq!(pieces("1SEXTON"), [(Some(Tag::FamilyName), "SEXTON".to_owned())]);
        assert_eq!(pieces("77 LANDS END RD"), [(None, "77 LANDS END RD".to_owned())]);
        assert_eq!(
            pieces("RESTON, VA 20190"),
            [(None, "RESTON, VA 20190".to_owned())]
        );
        assert_eq!(pieces("BOISE ID 83703"), [(None, "BOISE ID 83703".to_owned())]);
        assert_eq!(pieces("DOBSON"), [(None, "DOBSON".to_owned())]);
    }

    #[test]
    fn misread_and_bilingual_labels_are_labels() {
        let labelled = |tag: Tag, text: &str| (Some(tag), text.to_owned());
        assert_eq!(
            pieces("1 HT 5'-07\""),
            [(Some(Tag::Height), "5'-07\"".to_owned())]
        );
        assert_eq!(
            pieces("M HT 5-07"),
            [(None, "M".to_owned()), labelled(Tag::Height, "5-07")]
        );
        assert_eq!(pieces("Endorsemenes"), [(Some(Tag::Endorsements), String::new())]);
        assert_eq!(
            pieces("4d NUMBER/NUM\u{c9}RO"),
            [(Some(Tag::Number), String::new())]
        );
        assert_eq!(
            pieces("SEX F EYES BLU HT 5-08"),
            [
                labelled(Tag::Sex, "F"),
                labelled(Tag::Eyes, "BLU"),
                labelled(Tag::Height, "5-08")
            ]
        );
        assert_eq!(pieces("15 SEX/SEXE F"), [(Some(Tag::Sex), "F".to_owned())]);
        assert_eq!(
            pieces("9CLASSC9aENDNONE"),
            [
                (Some(Tag::Class), "C".to_owned()),
                (Some(Tag::Endorsements), "NONE".to_owned()),
            ]
        );
    }

    #[test]
    fn a_row_of_labels_is_several_labels() {
        let tags: Vec<Option<Tag>> = pieces("15 SEX 16 HGT 17 WGT 18 EYES 19 HAIR")
            .into_iter()
            .map(|(tag, _)| tag)
            .collect();
        assert_eq!(
            tags,
            [Tag::Sex, Tag::Height, Tag::Weight, Tag::Eyes, Tag::Hair].map(Some)
        );
    }
}
