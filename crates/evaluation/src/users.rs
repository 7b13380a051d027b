//! Several photos of each person enrolled together: who is compared with what.

/// Photos that are enrolled as one user, and the photos that are compared with that user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Who is enrolled.
    pub person: usize,
    /// The enrolled photos, as positions in the list of identities.
    pub photos: Vec<usize>,
    /// The photos that are compared with them: one of the same person that is not enrolled, or all of other people.
    pub probes: Vec<usize>,
}

/// The fewest photos of a person who is enrolled, however few of them are: so that the people stay the same while the
/// number of enrolled photos grows, as far as they have that many.
pub const MIN_PHOTOS: usize = 3;

/// Every way to enrol `count` neighbouring photos of a person (after the last comes the first again), where the person
/// has at least one more. Each photo in turn is left out and compared with what the others make (leave one out); photos of
/// other people are compared with what all make.
#[must_use]
pub fn enrolments(identities: &[usize], count: usize) -> Vec<Enrolment> {
    let people = identities.iter().max().map_or(0, |last| last + 1);
    let mut enrolments = Vec::new();
    for person in 0..people {
        let (own, others): (Vec<usize>, Vec<usize>) =
            (0..identities.len()).partition(|photo| identities[*photo] == person);
        if count == 0 || own.len() < MIN_PHOTOS.max(count + 1) {
            continue;
        }
        enrolments.extend(windows(&own, count).map(|photos| Enrolment {
            person,
            photos,
            probes: others.clone(),
        }));
        for probe in &own {
            let rest: Vec<usize> = own.iter().filter(|photo| *photo != probe).copied().collect();
            enrolments.extend(windows(&rest, count).map(|photos| Enrolment {
                person,
                photos,
                probes: vec![*probe],
            }));
        }
    }
    enrolments
}

/// Neighbours on a ring: as many windows as photos, or one where it holds all.
fn windows(ring: &[usize], count: usize) -> impl Iterator<Item = Vec<usize>> {
    let starts = if count < ring.len() { ring.len() } else { 1 };
    (0..starts).map(move |start| {
        (start..start + count)
            .map(|position| ring[position % ring.len()])
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn neighbours_on_a_ring() {
        let all: Vec<_> = windows(&[4, 7, 9], 2).collect();
        assert_eq!(all, [[4, 7], [7, 9], [9, 4]]);
        let all: Vec<_> = windows(&[4, 7, 9], 3).collect();
        assert_eq!(all, [[4, 7, 9]]);
    }

    #[test]
    fn people_with_too_few_photos_are_not_enrolled_but_compared() {
        // Person 0 has three photos, person 1 two.
        let identities = [0, 0, 1, 0, 1];
        let one = enrolments(&identities, 1);
        assert!(one.iter().all(|e| e.person == 0));
        assert!(one.iter().any(|e| e.probes == [2, 4]));
        assert!(enrolments(&identities, 3).is_empty() && enrolments(&identities, 0).is_empty());
    }

    proptest! {
        #[test]
        fn the_probe_is_never_enrolled(identities in prop::collection::vec(0usize..4, 0..30), count in 1usize..8) {
            for enrolment in enrolments(&identities, count) {
                prop_assert_eq!(enrolment.photos.len(), count);
                prop_assert!(enrolment.photos.iter().all(|photo| identities[*photo] == enrolment.person));
                prop_assert!(!enrolment.probes.iter().any(|probe| enrolment.photos.contains(probe)));
                let genuine = enrolment.probes.iter().filter(|probe| identities[**probe] == enrolment.person).count();
                prop_assert!(genuine == 0 || (genuine == 1 && enrolment.probes.len() == 1));
            }
        }
    }
}
