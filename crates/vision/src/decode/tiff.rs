//! How many pages a TIFF file has (TIFF 6.0, § 2): the codec reads the first one and does not tell.

/// Whether a second page follows the first. What is damaged has none; the codec will say so.
pub(super) fn has_several_pages(bytes: &[u8]) -> bool {
    next_page(bytes).is_some_and(|offset| offset != 0)
}

/// Where the second directory is, 0 for nowhere.
fn next_page(bytes: &[u8]) -> Option<u32> {
    /// Tag, type, count and value of an entry.
    const ENTRY_BYTES: usize = 12;
    let little = bytes.starts_with(b"II");
    let short = |at: usize| {
        let read = <[u8; 2]>::try_from(bytes.get(at..at.checked_add(2)?)?).ok()?;
        Some(if little {
            u16::from_le_bytes(read)
        } else {
            u16::from_be_bytes(read)
        })
    };
    let long = |at: usize| {
        let read = <[u8; 4]>::try_from(bytes.get(at..at.checked_add(4)?)?).ok()?;
        Some(if little {
            u32::from_le_bytes(read)
        } else {
            u32::from_be_bytes(read)
        })
    };
    let first = long(4)? as usize;
    let entries = usize::from(short(first)?);
    long(first.checked_add(2 + entries * ENTRY_BYTES)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_of_directories() {
        let with_next = |next: u8| {
            let mut file = b"II\x2a\0\x08\0\0\0\x01\0".to_vec();
            file.extend([0; 12]);
            file.extend([next, 0, 0, 0]);
            file
        };
        assert!(!has_several_pages(&with_next(0)));
        assert!(has_several_pages(&with_next(26)));
        assert!(!has_several_pages(b"MM\0\x2a\xff\xff\xff\xff"));
        assert!(!has_several_pages(b"II"));
    }
}
