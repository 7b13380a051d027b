//! Downloads that are cut, continued, restarted, wrong or endless, against a server on this machine.

use std::time::{Duration, Instant};

use crate::packs::{Place, Recorder, Transfer, content};
use crate::server::Behaviour::{self, CutAfter, Endless, Good, NoRanges, Status, Wrong};
use crate::server::Server;
use selfsame_vision::pack::{Digest, Error, FileState, Mirror, fetch};

/// A pack of one file that comes from a server with this behaviour.
fn served(script: &[Behaviour]) -> (Place, Server) {
    let (place, server) = (Place::new(), Server::start(&content(), script));
    let source = format!("{}/thing.bin", server.address);
    place.write_pack("own", &[("thing", &content(), &[&source])], "");
    (place, server)
}

fn partial(place: &Place) -> std::path::PathBuf {
    place
        .models()
        .join("partial")
        .join(Digest::of(&content()).to_string())
}

fn leave_partial(place: &Place, bytes: &[u8]) {
    fs_err::create_dir_all(place.models().join("partial")).unwrap();
    fs_err::write(partial(place), bytes).unwrap();
}

fn assert_installs(place: &Place) {
    let resolved = place.resolver().resolve("own").unwrap();
    assert_eq!(fs_err::read(&resolved.roles["thing"].path).unwrap(), content());
    assert!(!partial(place).exists());
    assert_eq!(
        place.resolver().verify("own").unwrap()[0].state,
        FileState::Verified
    );
}

/// The reason why the only source failed.
fn failure(place: &Place) -> fetch::Error {
    match place.resolver().resolve("own").unwrap_err() {
        Error::Unobtainable { attempts, .. } => attempts.into_errors().next_back().unwrap(),
        other => panic!("{other}"),
    }
}

#[test]
fn a_fresh_download_is_installed_and_reported() {
    let (place, server) = served(&[Good]);
    let recorder = Recorder::shared();
    place
        .resolver()
        .with_progress(recorder.clone())
        .resolve("own")
        .unwrap();
    assert_installs(&place);
    assert_eq!(server.requests(), [None]);
    let length = content().len() as u64;
    let expected = Transfer {
        name: "thing.bin".to_owned(),
        total_bytes: Some(length),
        arrived_bytes: length,
        finished: true,
    };
    assert_eq!(*recorder.transfers.lock().unwrap(), [expected]);
}

#[test]
fn a_partial_download_is_continued() {
    let (place, server) = served(&[Good]);
    leave_partial(&place, &content()[..100_000]);
    assert_installs(&place);
    assert_eq!(server.requests(), [Some(100_000)]);
}

#[test]
fn a_complete_partial_needs_no_request() {
    let (place, server) = served(&[Good]);
    leave_partial(&place, &content());
    assert_installs(&place);
    assert!(server.requests().is_empty());
}

#[test]
fn a_broken_partial_is_noticed_and_fetched_anew() {
    let (place, server) = served(&[Good]);
    leave_partial(&place, &vec![7; 100_000]);
    assert_installs(&place);
    assert_eq!(server.requests(), [Some(100_000), None]);
}

#[test]
fn a_partial_that_is_too_long_is_thrown_away() {
    let (place, server) = served(&[Good]);
    leave_partial(&place, &[content(), vec![0]].concat());
    assert_installs(&place);
    assert_eq!(server.requests(), [None]);
}

#[test]
fn a_server_without_ranges_sends_the_whole() {
    let (place, server) = served(&[NoRanges]);
    leave_partial(&place, &content()[..100_000]);
    assert_installs(&place);
    assert_eq!(server.requests(), [Some(100_000)]);
}

#[test]
fn a_refused_range_restarts() {
    let (place, server) = served(&[Status(416), Good]);
    leave_partial(&place, &content()[..100_000]);
    assert_installs(&place);
    assert_eq!(server.requests(), [Some(100_000), None]);
}

#[test]
fn a_connection_cut_in_the_middle_is_continued_at_once() {
    let (place, server) = served(&[CutAfter(120_000), Good]);
    assert_installs(&place);
    assert_eq!(server.requests(), [None, Some(120_000)]);
}

