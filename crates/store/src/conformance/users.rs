//! Lists of people, and times.

use std::sync::Arc;

use jiff::Timestamp;
use selfsame_types::UserId;

use super::Outcome;
use super::fixtures::World;
use crate::Repository;

pub(super) async fn users_are_listed_in_pages(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    // Byte order: digits, capitals, small letters.
    let ids = ["bob", "Bob", "1", "alice@example.org", "alice", "Zoe"];
    for (person, id) in ids.iter().enumerate() {
        world.enrol(id, person).await?;
    }
    store
        .update(&world.collection, world.update("Zoe", 5, 1)?, None)
        .await?;
    let mut expected = ids;
    expected.sort_unstable();

    let mut found = Vec::new();
    loop {
        let after: Option<UserId> = found.last().cloned();
        let page = store.list_users(&world.collection, after.as_ref(), 4).await?;
        if page.is_empty() {
            break;
        }
        for user in page {
            let faces = if user.id.as_str() == "Zoe" { 2 } else { 1 };
            assert_eq!(user.faces, faces, "{}", user.id);
            found.push(user.id);
        }
    }
    assert_eq!(found.iter().map(UserId::as_str).collect::<Vec<_>>(), expected);
    assert_eq!(store.list_users(&world.collection, None, 0).await?, []);
    Ok(())
}

pub(super) async fn times_are_kept_to_the_microsecond(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    for (person, (given, kept)) in [
        ("2026-10-25T01:30:00.123456789Z", "2026-10-25T01:30:00.123456Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ("9999-12-30T22:00:00Z", "9999-12-30T22:00:00Z"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = UserId::new(format!("user-{person}"))?;
        let mut new = world.new_user(id.as_str(), person)?;
        new.now = given.parse()?;
        world.register(new).await?;
        let user = store.get_user(&world.collection, &id).await?.ok_or("missing")?;
        let kept: Timestamp = kept.parse()?;
        assert_eq!(
            (user.created, user.updated, user.faces[0].created),
            (kept, kept, kept)
        );
    }
    Ok(())
}
