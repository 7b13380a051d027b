//! Another model for a collection that holds faces: kill -9 at any moment loses no face and does none twice, and what
//! cannot come along is told, never dropped.

#![expect(clippy::print_stderr, reason = "what the kills met is read by people")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use selfsame_gallery::testing::Random;
use serde_json::Value;

use crate::fixture::{Server, json, run, said, selfsame_with_models, send};
use crate::import::{AS_STANDARD, CALIBRATION, file_of, import};

/// Kills; each costs a start of the program.
const ROUNDS: usize = 12;
/// Of the first user: more than one batch, so that kills fall between two commits.
const FACES: usize = 10;

/// A data directory with faces, and a pack of another model.
struct World {
    directory: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self {
            directory: tempfile::tempdir().expect("a directory"),
        };
        fs_err::create_dir(world.path("packs")).expect("a directory");
        fs_err::write(world.path("measured"), CALIBRATION).expect("written");
        let measured = world.text("measured");
        let arguments = [&AS_STANDARD[..], &["--calibration", &measured]].concat();
        run(
            &mut import(&world.path("packs"), &file_of("embedder"), "mine", &arguments),
            0,
        );
        world
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("a plain name").to_owned()
    }

    fn serve(&self, pack: &str) -> Server {
        Server::with(
            &self.path("data"),
            &["--packs", &self.text("packs"), "--pack", pack],
        )
    }

    fn reindex(&self, arguments: &[&str]) -> Command {
        self.reindex_to("mine", arguments)
    }

    fn reindex_to(&self, pack: &str, arguments: &[&str]) -> Command {
        let mut command = selfsame_with_models();
        command
            .args([
                "reindex",
                "--format",
                "json",
                "--threads",
                "1",
                "--pack",
                pack,
                "--data",
            ])
            .arg(self.path("data"))
            .args(arguments)
            .env("SELFSAME_MODELS_PACKS", self.path("packs"));
        command
    }

    /// What is said of the one collection.
    fn told(&self, arguments: &[&str], code: i32) -> Value {
        json(&run(&mut self.reindex(arguments), code))["collections"][0].clone()
    }
}

fn faces(server: &Server, user: &str) -> usize {
    let (status, shown) = send("GET", &format!("{}/users/{user}", server.address), None).expect("an answer");
    assert_eq!(status, 200, "{user} is gone: {shown}");
    shown["Faces"].as_array().expect("faces").len()
}

#[test]
fn a_killed_reindex_loses_nothing_and_goes_on() {
    let world = World::new();
    let server = world.serve("standard");
    run(&mut server.flow("register", "ada", "obama.jpg"), 0);
    for round in 1..FACES {
        let photo = ["obama2.jpg", "obama3.jpg"][round % 2];
        run(&mut server.flow("update", "ada", photo), 0);
    }
    run(&mut server.flow("register", "bob", "biden.jpg"), 0);
    let output = run(&mut world.reindex(&[]), 3);
    assert!(said(&output).contains("a server runs"), "{}", said(&output));
    let looked = world.told(&["--dry-run"], 0);
    let count = |told: &Value, what: &str| told[what].as_u64().expect("a number");
    assert_eq!(
        (count(&looked, "faces"), count(&looked, "prepared")),
        (11, 11),
        "{looked}"
    );
    server.kill();

    // Until it has been through once, every second kill falls before its end.
    let mut random = Random::new(6);
    let (mut usual, mut before) = (duration_of_a_start(&world), 0);
    let mut halfway = 0;
    for round in 0..ROUNDS {
        let mut child = world
            .reindex(&[])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(usual.mul_f64(0.5 + (random.next_u64() % 1000) as f64 / 1000.0));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let told = world.told(&["--dry-run"], 0);
        assert_eq!(count(&told, "faces"), 11, "round {round}: {told}");
        assert_eq!(told["left_behind"], 0, "round {round}: {told}");
        if told["from"] == "mine-1" {
            break;
        }
        let prepared = count(&told, "prepared_before");
        assert!(prepared >= before, "round {round}: what was done is lost: {told}");
        halfway += usize::from(0 < prepared && prepared < 11);
        before = prepared;
        usual = usual.mul_f64(1.05);
    }
    eprintln!("{halfway} kills fell between two commits");
    let last = world.told(&[], 0);
    assert!(
        ["changed", "up-to-date"].contains(&last["outcome"].as_str().expect("a word")),
        "{last}"
    );
    assert_eq!(
        world.told(&[], 0)["outcome"],
        "up-to-date",
        "a second run has nothing to do"
    );

    let server = world.serve("mine");
    assert_eq!((faces(&server, "ada"), faces(&server, "bob")), (FACES, 1));
    run(&mut server.flow("auth", "ada", "obama2.jpg"), 0);
    run(&mut server.flow("auth", "bob", "biden.jpg"), 0);
    run(&mut server.flow("auth", "bob", "obama.jpg"), 1);
    run(&mut server.flow("register", "eve", "obama3.jpg"), 1);
    server.kill();
    // The pack that has made the templates before does not fit any more, and what fits is named.
    let mut old = selfsame_with_models();
    let output = run(
        old.args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(world.path("data")),
        3,
    );
    assert!(said(&output).contains("selfsame reindex"), "{}", said(&output));
}

/// How long the program needs before it makes templates.
fn duration_of_a_start(world: &World) -> Duration {
    let begun = Instant::now();
    world.told(&["--dry-run"], 0);
    begun.elapsed()
}

#[test]
fn faces_without_a_photo_are_told_and_kept() {
    let world = World::new();
    let data = world.path("data");
    let server = Server::with(&data, &["--keep-images=false"]);
    run(&mut server.flow("register", "ada", "obama.jpg"), 0);
    server.kill();
    let server = Server::start(&data);
    run(&mut server.flow("register", "bob", "biden.jpg"), 0);
    let prepared = world.told(&["--prepare"], 0);
    assert_eq!(
        (&prepared["outcome"], &prepared["prepared"]),
        (&"prepared".into(), &1.into())
    );
    run(&mut server.flow("auth", "ada", "obama2.jpg"), 0);
    server.kill();

    let refused = world.told(&[], 1);
    assert_eq!(
        (&refused["outcome"], &refused["prepared"]),
        (&"refused".into(), &0.into()),
        "{refused}"
    );
    let problem = &refused["problems"][0];
    assert_eq!(
        (&problem["user"], &problem["problem"]),
        (&"ada".into(), &"no-photo".into())
    );
    Server::start(&data).kill();

    let changed = world.told(&["--leave-behind"], 0);
    assert_eq!(
        (&changed["changed"], &changed["left_behind"]),
        (&1.into(), &1.into()),
        "{changed}"
    );
    let server = world.serve("mine");
    assert_eq!(
        (faces(&server, "ada"), faces(&server, "bob")),
        (1, 1),
        "nobody is gone"
    );
    run(&mut server.flow("auth", "ada", "obama2.jpg"), 1);
    run(&mut server.flow("auth", "bob", "biden.jpg"), 0);
    let log = server.kill();
    assert!(log.contains("1 face(s) in the collection"), "{log}");
    // Back again, ada's face is as good as ever, and bob's photo is there.
    let output = run(&mut world.reindex_to("standard", &[]), 0);
    assert_eq!(
        json(&output)["collections"][0]["left_behind"],
        0,
        "{}",
        said(&output)
    );
    let server = Server::start(Path::new(&data));
    run(&mut server.flow("auth", "ada", "obama2.jpg"), 0);
    run(&mut server.flow("auth", "bob", "biden.jpg"), 0);
}
