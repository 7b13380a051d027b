//! What a key may touch.

/// The only collections and buckets that a key may touch. Where both lists are empty, the key is not limited; where
/// one is not, nothing but what is listed may be touched: a key that names collections and no bucket has no buckets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// Collections of faces.
    pub collections: Vec<String>,
    /// Buckets of objects.
    pub buckets: Vec<String>,
}

impl Limits {
    /// No limits.
    pub const NONE: Self = Self {
        collections: Vec::new(),
        buckets: Vec::new(),
    };

    /// Whether everything may be touched.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.collections.is_empty() && self.buckets.is_empty()
    }

    /// Whether this collection may be touched.
    #[must_use]
    pub fn allow_collection(&self, name: &str) -> bool {
        self.is_none() || self.collections.iter().any(|allowed| allowed == name)
    }

    /// Whether this bucket may be touched.
    #[must_use]
    pub fn allow_bucket(&self, name: &str) -> bool {
        self.is_none() || self.buckets.iter().any(|allowed| allowed == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(collections: &[&str], buckets: &[&str]) -> Limits {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Limits {
            collections: owned(collections),
            buckets: owned(buckets),
        }
    }

    #[test]
    fn nothing_listed_is_no_limit() {
        assert!(Limits::NONE.is_none());
        assert!(Limits::NONE.allow_collection("staff") && Limits::NONE.allow_bucket("photos"));
    }

    #[test]
    fn one_list_limits_both() {
        let staff = limits(&["staff", "guests"], &[]);
        assert!(staff.allow_collection("staff") && staff.allow_collection("guests"));
        for other in ["", "Staff", "staff2", "staf"] {
            assert!(!staff.allow_collection(other), "{other}");
        }
        assert!(!staff.allow_bucket("staff") && !staff.allow_bucket("photos"));
        let photos = limits(&[], &["photos"]);
        assert!(photos.allow_bucket("photos") && !photos.allow_collection("staff"));
    }
}
