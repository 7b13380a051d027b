//! Kill -9 at any point of a registration leaves a complete user or nothing.

use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use base64::Engine as _;
use selfsame_gallery::testing::Random;
use serde_json::{Value, json};

use crate::fixture::{Server, sample, send};

/// As many as the project promises to have tried.
const ROUNDS: usize = 50;

/// Two people register at once in every round; both are told apart by their photos.
const PEOPLE: [(&str, &str); 2] = [("first", "obama.jpg"), ("second", "biden.jpg")];

#[test]
fn a_killed_registration_is_complete_or_absent() {
    let data = tempfile::tempdir().unwrap();
    let directory = data.path().join("data");
    let mut random = Random::new(2);
    let mut server = Server::start(&directory);
    let mut usual = usual_duration(&server);
    let (mut complete, mut absent) = (0, 0);
    for round in 0..ROUNDS {
        let registrations = PEOPLE.map(|person| register(&server.address, round, person));
        std::thread::sleep(moment(&mut random, round, usual));
        server.kill();
        let answered = registrations.map(|registration| registration.join().expect("no panic"));

        server = Server::start(&directory);
        let found = survivors(&server, round, answered);
        let blobs = directory.join("blobs");
        assert_eq!(
            files_in(&blobs),
            found,
            "round {round}: pictures without a user, or none"
        );
        erase(&server.address, round);
        assert_eq!(files_in(&blobs), 0, "round {round}: erasure leaves nothing");
        complete += found;
        absent += PEOPLE.len() - found;
        usual = usual.mul_f64(CORRECTIONS[found]);
    }
    // Where every kill came too early or too late, this test would show nothing.
    assert!(
        complete >= 10 && absent >= 10,
        "{complete} complete, {absent} absent"
    );
}

/// By the number of people who were registered before the kill: the next one comes later, or earlier. So most kills hit the
/// moments in which something is written, on a fast machine and on a busy one.
const CORRECTIONS: [f64; 3] = [1.2, 1.0, 0.85];

/// How many of a round's people are registered; each completely or not at all.
fn survivors(server: &Server, round: usize, answered: [bool; 2]) -> usize {
    let mut found = 0;
    for ((name, photo), answered) in PEOPLE.into_iter().zip(answered) {
        let user = id(round, name);
        if is_complete(&server.address, &user, photo) {
            found += 1;
        } else {
            assert!(!answered, "{user} was told to be registered and is gone");
        }
    }
    found
}

fn id(round: usize, name: &str) -> String {
    format!("{name}-{round}")
}

fn body(user: &str, photo: &str) -> Value {
    let bytes = fs_err::read(sample(photo)).expect("the sample can be read");
    let image = base64::engine::general_purpose::STANDARD.encode(bytes);
    json!({ "UserId": user, "Image": image, "Properties": { "note": "it's a test" } })
}

/// Registers in the background; true where the server said that it is done.
fn register(address: &str, round: usize, (name, photo): (&str, &str)) -> JoinHandle<bool> {
    let url = format!("{address}/register");
    let body = body(&id(round, name), photo);
    std::thread::spawn(move || {
        send("POST", &url, Some(&body)).is_some_and(|(_, answer)| answer["status"] == "SUCCEEDED")
    })
}

/// How long the two registrations take where nobody kills.
fn usual_duration(server: &Server) -> Duration {
    let mut longest = Duration::ZERO;
    for round in 1000..1003 {
        let start = Instant::now();
        let registrations = PEOPLE.map(|person| register(&server.address, round, person));
        for registration in registrations {
            assert!(registration.join().expect("no panic"), "registration works");
        }
        // The first ones are slower.
        longest = start.elapsed();
        erase(&server.address, round);
    }
    longest
}

/// When to kill: one time in five anywhere, else near the end, where things are written.
fn moment(random: &mut Random, round: usize, usual: Duration) -> Duration {
    let share = (random.next_u64() % 1000) as f64 / 1000.0;
    usual.mul_f64(if round.is_multiple_of(5) {
        1.2 * share
    } else {
        0.8 + 0.4 * share
    })
}

/// Whether everything of a user is there. Half a user is a failed test.
fn is_complete(address: &str, user: &str, photo: &str) -> bool {
    let (status, shown) = send("GET", &format!("{address}/users/{user}"), None).expect("an answer");
    let (_, login) = send("POST", &format!("{address}/auth"), Some(&body(user, photo))).expect("an answer");
    match status {
        200 => {
            assert!(
                shown.to_string().contains("it's a test"),
                "{user} has no properties: {shown}"
            );
            assert_eq!(
                login["status"], "SUCCEEDED",
                "{user} exists and cannot log in: {login}"
            );
            true
        }
        404 => {
            assert_eq!(
                login["error"], "UserAccessDenied",
                "{user} is absent and logs in: {login}"
            );
            false
        }
        _ => panic!("{user}: {status} {shown}"),
    }
}

fn erase(address: &str, round: usize) {
    for (name, _) in PEOPLE {
        send("DELETE", &format!("{address}/users/{}", id(round, name)), None).expect("an answer");
    }
}

/// All files below a directory, also half-written ones.
pub(crate) fn files_in(directory: &Path) -> usize {
    let Ok(entries) = fs_err::read_dir(directory) else {
        return 0;
    };
    entries
        .map(|entry| entry.expect("the directory can be read").path())
        .map(|path| if path.is_dir() { files_in(&path) } else { 1 })
        .sum()
}