#[test]
fn what_arrived_before_giving_up_is_kept_for_the_next_run() {
    let (place, server) = served(&[CutAfter(50_000), Status(503), Status(503), Good]);
    assert!(matches!(failure(&place), fetch::Error::Status { status: 503 }));
    assert_eq!(fs_err::metadata(partial(&place)).unwrap().len(), 50_000);
    assert_installs(&place);
    assert_eq!(server.requests()[3], Some(50_000));
}

#[test]
fn wrong_content_is_never_installed() {
    let (place, server) = served(&[Wrong]);
    let error = failure(&place);
    assert!(matches!(error, fetch::Error::HashDiffers { .. }), "{error}");
    assert!(error.hint().unwrap().contains("another file"));
    assert_eq!(server.requests(), [None]);
    assert!(!partial(&place).exists());
    assert_eq!(
        place.resolver().verify("own").unwrap()[0].state,
        FileState::Missing
    );
}

#[test]
fn an_endless_answer_ends() {
    let (place, _server) = served(&[Endless]);
    let error = failure(&place);
    assert!(matches!(error, fetch::Error::SizeDiffers { .. }), "{error}");
    assert!(!partial(&place).exists());
}

#[test]
fn a_server_that_is_not_there_is_noticed_soon() {
    // a port that was free a moment ago
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let place = Place::new();
    let source = format!("http://127.0.0.1:{port}/thing.bin");
    place.write_pack("own", &[("thing", &content(), &[&source])], "");
    let started = Instant::now();
    let error = failure(&place);
    assert!(matches!(error, fetch::Error::Network { .. }), "{error}");
    assert!(error.hint().unwrap().contains("SELFSAME_MODEL_MIRROR"));
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn sources_are_tried_in_order_and_each_failure_is_told() {
    let (bad, place) = (Server::start(&content(), &[Status(404)]), Place::new());
    let sources = [format!("{}/thing.bin", bad.address), "file:thing.bin".to_owned()];
    let sources = [sources[0].as_str(), sources[1].as_str()];
    place.write_pack("own", &[("thing", &content(), &sources)], "");
    let message = place.resolver().resolve("own").unwrap_err().to_string();
    assert!(
        message.contains("`thing.bin` (role `thing`) could not be obtained"),
        "{message}"
    );
    for source in sources {
        assert!(
            message.contains(&format!("tried {source}: not there")),
            "{message}"
        );
    }
    // a relative `file:` source lies beside the manifest
    fs_err::write(place.manifests().join("thing.bin"), content()).unwrap();
    assert_installs(&place);
    assert_eq!(bad.requests().len(), 2);
}

#[test]
fn the_mirror_comes_first_and_a_wrong_copy_in_it_is_passed_over() {
    let (place, server) = served(&[Good]);
    let mirror = tempfile::tempdir().unwrap();
    let recorder = Recorder::shared();
    let resolve = || {
        let resolver = place.resolver().with_progress(recorder.clone());
        let resolver = resolver.with_mirror(Some(Mirror::Directory(mirror.path().to_owned())));
        resolver.resolve("own").unwrap();
        fs_err::remove_dir_all(place.models()).unwrap();
    };
    resolve();
    assert_eq!(server.requests().len(), 1, "the mirror is empty");
    fs_err::write(mirror.path().join("thing.bin"), b"other").unwrap();
    resolve();
    assert_eq!(server.requests().len(), 2, "the mirror's copy is wrong");
    assert!(recorder.messages.lock().unwrap()[0].contains("trying the public sources"));
    fs_err::write(mirror.path().join("thing.bin"), content()).unwrap();
    resolve();
    assert_eq!(server.requests().len(), 2, "the mirror's copy is right");
}

#[test]
fn a_mirror_may_be_an_address() {
    let (place, server) = served(&[Status(404)]);
    let mirror = Server::start(&content(), &[Good]);
    let resolver = place
        .resolver()
        .with_mirror(Some(Mirror::parse(&mirror.address).unwrap()));
    resolver.resolve("own").unwrap();
    assert_eq!((mirror.requests().len(), server.requests().len()), (1, 0));
}
