//! The outermost layers of an ONNX file, checked before an engine sees it: the built-in engine never returns from some
//! damaged files, and a download that turned out to be a web page should be called that.

/// Whether the bytes are a protocol buffer message that holds a graph, which is one too. What is inside the graph's
/// parts is left to the engine.
pub(super) fn check(bytes: &[u8]) -> Result<(), &'static str> {
    /// `ModelProto.graph` in onnx.proto.
    const GRAPH: u64 = 7;
    let mut graph = None;
    for field in Fields(bytes) {
        let (number, content) = field?;
        if number == GRAPH {
            graph = content;
        }
    }
    let graph = graph.ok_or("it holds no graph")?;
    Fields(graph).try_for_each(|field| field.map(|_| ()))
}

/// What the file says of itself under `key`; the last one counts, as in every protocol buffer.
pub(super) fn metadata<'a>(bytes: &'a [u8], key: &str) -> Option<&'a str> {
    /// `ModelProto.metadata_props`, a list of `StringStringEntryProto` with `key` (1) and `value` (2).
    const METADATA: u64 = 14;
    let part = |entry: &'a [u8], wanted: u64| {
        let parts = Fields(entry).map_while(Result::ok);
        let found = parts.filter(|(number, _)| *number == wanted).last()?.1?;
        std::str::from_utf8(found).ok()
    };
    let entries = Fields(bytes)
        .map_while(Result::ok)
        .filter(|(number, _)| *number == METADATA);
    let named = entries.filter_map(|(_, entry)| entry.filter(|entry| part(entry, 1) == Some(key)));
    part(named.last()?, 2)
}

/// The number of a field, and its bytes if it has a length (protobuf.dev/programming-guides/encoding).
type Field<'a> = (u64, Option<&'a [u8]>);

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        // Ten groups of seven bits hold 64.
        for shift in (0..70).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (content, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(content)
    }

    fn field(&mut self) -> Option<Field<'a>> {
        let tag = self.varint()?;
        let content = match tag & 7 {
            0 => self.varint().map(|_| None),
            1 => self.take(8).map(|_| None),
            2 => {
                let length = self.varint()?;
                self.take(length).map(Some)
            }
            5 => self.take(4).map(|_| None),
            _ => None,
        }?;
        (tag >> 3 != 0).then_some((tag >> 3, content))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field().ok_or("it is not an ONNX file, or damaged");
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_says_of_itself() {
        let entry = |key: &str, value: &str| {
            let (key, value) = (key.as_bytes(), value.as_bytes());
            let mut entry = vec![0x0a, key.len() as u8];
            entry.extend(key);
            entry.extend([0x12, value.len() as u8]);
            entry.extend(value);
            let mut field = vec![0x72, entry.len() as u8];
            field.extend(entry);
            field
        };
        let file = [entry("shape", "[48,320]"), entry("character", "a\nb")].concat();
        assert_eq!(metadata(&file, "character"), Some("a\nb"));
        assert_eq!(metadata(&file, "shape"), Some("[48,320]"));
        assert_eq!(metadata(&file, "charac"), None);
        assert_eq!(metadata(&file[..file.len() - 1], "character"), None);
    }

    #[test]
    fn only_messages_with_a_graph_pass() {
        // ir_version 8; a graph with the name "g".
        assert_eq!(check(&[0x08, 8, 0x3a, 3, 0x12, 1, b'g']), Ok(()));
        assert_eq!(check(&[0x08, 8]), Err("it holds no graph"));
        let damaged = Err("it is not an ONNX file, or damaged");
        for bytes in [
            &b"<html>not found</html>"[..],
            &[0xff; 4096],
            &[0],
            &[0x3a, 200, 0x12],
            &[0x3a, 3, 0x12, 2, b'g'],
            &[0x3b],
        ] {
            assert_eq!(check(bytes), damaged, "{bytes:?}");
        }
    }
}
