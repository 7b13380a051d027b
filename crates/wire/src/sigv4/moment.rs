//! The compact form of ISO 8601 in which signatures name their moment: `20150830T123600Z`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Reads `YYYYMMDDTHHMMSSZ`; nothing else is a moment.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i16> {
        bytes[from..to].iter().try_fold(0, |number, byte| {
            byte.is_ascii_digit()
                .then(|| number * 10 + i16::from(byte - b'0'))
        })
    };
    let short = |from: usize| -> Option<i8> { i8::try_from(number(from, from + 2)?).ok() };
    let civil = DateTime::new(
        number(0, 4)?,
        short(4)?,
        short(6)?,
        short(9)?,
        short(11)?,
        short(13)?,
        0,
    );
    Offset::UTC.to_timestamp(civil.ok()?).ok()
}

/// Writes it; fractions of a second are dropped.
pub(super) fn format(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Its day: `20150830`.
pub(super) fn day(moment: Timestamp) -> String {
    moment.strftime("%Y%m%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_and_written() {
        let moment: Timestamp = "2015-08-30T12:36:07.25Z".parse().unwrap();
        assert_eq!(format(moment), "20150830T123607Z");
        assert_eq!(day(moment), "20150830");
        assert_eq!(parse("20150830T123607Z"), "2015-08-30T12:36:07Z".parse().ok());
        assert_eq!(parse("20240229T000000Z"), "2024-02-29T00:00:00Z".parse().ok());
    }

    #[test]
    fn everything_else_is_no_moment() {
        for text in [
            "",
            "20150830",
            "20150830T123600",
            "20150830T123600z",
            "2015-08-30T12:36:00Z",
            "20150229T000000Z",
            "20151330T123600Z",
            "20150830T243600Z",
            "20150830T123660Z",
            "2015083\u{660}T23600Z",
            "+0150830T123600Z",
            "Sun, 30 Aug 2015 12:36:00 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
