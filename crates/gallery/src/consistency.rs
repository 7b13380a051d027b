//! Do these faces show one person?

use selfsame_types::{FaceId, Template};

/// Which faces may be taken for a user's, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Consistency {
    /// Those that match.
    pub accepted: Vec<FaceId>,
    /// Those that do not.
    pub rejected: Vec<FaceId>,
}

/// Decides which of `candidates` may join a user who has the templates `existing`: a face is accepted where its cosine
/// to a reference is at least `min_cosine`.
///
/// * Where the user has faces, the reference is the user's vector, [`Template::aggregate`] of all of them. The
///   candidates have no say in it: what is accepted does not depend on what else is asked for in the same call.
/// * Where the user has none, the reference is the candidate that matches most of the others; of several the one given
///   first. A lone face is therefore accepted, of many faces of one person and a stray one the stray one is
///   rejected, and of two that differ the first one stays.
///
/// Rejected is also what cannot be compared: a template of another model, and everything where the user's faces have
/// no common direction.
#[must_use]
pub fn consistent(existing: &[Template], candidates: &[(FaceId, Template)], min_cosine: f32) -> Consistency {
    let matches = |a: &Template, b: &Template| a.cosine(b).is_some_and(|cosine| cosine >= min_cosine);
    let reference = if existing.is_empty() {
        middle(candidates, matches)
    } else {
        Template::aggregate(existing)
    };
    // A candidate that is the reference itself belongs to it, even if rounding leaves its cosine below a threshold of 1.
    let accept = |template: &Template| {
        reference
            .as_ref()
            .is_some_and(|reference| template == reference || matches(template, reference))
    };
    let mut decided = Consistency::default();
    for (face, template) in candidates {
        if accept(template) {
            decided.accepted.push(*face);
        } else {
            decided.rejected.push(*face);
        }
    }
    decided
}

/// The template that matches most of the others, the first of several.
fn middle(
    candidates: &[(FaceId, Template)],
    matches: impl Fn(&Template, &Template) -> bool,
) -> Option<Template> {
    let count = |template: &Template| {
        candidates
            .iter()
            .filter(|(_, other)| matches(template, other))
            .count()
    };
    let mut best: Option<(usize, &Template)> = None;
    for (_, template) in candidates {
        let count = count(template);
        if best.is_none_or(|(most, _)| count > most) {
            best = Some((count, template));
        }
    }
    best.map(|(_, template)| template.clone())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use selfsame_types::FaceModelVersion;

    use super::*;
    use crate::testing::{Random, face, near, template};

    fn version() -> FaceModelVersion {
        FaceModelVersion::new("test-1")
    }

    /// A photo of the person at this angle.
    fn at(degrees: f32) -> Template {
        let (y, x) = degrees.to_radians().sin_cos();
        Template::new(&[x, y], version()).unwrap()
    }

    /// The numbers of the accepted among candidates at these angles; matching is up to 30 degrees apart.
    fn accepted(existing: &[f32], candidates: &[f32]) -> Vec<u64> {
        let existing: Vec<Template> = existing.iter().map(|degrees| at(*degrees)).collect();
        let candidates: Vec<_> = (0..)
            .zip(candidates)
            .map(|(n, degrees)| (face(n), at(*degrees)))
            .collect();
        let decided = consistent(&existing, &candidates, 30.1f32.to_radians().cos());
        assert_eq!(decided.accepted.len() + decided.rejected.len(), candidates.len());
        assert!(
            decided
                .rejected
                .iter()
                .all(|face| !decided.accepted.contains(face))
        );
        let number = |face: &FaceId| face.uuid().as_u64_pair().1;
        decided.accepted.iter().map(number).collect()
    }

    #[test]
    fn a_users_vector_decides_alone() {
        assert_eq!(accepted(&[0.0], &[10.0, 40.0, -30.0]), [0, 2]);
        // The vector of faces at 0 and 40 lies at 20.
        assert_eq!(accepted(&[0.0, 40.0], &[-15.0, 50.0, 45.0, 60.0]), [1, 2]);
        // However many agree with each other.
        assert_eq!(accepted(&[0.0], &[90.0, 90.0, 91.0, 92.0]), []);
    }

    #[test]
    fn without_faces_the_candidates_decide_among_themselves() {
        assert_eq!(accepted(&[], &[]), []);
        assert_eq!(accepted(&[], &[77.0]), [0]);
        assert_eq!(consistent(&[], &[(face(1), at(77.0))], 1.0).accepted, [face(1)]);
        assert_eq!(accepted(&[], &[0.0, 10.0, 20.0]), [0, 1, 2]);
        assert_eq!(
            accepted(&[], &[180.0, 0.0, 25.0, 50.0]),
            [1, 2, 3],
            "25 matches most"
        );
        assert_eq!(accepted(&[], &[0.0, 90.0]), [0], "the first of two that differ");
        assert_eq!(accepted(&[], &[90.0, 0.0]), [0]);
    }

    #[test]
    fn what_cannot_be_compared_is_rejected() {
        let stranger = Template::new(&[1.0, 0.0], FaceModelVersion::new("test-2")).unwrap();
        let decided = consistent(&[at(0.0)], &[(face(1), stranger), (face(2), at(0.0))], 0.5);
        assert_eq!(
            (decided.accepted, decided.rejected),
            (vec![face(2)], vec![face(1)])
        );
        assert_eq!(accepted(&[0.0, 180.0], &[0.0, 90.0, 180.0]), []);
    }

    proptest! {
        #[test]
        fn photos_of_one_person_are_kept_together_in_any_order(seed in any::<u64>(), strays in 0usize..3) {
            let mut random = Random::new(seed);
            let person = template(&mut random, 128, &version());
            let mut candidates: Vec<(FaceId, Template)> =
                (0..5).map(|n| (face(n), near(&mut random, &person, 0.95))).collect();
            for stray in 0..strays {
                let place = random.next_u64() as usize % candidates.len();
                candidates.insert(place, (face(100 + stray as u64), template(&mut random, 128, &version())));
            }
            let mut decided = consistent(&[], &candidates, 0.6);
            decided.accepted.sort_unstable();
            prop_assert_eq!(decided.accepted, (0..5).map(face).collect::<Vec<_>>());
            prop_assert_eq!(decided.rejected.len(), strays);
        }
    }
}
