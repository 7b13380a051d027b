//! Many at once: one face stays one user.

use std::sync::Barrier;
use std::thread;

use crate::support::{Server, photos};

#[test]
fn of_eight_who_register_one_face_exactly_one_wins() {
    let server = Server::start();
    let photos = [photos().get("obama.jpg"), photos().get("obama2.jpg")];
    let start = Barrier::new(8);
    let outcomes: Vec<_> = thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|number| {
                let (server, photo, start) = (&server, &photos[number % 2], &start);
                scope.spawn(move || {
                    start.wait();
                    server.flow("/register", &format!("user-{number}"), photo)
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let winners = outcomes
        .iter()
        .filter(|answer| answer.json()["status"] == "SUCCEEDED")
        .count();
    assert_eq!(winners, 1);
    for answer in outcomes
        .iter()
        .filter(|answer| answer.json()["status"] != "SUCCEEDED")
    {
        assert_eq!(answer.failure().0, "UserAlreadyExists");
    }
    assert_eq!(server.photos_on_disk().len(), 1, "losers leave nothing behind");
    assert!(server.get("/metrics").text.contains("selfsame_faces 1\n"));
}

#[test]
fn of_eight_who_register_one_id_exactly_one_wins() {
    let server = Server::start();
    let photos = [photos().get("obama.jpg"), photos().get("biden.jpg")];
    let start = Barrier::new(8);
    let winners = thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|number| {
                let (server, photo, start) = (&server, &photos[number % 2], &start);
                scope.spawn(move || {
                    start.wait();
                    server.flow("/register", "popular", photo).json()["status"] == "SUCCEEDED"
                })
            })
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .filter(|won| *won)
            .count()
    });
    assert_eq!(winners, 1);
    assert_eq!(
        server.get("/users/popular").json()["Faces"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
