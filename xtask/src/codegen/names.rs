//! Names and documentation in the form of Rust.

/// Words of a name in any case: `S3Object`, `CollectionARN`, `AGE_RANGE`, `billedMemoryUsedInMB`.
fn words(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = vec![String::new()];
    for (index, &character) in characters.iter().enumerate() {
        if !character.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = index.checked_sub(1).map(|before| characters[before]);
        let after = characters.get(index + 1);
        let starts = character.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit() && index > 1
                    || before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase)
            });
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(character);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `collection_arn`.
pub(crate) fn snake(name: &str) -> String {
    let joined = words(name).join("_").to_ascii_lowercase();
    if ["type", "match", "ref", "static", "enum"].contains(&joined.as_str()) {
        format!("r#{joined}")
    } else {
        joined
    }
}

/// `COLLECTION_ARN`.
pub(crate) fn constant(name: &str) -> String {
    words(name).join("_").to_ascii_uppercase()
}

/// `CollectionArn`.
pub(crate) fn camel(name: &str) -> String {
    let capital = |word: String| {
        let (first, rest) = word.split_at(1);
        // `eyeLeft` has words already, `AGE_RANGE` shouts them.
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    };
    words(name).into_iter().map(capital).collect()
}

/// The first sentence of a text in AWS's HTML, for a documentation comment.
pub(crate) fn sentence(html: &str, otherwise: &str) -> String {
    let text = plain(html);
    let end = text
        .match_indices(". ")
        .map(|(at, _)| at)
        .find(|at| {
            !["e.g", "i.e", "etc", "vs"]
                .iter()
                .any(|short| text[..*at].ends_with(short))
        })
        .unwrap_or(text.len());
    let first = text[..end].trim().trim_end_matches(['.', ':']);
    if first.is_empty() || first.len() > 300 {
        return otherwise.to_owned();
    }
    let words: Vec<String> = first.split(' ').map(quoted).collect();
    format!("{}.", words.join(" "))
}

/// Without tags and entities; white space as single blanks.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' => inside = false,
            // What would mean something in Markdown.
            '`' | '*' | '[' | ']' | '\\' => {}
            _ if inside => {}
            _ => text.push(character),
        }
    }
    let text = text
        .replace("&lt;", "")
        .replace("&gt;", "")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Names of things in backticks.
fn quoted(word: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let Some(start) = word.find(is_part) else {
        return word.to_owned();
    };
    let end = word.rfind(is_part).map_or(word.len(), |end| end + 1);
    let core = &word[start..end];
    // `taskToken`, `CollectionId` and `JSONata`, but not `IDs`: at least what clippy takes for a name.
    let singular = core.strip_suffix('s').unwrap_or(core).as_bytes();
    let capitals = singular.iter().filter(|c| c.is_ascii_uppercase()).count();
    let humps = capitals > 1 && singular.iter().any(u8::is_ascii_lowercase)
        || singular
            .windows(2)
            .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let special = humps || core.contains(['_', '/', '<', '>', '$', '#', ':', '(', '=', '{']);
    if special {
        format!("{}`{core}`{}", &word[..start], &word[end..])
    } else {
        word.to_owned()
    }
}

/// The lines of a documentation comment.
pub(crate) fn doc(indent: &str, text: &str) -> String {
    wrapped(indent, "/// ", text)
}

/// Words in lines that are not too long, each with a prefix.
pub(crate) fn wrapped(indent: &str, prefix: &str, text: &str) -> String {
    let width = 110 - indent.len() - prefix.len();
    let mut lines = String::new();
    let mut line = String::new();
    let mut end = |line: &str| lines.extend([indent, prefix, line, "\n"]);
    for word in text.split(' ') {
        if !line.is_empty() {
            if line.len() + 1 + word.len() > width {
                end(&line);
                line.clear();
            } else {
                line.push(' ');
            }
        }
        line.push_str(word);
    }
    end(&line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_their_case() {
        for (name, expected_snake, expected_camel) in [
            ("CollectionARN", "collection_arn", "CollectionArn"),
            ("S3Object", "s3_object", "S3Object"),
            ("AGE_RANGE", "age_range", "AgeRange"),
            ("eyeLeft", "eye_left", "EyeLeft"),
            (
                "billedMemoryUsedInMB",
                "billed_memory_used_in_mb",
                "BilledMemoryUsedInMb",
            ),
            ("SDKType", "sdk_type", "SdkType"),
            ("Type", "r#type", "Type"),
            ("X", "x", "X"),
            ("ROTATE_90", "rotate_90", "Rotate90"),
            ("KmsKeyId", "kms_key_id", "KmsKeyId"),
        ] {
            assert_eq!(snake(name), expected_snake);
            assert_eq!(camel(name), expected_camel);
        }
    }

    #[test]
    fn documentation_is_one_sentence_without_markup() {
        assert_eq!(
            sentence(
                "<p>The ID of a <code>CollectionId</code>, e.g. x. More &lt;b&gt;.</p>",
                ""
            ),
            "The ID of a `CollectionId`, e.g. x."
        );
        assert_eq!(sentence("", "Member `X`."), "Member `X`.");
    }
}
