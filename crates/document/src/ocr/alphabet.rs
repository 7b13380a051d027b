//! The characters that a recogniser knows, by the number of its output.

/// What output 0 stands for in CTC: no character.
pub(crate) const BLANK: usize = 0;

/// Characters by output: nothing, those listed, a space.
pub(crate) struct Alphabet(Vec<Option<char>>);

impl Alphabet {
    /// From the file's list, a character per line. Characters of full width are those of half width here: documents in
    /// Latin script have no others.
    pub(super) fn new(listed: &str) -> Self {
        let listed = listed
            .split('\n')
            .map(|line| line.trim_end_matches('\r').chars().next());
        let characters = std::iter::once(None)
            .chain(listed.map(|character| character.map(half_width)))
            .chain(std::iter::once(Some(' ')));
        Self(characters.collect())
    }

    /// How many outputs there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The character of an output.
    pub(crate) fn character(&self, output: usize) -> Option<char> {
        self.0.get(output).copied().flatten()
    }
}

/// U+FF01 to U+FF5E are ASCII at another width (Unicode, *Halfwidth and Fullwidth Forms*); the others are what the network
/// takes Latin punctuation for.
fn half_width(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        '。' => '.',
        '、' => ',',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        '—' | '–' => '-',
        '\u{3000}' => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_nothing_the_list_and_a_space() {
        let alphabet = Alphabet::new("A\n＜\r\n。");
        assert_eq!(alphabet.len(), 5);
        let characters: Vec<_> = (0..6).map(|output| alphabet.character(output)).collect();
        assert_eq!(
            characters,
            [None, Some('A'), Some('<'), Some('.'), Some(' '), None]
        );
    }
}
