//! Kill -9 during a mixed load of the portal's flows: what was acknowledged is there, nobody is half there, and every
//! execution that goes on after its answer comes to its end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "what the kills met is read by people")]

use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use base64::Engine as _;
use selfsame_gallery::testing::Random;
use serde_json::{Value, json};

use crate::fixture::{Server, card, page, run, sample, selfsame, send};
use crate::kill::files_in;

/// Kills per run; `SELFSAME_KILL_ROUNDS=200` for the figure that docs/WORKFLOWS.md states.
const ROUNDS: usize = 15;
/// Who is registered all the time.
const RESIDENT: &str = "resident";
/// What goes on after the answer lasts about a second; a busy machine gets more.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_mixed_load_survives_kills_at_random_moments() {
    let rounds = std::env::var("SELFSAME_KILL_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let load = Load::new(directory.path());
    let mut random = Random::new(4);
    let mut server = load.start();
    assert!(
        load.call(&server, Call::register(RESIDENT, "obama.jpg", "round 0"))
            .join()
            .unwrap()
    );
    let mut usual = load.usual_duration(&server);
    let mut told = Told::default();
    for round in 1..=rounds {
        let answers = load.round(round).map(|call| load.call(&server, call));
        std::thread::sleep(usual.mul_f64((random.next_u64() % 1300) as f64 / 1000.0));
        server.kill();
        let [registered, updated, verified] = answers.map(|answer| answer.join().expect("no panic"));

        server = load.start();
        wait_until_nothing_runs(&server, round);
        let newcomer = load.check_newcomer(&server, round, registered);
        let changed = load.check_resident(&server, round, updated);
        let kept = faces(&server, RESIDENT).unwrap() + usize::from(newcomer);
        assert_eq!(
            files_in(&load.blobs()),
            kept,
            "round {round}: a photo without a face, or a face without"
        );
        erase(&server, &newcomer_of(round));
        assert_eq!(
            files_in(&load.blobs()),
            kept - usize::from(newcomer),
            "round {round}"
        );
        told.count([registered, updated, verified], [newcomer, changed]);
        // Most kills shall hit the moments in which something is written, on a fast machine and on a busy one.
        usual = usual.mul_f64(if registered { 0.93 } else { 1.05 });
    }
    eprintln!("{rounds} kills: {told:?}");
    // Where every kill came too early or too late, this test would show nothing.
    assert!(
        told.answered > 0 && told.unanswered > 0 && told.absent > 0 && told.complete > 0,
        "{told:?}"
    );
}

/// What the rounds were like.
#[derive(Debug, Default)]
struct Told {
    answered: usize,
    unanswered: usize,
    complete: usize,
    absent: usize,
}

impl Told {
    fn count(&mut self, answered: [bool; 3], done: [bool; 2]) {
        let yes = |of: &[bool]| of.iter().filter(|one| **one).count();
        self.answered += yes(&answered);
        self.unanswered += answered.len() - yes(&answered);
        self.complete += yes(&done);
        self.absent += done.len() - yes(&done);
    }
}

/// One request.
struct Call {
    route: &'static str,
    body: Value,
}

impl Call {
    fn new(route: &'static str, user: &str, photo: &str, note: &str) -> Self {
        let bytes = fs_err::read(sample(photo)).expect("the sample can be read");
        let image = base64::engine::general_purpose::STANDARD.encode(bytes);
        let body = json!({ "UserId": user, "Image": image, "Properties": { "note": note } });
        Self { route, body }
    }

    fn register(user: &str, photo: &str, note: &str) -> Self {
        Self::new("register", user, photo, note)
    }

    fn with_card(mut self, portrait: &str) -> Self {
        self.body["IdCard"] = card(portrait).into();
        Self {
            route: "register-idcard",
            ..self
        }
    }
}

fn newcomer_of(round: usize) -> String {
    format!("newcomer-{round}")
}

/// A server whose registration goes on after its answer, and what is sent to it.
struct Load {
    data: std::path::PathBuf,
    flows: String,
}

impl Load {
    fn new(directory: &Path) -> Self {
        let flows = directory.join("flows").to_str().expect("a plain name").to_owned();
        run(selfsame().args(["workflow", "export", &flows]), 0);
        for name in ["register", "register-idcard"] {
            go_on_after_the_answer(&Path::new(&flows).join(format!("{name}.asl.json")));
        }
        Self {
            data: directory.join("data"),
            flows,
        }
    }

    fn start(&self) -> Server {
        Server::with(&self.data, &["--workflow-directory", &self.flows])
    }

    fn blobs(&self) -> std::path::PathBuf {
        self.data.join("blobs")
    }

