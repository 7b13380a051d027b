//! The seeds of the fuzz target `dispatch` are one valid request of every served operation; what becomes of them when bytes
//! are lost, changed or doubled on the way is refused in order.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use proptest::prelude::*;
use selfsame_wire::{ErrorCode, Target};

fn seeds() -> Vec<(Target, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/dispatch");
    let mut files: Vec<_> = fs_err::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let seed = |path| {
        let text = fs_err::read_to_string(path).unwrap();
        let (target, body) = text.split_once('\n').unwrap();
        (Target::parse(target).unwrap(), body.as_bytes().to_vec())
    };
    files.into_iter().map(seed).collect()
}

#[test]
fn every_served_operation_has_a_valid_seed() {
    let mut seeded = Vec::new();
    for (target, body) in seeds() {
        target.check(&body).unwrap();
        seeded.push(target);
    }
    seeded.sort();
    let mut all: Vec<Target> = Target::all().collect();
    all.sort();
    assert_eq!(seeded, all);
}

fn mutation() -> impl Strategy<Value = (prop::sample::Index, u8, u8)> {
    (
        any::<prop::sample::Index>(),
        0..4_u8,
        prop_oneof![any::<u8>(), proptest::sample::select(&b"\"{}[]:,0\\u"[..])],
    )
}

fn mutate(body: &mut Vec<u8>, (at, how, byte): (prop::sample::Index, u8, u8)) {
    let at = at.index(body.len() + 1);
    match how {
        0 => body.insert(at, byte),
        1 if at < body.len() => body[at] = byte,
        2 if at < body.len() => drop(body.remove(at)),
        _ => body.truncate(at),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn mutated_requests_are_accepted_or_refused_in_order(
        (target, mut body) in proptest::sample::select(seeds()),
        mutations in proptest::collection::vec(mutation(), 1..4),
    ) {
        for each in mutations {
            mutate(&mut body, each);
        }
        if let Err(error) = target.check(&body) {
            let modelled = [ErrorCode::SerializationException, ErrorCode::ValidationException];
            prop_assert!(modelled.contains(&error.code()), "{error}");
        }
    }
}
