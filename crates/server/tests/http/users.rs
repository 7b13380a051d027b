//! What is stored, shown and erased.

use serde_json::json;

use crate::support::{Server, photos};

#[test]
fn administrators_see_a_user_but_never_templates() {
    let server = Server::start();
    server
        .flow("/register", "a.b-c_d:e@f+g", &photos().get("obama.jpg"))
        .output();
    let answer = server.get("/users/a.b-c_d:e@f%2Bg");
    let user = answer.json();
    assert_eq!((answer.status, &user["UserId"]), (200, &json!("a.b-c_d:e@f+g")));
    let mut members: Vec<&str> = user.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["Created", "Faces", "Properties", "Updated", "UserId"]);
    let face = user["Faces"][0].as_object().unwrap();
    let members: Vec<&str> = face.keys().map(String::as_str).collect();
    assert_eq!(members, ["Created", "Detail", "FaceId", "ImageId", "ImageKept"]);
    assert_eq!(face["ImageKept"], true);
    let area = &face["Detail"]["BoundingBox"];
    assert!(
        area["Width"].as_f64().unwrap() > 0.0 && area["Width"].as_f64().unwrap() < 1.0,
        "{area}"
    );
    assert_eq!(server.get("/users/nobody").refusal().0, 404);
    assert_eq!(server.get("/users/o'b").refusal().0, 400);
    assert_eq!(server.get("/users/%FF").refusal().0, 400);
}

#[test]
fn deleting_leaves_nothing() {
    let server = Server::start();
    let photo = photos().get("obama.jpg");
    server.flow("/register", "Barack", &photo).output();
    server
        .flow("/update", "Barack", &photos().get("obama2.jpg"))
        .output();
    let kept: Vec<Vec<u8>> = server
        .photos_on_disk()
        .iter()
        .map(|path| fs_err::read(path).unwrap())
        .collect();
    assert_eq!(kept.len(), 2);
    assert!(kept.contains(&photo), "photos are kept as they were sent");

    let answer = server.delete("/users/Barack");
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"UserId": "Barack", "Status": "Deleted"}))
    );
    assert!(server.photos_on_disk().is_empty());
    assert_eq!(server.get("/users/Barack").status, 404);
    assert_eq!(server.delete("/users/Barack").refusal().0, 404);
    assert_eq!(
        server.flow("/auth", "Barack", &photo).failure().0,
        "UserAccessDenied"
    );
    // The face is free again, under any id.
    server.flow("/register", "Somebody", &photo).output();
    assert_eq!(server.delete("/users/somebody").status, 404);
}

#[test]
fn without_images_templates_are_enough() {
    let server = Server::with(|config| config.server.keep_images = false);
    server
        .flow("/register", "Barack", &photos().get("obama.jpg"))
        .output();
    assert!(server.photos_on_disk().is_empty());
    assert_eq!(server.get("/users/Barack").json()["Faces"][0]["ImageKept"], false);
    server
        .flow("/auth", "Barack", &photos().get("obama2.jpg"))
        .output();
}

#[test]
fn everything_survives_a_restart() {
    let server = Server::start();
    server
        .flow("/register", "Barack", &photos().get("obama.jpg"))
        .output();
    let server = server.restart();
    assert_eq!(
        server.snapshots_on_disk().len(),
        1,
        "written when the server stopped"
    );
    server
        .flow("/auth", "Barack", &photos().get("obama2.jpg"))
        .output();
    assert_eq!(
        server
            .flow("/register", "Other", &photos().get("obama2.jpg"))
            .failure()
            .0,
        "UserAlreadyExists"
    );
    server.delete("/users/Barack");
    assert!(
        server.snapshots_on_disk().is_empty(),
        "a snapshot with an erased template does not stay"
    );
    let server = server.restart();
    server
        .flow("/register", "Other", &photos().get("obama2.jpg"))
        .output();
}

#[test]
fn too_many_faces_push_out_the_oldest() {
    let server = Server::with(|config| config.limits.faces_per_user = 2);
    server
        .flow("/register", "Barack", &photos().get("obama.jpg"))
        .output();
    let first = server.get("/users/Barack").json()["Faces"][0]["FaceId"].clone();
    for _ in 0..2 {
        server
            .flow("/update", "Barack", &photos().get("obama2.jpg"))
            .output();
    }
    let faces = server.get("/users/Barack").json()["Faces"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(faces.len(), 2);
    assert!(faces.iter().all(|face| face["FaceId"] != first));
    assert_eq!(server.photos_on_disk().len(), 2);
}