    /// What is sent at once.
    #[expect(clippy::unused_self, reason = "reads as what it belongs to")]
    fn round(&self, round: usize) -> [Call; 3] {
        let note = format!("round {round}");
        let newcomer = Call::register(&newcomer_of(round), "biden.jpg", &note);
        [
            // Every second time with a card.
            if round.is_multiple_of(2) {
                newcomer.with_card("biden.jpg")
            } else {
                newcomer
            },
            Call::new("update", RESIDENT, "obama2.jpg", &note),
            Call::new("auth", RESIDENT, "obama3.jpg", ""),
        ]
    }

    /// Sends it in the background; true where the server said that it is done.
    #[expect(clippy::unused_self, reason = "reads as what it belongs to")]
    fn call(&self, server: &Server, call: Call) -> JoinHandle<bool> {
        let url = format!("{}/{}", server.address, call.route);
        std::thread::spawn(move || {
            send("POST", &url, Some(&call.body)).is_some_and(|(_, answer)| answer["status"] == "SUCCEEDED")
        })
    }

    /// How long a round takes where nobody kills.
    fn usual_duration(&self, server: &Server) -> Duration {
        let mut last = Duration::ZERO;
        for round in 1000..1003 {
            let begun = Instant::now();
            for answer in self.round(round).map(|call| self.call(server, call)) {
                assert!(answer.join().unwrap(), "the flows work");
            }
            // The first ones are slower.
            last = begun.elapsed();
            wait_until_nothing_runs(server, round);
            erase(server, &newcomer_of(round));
        }
        last
    }

    /// Whether the newcomer is there; completely or not at all.
    fn check_newcomer(&self, server: &Server, round: usize, registered: bool) -> bool {
        let user = newcomer_of(round);
        let there = faces(server, &user).is_some();
        assert!(
            there || !registered,
            "{user} was told to be registered and is gone"
        );
        let login = self
            .call(server, Call::new("auth", &user, "biden.jpg", ""))
            .join()
            .unwrap();
        assert_eq!(login, there, "{user}: half a user");
        there
    }

    /// Whether the resident was updated; if so, with the face and the properties.
    fn check_resident(&self, server: &Server, round: usize, updated: bool) -> bool {
        let (status, shown) = user(server, RESIDENT);
        assert_eq!(status, 200, "round {round}: who was registered is gone");
        let changed = shown["Properties"]["note"] == format!("round {round}");
        assert!(
            changed || !updated,
            "round {round}: an acknowledged update is lost: {shown}"
        );
        let login = self
            .call(server, Call::new("auth", RESIDENT, "obama.jpg", ""))
            .join()
            .unwrap();
        assert!(login, "round {round}: the resident cannot log in");
        changed
    }
}

/// Adds a pause and a task after the answer of a flow.
fn go_on_after_the_answer(file: &Path) {
    let mut definition: Value = serde_json::from_str(&fs_err::read_to_string(file).unwrap()).unwrap();
    let states = definition["States"].as_object_mut().unwrap();
    let output = states["Registered"]["Parameters"].clone();
    states.insert(
        "Registered".to_owned(),
        json!({
            "Type": "Task", "Resource": "arn:aws:states:::selfsame:answer", "Parameters": output,
            "ResultPath": null, "Next": "Pause",
        }),
    );
    states.insert(
        "Pause".to_owned(),
        json!({ "Type": "Wait", "Seconds": 1, "Next": "Later" }),
    );
    states.insert(
        "Later".to_owned(),
        json!({ "Type": "Task", "Resource": "arn:aws:states:::selfsame:noOp", "End": true }),
    );
    fs_err::write(file, definition.to_string()).unwrap();
}

fn user(server: &Server, user: &str) -> (u16, Value) {
    send("GET", &format!("{}/users/{user}", server.address), None).expect("an answer")
}

/// How many faces a user has; `None` if there is no such user.
fn faces(server: &Server, name: &str) -> Option<usize> {
    let (status, shown) = user(server, name);
    match status {
        200 => Some(shown["Faces"].as_array().unwrap().len()),
        404 => None,
        _ => panic!("{name}: {status} {shown}"),
    }
}

fn erase(server: &Server, user: &str) {
    send("DELETE", &format!("{}/users/{user}", server.address), None).expect("an answer");
}

fn wait_until_nothing_runs(server: &Server, round: usize) {
    let begun = Instant::now();
    loop {
        let shown = page(&format!("{}/executions", server.address));
        assert!(shown.contains("<!doctype html>"), "round {round}: {shown}");
        if !shown.contains("class=\"status running\"") {
            return;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "round {round}: an execution is stuck: {shown}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
