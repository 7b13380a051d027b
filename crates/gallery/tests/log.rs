//! An index follows a change log, however the changes arrive, and through a snapshot.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use selfsame_gallery::testing::{Random, face, template};
use selfsame_gallery::{ExactIndex, FaceIndex, Hit, snapshot};
use selfsame_types::{Change, FaceId, FaceModelVersion, Seq, Template};

const DIMENSIONS: usize = 8;

fn version() -> FaceModelVersion {
    FaceModelVersion::new("test-1")
}

fn new_index() -> ExactIndex {
    ExactIndex::new(version(), None)
}

/// A log in which faces come, change and go: `(face, enrol)` per entry.
fn log_of(steps: &[(u8, bool)]) -> Vec<Change> {
    let mut random = Random::new(7);
    (1..)
        .zip(steps)
        .map(|(seq, (number, enrol))| {
            let (seq, face) = (Seq(seq), face(u64::from(*number)));
            if *enrol {
                Change::Enrolled {
                    seq,
                    face,
                    template: template(&mut random, DIMENSIONS, &version()),
                }
            } else {
                Change::Erased { seq, face }
            }
        })
        .collect()
}

/// What a log leaves behind, by the definition of a log.
fn replay(log: &[Change]) -> BTreeMap<FaceId, Template> {
    let mut faces = BTreeMap::new();
    for change in log {
        match change {
            Change::Enrolled { face, template, .. } => {
                faces.insert(*face, template.clone());
            }
            Change::Erased { face, .. } => {
                faces.remove(face);
            }
            _ => unreachable!("the log above has no other changes"),
        }
    }
    faces
}

/// All faces of the index with their cosines to a fixed probe, by id.
fn contents(index: &ExactIndex) -> Vec<(FaceId, f32)> {
    let mut hits = index
        .search(&probe(), usize::MAX, f32::NEG_INFINITY)
        .unwrap()
        .hits;
    hits.sort_by_key(|hit| hit.face);
    hits.iter()
        .map(|Hit { face, cosine, .. }| (*face, *cosine))
        .collect()
}

fn expected(faces: &BTreeMap<FaceId, Template>) -> Vec<(FaceId, f32)> {
    faces
        .iter()
        .map(|(face, template)| (*face, probe().cosine(template).unwrap()))
        .collect()
}

fn probe() -> Template {
    template(&mut Random::new(99), DIMENSIONS, &version())
}

fn steps() -> impl Strategy<Value = Vec<(u8, bool)>> {
    prop::collection::vec((0u8..12, prop::bool::weighted(0.6)), 1..60)
}

fn shuffled<T: Clone>(items: &[T], random: &mut Random) -> Vec<T> {
    let mut items = items.to_vec();
    for i in (1..items.len()).rev() {
        items.swap(i, (random.next_u64() % (i as u64 + 1)) as usize);
    }
    items
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_give_the_same_index(steps in steps(), seed in any::<u64>()) {
        let log = log_of(&steps);
        let mut random = Random::new(seed);
        let twice = [log.clone(), log.clone()].concat();
        let index = new_index();
        for change in shuffled(&twice, &mut random) {
            let through = index.apply(std::slice::from_ref(&change)).unwrap();
            prop_assert_eq!(through, index.complete_through());
            // What it claims to contain, it contains: nothing of the log up to there is missing, and nobody who was
            // erased up to there is found.
            let claimed = replay(&log[..through.0 as usize]);
            for (face, _) in contents(&index) {
                prop_assert!(claimed.contains_key(&face));
            }
        }
        prop_assert_eq!(index.complete_through(), Seq(log.len() as u64));
        prop_assert_eq!(contents(&index), expected(&replay(&log)));
    }

    #[test]
    fn a_log_without_its_erased_entries_is_caught_up_with(
        steps in steps(), batch in 1usize..9, push in any::<u64>(),
    ) {
        let log = log_of(&steps);
        // A store erases the template of an erased face from the log: its enrolment is missing then.
        let kept: Vec<Change> = log
            .iter()
            .filter(|change| match change {
                Change::Enrolled { seq, face, .. } => !log.iter().any(
                    |later| matches!(later, Change::Erased { seq: s, face: f } if f == face && s > seq)
                ),
                _ => true,
            })
            .cloned()
            .collect();
        let index = new_index();
        // Some commits are reported out of turn first.
        let mut random = Random::new(push);
        for change in shuffled(&kept, &mut random).iter().take(3) {
            index.apply(std::slice::from_ref(change)).unwrap();
        }
        for _ in 0..=kept.len() {
            let after = index.complete_through();
            let page: Vec<_> = kept.iter().filter(|c| c.seq() > after).take(batch).cloned().collect();
            index.catch_up(after, &shuffled(&page, &mut random)).unwrap();
        }
        let last = kept.last().map_or(Seq(0), Change::seq);
        prop_assert_eq!(index.complete_through(), last);
        prop_assert_eq!(contents(&index), expected(&replay(&log)));
        // Late repetitions change nothing.
        index.catch_up(Seq(0), &kept).unwrap();
        index.apply(&kept).unwrap();
        prop_assert_eq!(contents(&index), expected(&replay(&log)));
    }

    #[test]
    fn a_snapshot_and_the_rest_of_the_log_give_the_whole(steps in steps(), at in any::<prop::sample::Index>()) {
        let log = log_of(&steps);
        let (before, after) = log.split_at(at.index(log.len() + 1));
        let index = new_index();
        index.apply(before).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("index");
        snapshot::write(&path, &index).unwrap();
        let restored = snapshot::read(&path, &version()).unwrap().unwrap();
        prop_assert_eq!(restored.complete_through(), Seq(before.len() as u64));
        prop_assert_eq!(contents(&restored), expected(&replay(before)));
        prop_assert_eq!(restored.dimensions(), index.dimensions());
        // The log is read again from an earlier place, as after a crash.
        let overlap = before.len().saturating_sub(2);
        restored.catch_up(Seq(overlap as u64), &log[overlap..]).unwrap();
        prop_assert_eq!(restored.complete_through(), Seq(log.len() as u64));
        prop_assert_eq!(contents(&restored), expected(&replay(&log)));
        prop_assert_eq!(after.len() + before.len(), log.len());
    }
}

