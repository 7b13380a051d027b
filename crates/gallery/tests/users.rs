//! A search for users is exactly that of comparing the probe with everybody's aggregate.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use selfsame_gallery::kernel::Kernel;
use selfsame_gallery::testing::{Random, near, template};
use selfsame_gallery::{Error, UserIndex};
use selfsame_types::{FaceModelVersion, Template, UserId};

type Faces = BTreeMap<UserId, Vec<Template>>;

fn version() -> FaceModelVersion {
    FaceModelVersion::new("test-1")
}

fn user(number: u64) -> UserId {
    UserId::new(format!("user-{number}")).unwrap()
}

fn brute_force(faces: &Faces, probe: &Template, k: usize, min_cosine: f32) -> Vec<(UserId, f32)> {
    let mut found: Vec<(UserId, f32)> = faces
        .iter()
        .filter_map(|(user, templates)| Some((user.clone(), Template::aggregate(templates)?)))
        .map(|(user, vector)| (user, probe.cosine(&vector).unwrap()))
        .filter(|(_, cosine)| *cosine >= min_cosine)
        .collect();
    found.sort_by(|a, b| b.1.partial_cmp(&a.1).unwrap().then(a.0.cmp(&b.0)));
    found.truncate(k);
    found
}

proptest! {
    #[test]
    fn equals_brute_force_whatever_happened_before(
        seed in any::<u64>(),
        steps in 1usize..300,
        users in 1u64..80,
        dimensions in prop::sample::select(vec![1usize, 2, 64, 65, 128]),
        k in 0usize..20,
        min_cosine in -1.1f32..1.1,
    ) {
        let mut random = Random::new(seed);
        let mut faces = Faces::new();
        let indexes: Vec<UserIndex> =
            Kernel::available().into_iter().map(|kernel| UserIndex::new(version()).with_kernel(kernel)).collect();
        for _ in 0..steps {
            let user = user(random.next_u64() % users);
            let count = random.next_u64() % 5;
            let templates: Vec<Template> =
                (0..count).map(|_| template(&mut random, dimensions, &version())).collect();
            for index in &indexes {
                if count == 0 {
                    index.remove(&user).unwrap();
                } else {
                    index.set(&user, &templates).unwrap();
                }
            }
            faces.insert(user, templates);
        }
        let probe = template(&mut random, dimensions, &version());
        for index in &indexes {
            prop_assert_eq!(index.search(&probe, k, min_cosine).unwrap(), brute_force(&faces, &probe, k, min_cosine));
            let all = faces.values().filter(|templates| Template::aggregate(templates).is_some()).count();
            prop_assert_eq!(index.len(), all);
        }
    }

    #[test]
    fn ties_are_ordered_by_user_id(
        values in prop::collection::vec(prop::collection::vec(-2i8..=2, 3), 1..60),
        probe in prop::collection::vec(-2i8..=2, 3),
        k in 1usize..60,
    ) {
        let coarse = |values: &[i8]| {
            let values: Vec<f32> = values.iter().copied().map(f32::from).collect();
            Template::new(&values, version()).ok()
        };
        let Some(probe) = coarse(&probe) else { return Ok(()) };
        let faces: Faces =
            (0u64..).zip(&values).filter_map(|(n, values)| Some((user(n), vec![coarse(values)?]))).collect();
        let index = UserIndex::new(version());
        // Entered in an order that is not that of the ids.
        for (user, templates) in faces.iter().rev() {
            index.set(user, templates).unwrap();
        }
        prop_assert_eq!(index.search(&probe, k, -1.0).unwrap(), brute_force(&faces, &probe, k, -1.0));
    }
}

#[test]
fn several_photos_find_a_person_more_surely_than_one() {
    let mut random = Random::new(7);
    let people: Vec<Template> = (0..50).map(|_| template(&mut random, 128, &version())).collect();
    let index = UserIndex::new(version());
    for (n, person) in (0..).zip(&people) {
        let photos: Vec<Template> = (0..8).map(|_| near(&mut random, person, 0.6)).collect();
        index.set(&user(n), &photos).unwrap();
    }
    for (n, person) in (0..).zip(&people) {
        let probe = near(&mut random, person, 0.6);
        let found = index.search(&probe, 3, -1.0).unwrap();
        assert_eq!(found[0].0, user(n));
        // One photo to another of the same person: 0.36 on average; to the vector of eight, 0.54.
        assert!(found[0].1 > 0.4, "{found:?}");
    }
}

#[test]
fn without_faces_nobody_is_found() {
    let index = UserIndex::new(version());
    let probe = Template::new(&[1.0, 0.0], version()).unwrap();
    assert_eq!(index.search(&probe, 5, -1.0).unwrap(), []);
    index.remove(&user(1)).unwrap();
    index.set(&user(1), &[]).unwrap();
    assert!(index.is_empty());
    index.set(&user(1), std::slice::from_ref(&probe)).unwrap();
    assert_eq!(index.search(&probe, 5, 0.9).unwrap(), [(user(1), 1.0)]);
    assert_eq!(index.search(&probe, 0, -1.0).unwrap(), []);
    // Templates that cancel each other out point nowhere.
    let opposite = Template::new(&[-1.0, 0.0], version()).unwrap();
    index.set(&user(1), &[probe.clone(), opposite]).unwrap();
    assert_eq!(index.search(&probe, 5, -1.0).unwrap(), []);
    assert_eq!(index.len(), 0);
}

#[test]
fn what_cannot_be_compared_is_refused_and_changes_nothing() {
    let index = UserIndex::new(version());
    let good = Template::new(&[1.0, 0.0], version()).unwrap();
    let other = FaceModelVersion::new("test-2");
    index.set(&user(1), std::slice::from_ref(&good)).unwrap();
    let cases = [
        (
            Template::new(&[1.0, 0.0], other.clone()).unwrap(),
            Error::OtherModel {
                expected: version(),
                found: other,
            },
        ),
        (
            Template::new(&[1.0, 0.0, 0.0], version()).unwrap(),
            Error::Dimensions {
                expected: 2,
                found: 3,
            },
        ),
        (
            Template::from_bytes(&[0, 0, 0, 64, 0, 0, 0, 0], version()).unwrap(),
            Error::NotUnitLength { length: 2.0 },
        ),
    ];
    for (template, error) in cases {
        assert_eq!(index.search(&template, 1, 0.0), Err(error.clone()));
        assert_eq!(index.set(&user(1), &[good.clone(), template]), Err(error));
    }
    assert_eq!(index.search(&good, 1, 0.9).unwrap(), [(user(1), 1.0)]);
    assert_eq!(index.search(&good, 1, f32::NAN), Err(Error::Threshold));
}
