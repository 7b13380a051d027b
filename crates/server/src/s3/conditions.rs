//! Conditions of reading (RFC 9110, section 13): whether the client's copy is still the object.

use s3s::S3ErrorCode as Code;
use s3s::dto::{ETagCondition, Timestamp};
use selfsame_store::Object;

use super::convert::second;
use super::error::Error;

/// As requests bring them.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    pub(super) etag_is: Option<ETagCondition>,
    pub(super) etag_is_not: Option<ETagCondition>,
    pub(super) modified_since: Option<Timestamp>,
    pub(super) unmodified_since: Option<Timestamp>,
}

impl Conditions {
    /// Fails with `PreconditionFailed`, or with `NotModified` where the client has the object already. Entity tags
    /// count before dates.
    pub(super) fn check(&self, object: &Object) -> Result<(), Error> {
        let failed = || Err(Error::new(Code::PreconditionFailed));
        let modified = second(object.modified);
        match (&self.etag_is, &self.unmodified_since) {
            (Some(condition), _) if !is(condition, object) => return failed(),
            (None, Some(moment)) if modified > *moment => return failed(),
            _ => {}
        }
        match (&self.etag_is_not, &self.modified_since) {
            (Some(condition), _) if is(condition, object) => Err(Error::new(Code::NotModified)),
            (None, Some(moment)) if modified <= *moment => Err(Error::new(Code::NotModified)),
            _ => Ok(()),
        }
    }

    /// As [`Conditions::check`] for an object that is copied: there is no copy that the client could have.
    pub(super) fn check_source(&self, object: &Object) -> Result<(), Error> {
        self.check(object)
            .map_err(|_| Error::new(Code::PreconditionFailed))
    }
}

fn is(condition: &ETagCondition, object: &Object) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == object.etag,
    }
}

#[cfg(test)]
mod tests {
    use s3s::dto::ETag;
    use selfsame_store::Attributes;

    use super::*;

    fn object() -> Object {
        Object {
            key: "k".to_owned(),
            size_bytes: 1,
            etag: "e".to_owned(),
            checksum: None,
            attributes: Attributes::default(),
            modified: "2026-11-23T10:00:00.9Z".parse().unwrap(),
            segments: vec![1],
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the fields are optional")]
    fn tag(value: &str) -> Option<ETagCondition> {
        Some(ETagCondition::ETag(ETag::Strong(value.to_owned())))
    }

    #[expect(clippy::unnecessary_wraps, reason = "the fields are optional")]
    fn at(text: &str) -> Option<Timestamp> {
        Some(second(text.parse().unwrap()))
    }

    fn outcome(conditions: &Conditions) -> Option<Code> {
        conditions.check(&object()).err().map(|error| error.code)
    }

    #[test]
    fn conditions_are_those_of_http() {
        let same = at("2026-11-23T10:00:00Z");
        let (before, after) = (at("2026-11-23T09:59:59Z"), at("2026-11-23T10:00:01Z"));
        let none = Conditions::default();
        assert_eq!(outcome(&none), None);
        for (etag_is, unmodified_since, expected) in [
            (tag("e"), None, None),
            (tag("x"), None, Some(Code::PreconditionFailed)),
            (Some(ETagCondition::Any), None, None),
            (None, same.clone(), None),
            (None, after.clone(), None),
            (None, before.clone(), Some(Code::PreconditionFailed)),
            (tag("e"), before.clone(), None),
        ] {
            let conditions = Conditions {
                etag_is,
                unmodified_since,
                ..Conditions::default()
            };
            assert_eq!(outcome(&conditions), expected, "{conditions:?}");
        }
        for (etag_is_not, modified_since, expected) in [
            (tag("x"), None, None),
            (tag("e"), None, Some(Code::NotModified)),
            (Some(ETagCondition::Any), None, Some(Code::NotModified)),
            (None, same, Some(Code::NotModified)),
            (None, after.clone(), Some(Code::NotModified)),
            (None, before, None),
            (tag("x"), after, None),
        ] {
            let conditions = Conditions {
                etag_is_not,
                modified_since,
                ..Conditions::default()
            };
            assert_eq!(outcome(&conditions), expected, "{conditions:?}");
        }
    }
}