#[test]
fn a_change_waits_for_the_one_before_but_an_erasure_does_not() {
    let index = new_index();
    let enrolled = |seq, number| Change::Enrolled {
        seq: Seq(seq),
        face: face(number),
        template: probe(),
    };
    assert_eq!(index.apply(&[enrolled(1, 1)]).unwrap(), Seq(1));
    assert_eq!(index.apply(&[enrolled(3, 3)]).unwrap(), Seq(1));
    assert_eq!(index.len(), 1);
    assert_eq!(
        index
            .apply(&[Change::Erased {
                seq: Seq(5),
                face: face(1)
            }])
            .unwrap(),
        Seq(1)
    );
    assert_eq!(index.len(), 0);
    // Face 2 was erased from the log, and says so by leaving no entry.
    assert_eq!(index.catch_up(Seq(1), &[enrolled(3, 3)]).unwrap(), Seq(3));
    assert_eq!(index.len(), 1);
    assert_eq!(index.apply(&[enrolled(4, 4)]).unwrap(), Seq(5));
    assert_eq!(index.len(), 2);
}

#[test]
fn an_erasure_that_overtook_its_enrolment_is_kept() {
    let index = new_index();
    let erased = Change::Erased {
        seq: Seq(3),
        face: face(9),
    };
    let enrolled = Change::Enrolled {
        seq: Seq(1),
        face: face(9),
        template: probe(),
    };
    assert_eq!(index.apply(&[erased]).unwrap(), Seq(0));
    assert_eq!(index.apply(&[enrolled]).unwrap(), Seq(1));
    assert_eq!(index.len(), 0);
}

#[test]
fn what_waits_is_bounded() {
    let index = new_index();
    for seq in 2..5000 {
        index
            .apply(&[Change::Enrolled {
                seq: Seq(seq),
                face: face(seq),
                template: probe(),
            }])
            .unwrap();
    }
    assert_eq!((index.len(), index.complete_through()), (0, Seq(0)));
    let through = index
        .apply(&[Change::Erased {
            seq: Seq(1),
            face: face(1),
        }])
        .unwrap();
    assert_eq!((index.len() as u64, through), (1024, Seq(1025)));
}

#[test]
fn threads_push_their_own_commits_and_nothing_is_lost() {
    let index = new_index();
    let log = log_of(&(0..200).map(|n| (n, true)).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let (index, log) = (&index, &log);
            scope.spawn(move || {
                for change in log.iter().skip(worker).step_by(4) {
                    index.apply(std::slice::from_ref(change)).unwrap();
                    let found = index.search(&probe(), usize::MAX, -1.0).unwrap();
                    assert!(found.hits.len() as u64 == found.complete_through.0);
                }
            });
        }
    });
    assert_eq!(index.complete_through(), Seq(200));
    assert_eq!(contents(&index), expected(&replay(&log)));
}
