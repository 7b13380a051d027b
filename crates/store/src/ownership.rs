//! What every backend decides in the same way about whose faces are whose.

use std::collections::{HashMap, HashSet};

use selfsame_types::{FaceId, UserId};

use crate::model::{Association, Refusal};

/// How many faces may be associated with one user; Rekognition's limit
/// (<https://docs.aws.amazon.com/rekognition/latest/APIReference/API_AssociateFaces.html>).
pub const MAX_FACES_PER_USER: usize = 100;

/// The enrolled ones among the faces of a request, each with its owner.
pub(crate) type Owners = HashMap<FaceId, Option<UserId>>;

/// What to do with the faces of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sorted {
    /// The faces that may be changed.
    pub(crate) accepted: Vec<FaceId>,
    pub(crate) refused: Vec<(FaceId, Refusal)>,
}

/// Sorts each face once, in the order they were named.
fn sort(faces: &[FaceId], check: impl Fn(&FaceId) -> Result<(), Refusal>) -> Sorted {
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for face in faces.iter().filter(|face| seen.insert(**face)) {
        match check(face) {
            Ok(()) => accepted.push(*face),
            Err(reason) => refused.push((*face, reason)),
        }
    }
    Sorted { accepted, refused }
}

/// Faces can be erased while they are nobody's.
pub(crate) fn erasable(faces: &[FaceId], owners: &Owners) -> Sorted {
    sort(faces, |face| match owners.get(face) {
        None => Err(Refusal::NotFound),
        Some(Some(owner)) => Err(Refusal::AssociatedTo(owner.clone())),
        Some(None) => Ok(()),
    })
}

/// Faces can be given to a user who has them already, and while they are nobody's. `has` is how many the user has.
/// Gives also the faces that change hands.
pub(crate) fn associate(
    user: &UserId,
    has: usize,
    faces: &[FaceId],
    owners: &Owners,
) -> (Association, Vec<FaceId>) {
    let Sorted { accepted, refused } = sort(faces, |face| match owners.get(face) {
        None => Err(Refusal::NotFound),
        Some(Some(owner)) if owner != user => Err(Refusal::AssociatedTo(owner.clone())),
        Some(_) => Ok(()),
    });
    let free = |face: &&FaceId| owners.get(*face) == Some(&None);
    let changing: Vec<FaceId> = accepted.iter().filter(free).copied().collect();
    // A user who has more already (from the portal) may still be given what they have.
    if !changing.is_empty() && has + changing.len() > MAX_FACES_PER_USER {
        return (Association::TooMany, Vec::new());
    }
    let outcome = Association::Done {
        associated: accepted,
        refused,
    };
    (outcome, changing)
}

/// Faces can be taken from the user whose they are.
pub(crate) fn disassociate(user: &UserId, faces: &[FaceId], owners: &Owners) -> (Association, Vec<FaceId>) {
    let Sorted { accepted, refused } = sort(faces, |face| match owners.get(face) {
        None | Some(None) => Err(Refusal::NotFound),
        Some(Some(owner)) if owner != user => Err(Refusal::AssociatedTo(owner.clone())),
        Some(Some(_)) => Ok(()),
    });
    let outcome = Association::Done {
        associated: accepted.clone(),
        refused,
    };
    (outcome, accepted)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn face(number: u128) -> FaceId {
        FaceId::new(Uuid::from_u128(number))
    }

    fn user(id: &str) -> UserId {
        UserId::new(id).unwrap()
    }

    /// 1 is nobody's, 2 is Alice's, 3 is Bob's, 4 is unknown.
    fn owners() -> Owners {
        Owners::from([
            (face(1), None),
            (face(2), Some(user("alice"))),
            (face(3), Some(user("bob"))),
        ])
    }

    #[test]
    fn each_face_is_sorted_once_and_in_order() {
        let named = [3, 1, 4, 2, 1, 3].map(face);
        let bobs = (face(3), Refusal::AssociatedTo(user("bob")));
        let unknown = (face(4), Refusal::NotFound);
        assert_eq!(
            erasable(&named, &owners()),
            Sorted {
                accepted: vec![face(1)],
                refused: vec![
                    bobs.clone(),
                    unknown.clone(),
                    (face(2), Refusal::AssociatedTo(user("alice")))
                ],
            }
        );
        let (outcome, changing) = associate(&user("alice"), 1, &named, &owners());
        let expected = Association::Done {
            associated: vec![face(1), face(2)],
            refused: vec![bobs.clone(), unknown.clone()],
        };
        assert_eq!((outcome, changing), (expected, vec![face(1)]));
        let (outcome, changing) = disassociate(&user("alice"), &named, &owners());
        let expected = Association::Done {
            associated: vec![face(2)],
            refused: vec![bobs, (face(1), Refusal::NotFound), unknown],
        };
        assert_eq!((outcome, changing), (expected, vec![face(2)]));
    }

    #[test]
    fn only_faces_that_change_hands_count() {
        let give = |has, faces: &[FaceId]| associate(&user("alice"), has, faces, &owners()).0;
        assert!(matches!(give(99, &[face(1), face(2)]), Association::Done { .. }));
        assert_eq!(give(100, &[face(1)]), Association::TooMany);
        assert!(matches!(give(150, &[face(2), face(3)]), Association::Done { .. }));
    }
}
