//! A search gives exactly what comparing the probe with every template gives, order included.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use selfsame_gallery::kernel::Kernel;
use selfsame_gallery::testing::{Random, face, near, template};
use selfsame_gallery::{Error, ExactIndex, FaceIndex, Hit, Hits};
use selfsame_types::{Change, FaceId, FaceModelVersion, Seq, Template};

fn version() -> FaceModelVersion {
    FaceModelVersion::new("test-1")
}

fn index_of(templates: &[(FaceId, Template)], kernel: Kernel) -> ExactIndex {
    let index = ExactIndex::new(version(), None).with_kernel(kernel);
    let changes: Vec<Change> = (1..)
        .zip(templates)
        .map(|(seq, (face, template))| Change::Enrolled {
            seq: Seq(seq),
            face: *face,
            template: template.clone(),
        })
        .collect();
    assert_eq!(index.apply(&changes).unwrap(), Seq(templates.len() as u64));
    index
}

fn brute_force(templates: &[(FaceId, Template)], probe: &Template, k: usize, min_cosine: f32) -> Vec<Hit> {
    let mut hits: Vec<Hit> = templates
        .iter()
        .map(|(face, template)| Hit {
            face: *face,
            cosine: probe.cosine(template).unwrap(),
        })
        .filter(|hit| hit.cosine >= min_cosine)
        .collect();
    hits.sort_by(|a, b| b.cosine.partial_cmp(&a.cosine).unwrap().then(a.face.cmp(&b.face)));
    hits.truncate(k);
    hits
}

/// Few distinct values, so that equal cosines, identical and opposite templates are common.
fn coarse_template() -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec(-2i8..=2, 3).prop_map(|values| values.into_iter().map(f32::from).collect())
}

proptest! {
    #[test]
    fn equals_brute_force_on_random_templates(
        seed in any::<u64>(),
        count in 1usize..700,
        dimensions in prop::sample::select(vec![1usize, 2, 31, 64, 65, 128, 512]),
        k in 0usize..20,
        min_cosine in -1.1f32..1.1,
    ) {
        let mut random = Random::new(seed);
        let templates: Vec<_> =
            (0..count as u64).map(|n| (face(n), template(&mut random, dimensions, &version()))).collect();
        let probe = near(&mut random, &templates[count / 2].1, 0.7);
        for kernel in Kernel::available() {
            let found = index_of(&templates, kernel).search(&probe, k, min_cosine).unwrap();
            prop_assert_eq!(&found.hits, &brute_force(&templates, &probe, k, min_cosine), "{}", kernel.name());
        }
    }

    #[test]
    fn ties_are_ordered_by_face_id(
        values in prop::collection::vec(coarse_template(), 1..60),
        probe in coarse_template(),
        shuffle in any::<u64>(),
        k in 1usize..60,
        min_cosine in prop::sample::select(vec![-1.0f32, -0.5, 0.0, 0.5, 1.0]),
    ) {
        let Ok(probe) = Template::new(&probe, version()) else { return Ok(()) };
        let templates: Vec<_> = (0u64..)
            .zip(values)
            .filter_map(|(n, v)| Some((face(n ^ (shuffle % 64)), Template::new(&v, version()).ok()?)))
            .collect();
        let found = index_of(&templates, Kernel::fastest()).search(&probe, k, min_cosine).unwrap();
        prop_assert_eq!(found.hits, brute_force(&templates, &probe, k, min_cosine));
    }
}

#[test]
fn twenty_thousand_templates_in_several_blocks_are_all_found() {
    let mut random = Random::new(1);
    let mut templates: Vec<_> = (0..20_000)
        .map(|n| (face(n), template(&mut random, 128, &version())))
        .collect();
    let index = index_of(&templates, Kernel::fastest());
    // Erase every third, so that rows move between blocks.
    let mut seq = 20_000;
    templates.retain(|(face, _)| {
        let keep = face.uuid().as_u64_pair().1 % 3 != 0;
        if !keep {
            seq += 1;
            index
                .apply(&[Change::Erased {
                    seq: Seq(seq),
                    face: *face,
                }])
                .unwrap();
        }
        keep
    });
    assert_eq!(index.len(), templates.len());
    for wanted in (0..templates.len()).step_by(97) {
        let probe = near(&mut random, &templates[wanted].1, 0.6);
        let found = index.search(&probe, 10, 0.2).unwrap().hits;
        assert_eq!(found[0].face, templates[wanted].0);
        assert_eq!(found, brute_force(&templates, &probe, 10, 0.2));
    }
}

#[test]
fn nothing_to_find() {
    let index = ExactIndex::new(version(), None);
    let probe = Template::new(&[1.0, 0.0], version()).unwrap();
    assert_eq!(index.search(&probe, 5, -1.0).unwrap(), Hits::default());
    assert!(index.is_empty());
    assert_eq!(index.dimensions(), None);

    let index = index_of(&[(face(1), probe.clone())], Kernel::fastest());
    assert_eq!(index.search(&probe, 0, -1.0).unwrap().hits, []);
    assert_eq!(index.search(&probe, 5, 1.1).unwrap().hits, []);
    assert_eq!(index.search(&probe, 5, f32::INFINITY).unwrap().hits, []);
    let all = index.search(&probe, usize::MAX, f32::NEG_INFINITY).unwrap();
    assert_eq!(
        all,
        Hits {
            hits: vec![Hit {
                face: face(1),
                cosine: 1.0
            }],
            complete_through: Seq(1)
        }
    );
}

#[test]
fn opposite_templates_are_found_where_rounding_makes_them_more_than_opposite() {
    let longer_than_one = |value: f32| {
        let bytes = [value.to_le_bytes(), 0.0f32.to_le_bytes()].concat();
        Template::from_bytes(&bytes, version()).unwrap()
    };
    let templates = [(face(1), longer_than_one(1.0004))];
    let probe = longer_than_one(-1.0004);
    let found = index_of(&templates, Kernel::fastest())
        .search(&probe, 5, -1.0)
        .unwrap();
    assert_eq!(found.hits, brute_force(&templates, &probe, 5, -1.0));
    assert_eq!(found.hits.len(), 1);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let index = index_of(
        &[(face(1), Template::new(&[1.0, 0.0], version()).unwrap())],
        Kernel::fastest(),
    );
    let good = Template::new(&[0.0, 1.0], version()).unwrap();
    let other = FaceModelVersion::new("test-2");
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
        // A batch is taken whole or not at all.
        let batch = [
            Change::Enrolled {
                seq: Seq(2),
                face: face(2),
                template: good.clone(),
            },
            Change::Enrolled {
                seq: Seq(3),
                face: face(3),
                template,
            },
        ];
        assert_eq!(index.apply(&batch), Err(error.clone()));
        assert_eq!(index.catch_up(Seq(1), &batch), Err(error));
        assert_eq!((index.len(), index.complete_through()), (1, Seq(1)));
    }
    assert_eq!(index.search(&good, 1, f32::NAN), Err(Error::Threshold));
    let huge = ExactIndex::new(version(), None);
    let huge_template = template(&mut Random::new(1), 5000, &version());
    assert!(matches!(
        huge.search(&huge_template, 1, 0.0),
        Err(Error::Dimensions { .. })
    ));
}

/// Run with `cargo test --release -p selfsame-gallery -- --ignored`.
#[test]
#[ignore = "takes a minute when optimised, ten when not"]
fn a_million_templates_are_searched_with_recall_one() {
    let mut random = Random::new(5);
    let templates: Vec<_> = (0..1_000_000)
        .map(|n| (face(n), template(&mut random, 128, &version())))
        .collect();
    let index = index_of(&templates, Kernel::fastest());
    for wanted in (0..templates.len()).step_by(10_007) {
        let probe = near(&mut random, &templates[wanted].1, 0.5);
        for (k, min_cosine) in [(10, -1.0), (100, 0.3)] {
            let found = index.search(&probe, k, min_cosine).unwrap().hits;
            assert_eq!(found, brute_force(&templates, &probe, k, min_cosine));
        }
    }
}
