//! State machines.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::Outcome;
use super::executions::new_execution;
use super::fixtures::now;
use crate::Repository;
use crate::workflows::{ExecutionStart, Machine, MachineCreation, MachineKind, MachineUpdate};

fn machine(name: &str) -> Machine {
    Machine {
        name: name.to_owned(),
        kind: MachineKind::Standard,
        definition: format!("{{\"Comment\": \"{name}\"}}"),
        role_arn: "arn:aws:iam::123456789012:role/o'Brien".to_owned(),
        revision: Uuid::from_u128(1),
        created: now(),
        updated: now(),
    }
}

fn names(machines: &[Machine]) -> Vec<&str> {
    machines.iter().map(|machine| machine.name.as_str()).collect()
}

pub(super) async fn a_machine_is_made_once(store: Arc<dyn Repository>) -> Outcome {
    assert_eq!(store.get_machine("one").await?, None);
    let one = Machine {
        kind: MachineKind::Express,
        created: now() + SignedDuration::from_nanos(1_234_567_890),
        ..machine("one")
    };
    assert_eq!(store.create_machine(&one).await?, MachineCreation::Created);
    let stored = Machine {
        created: Timestamp::from_microsecond(1_234_567)?,
        ..one
    };
    assert_eq!(store.get_machine("one").await?, Some(stored.clone()));
    assert_eq!(store.get_machine("One").await?, None);
    let another = Machine {
        definition: "{}".to_owned(),
        ..machine("one")
    };
    assert_eq!(
        store.create_machine(&another).await?,
        MachineCreation::Exists(stored.clone())
    );
    assert_eq!(store.get_machine("one").await?, Some(stored));
    Ok(())
}

pub(super) async fn machines_are_listed_in_pages(store: Arc<dyn Repository>) -> Outcome {
    assert_eq!(store.list_machines(None, 10).await?, []);
    for name in ["b", "ä", "B", "a", "aa"] {
        // All with one definition.
        let machine = Machine {
            definition: "{}".to_owned(),
            ..machine(name)
        };
        store.create_machine(&machine).await?;
    }
    let all = store.list_machines(None, 10).await?;
    assert_eq!(names(&all), ["B", "a", "aa", "b", "ä"], "in the order of bytes");
    assert_eq!(all[2].definition, "{}");
    assert_eq!(names(&store.list_machines(None, 2).await?), ["B", "a"]);
    assert_eq!(names(&store.list_machines(Some("a"), 2).await?), ["aa", "b"]);
    assert_eq!(names(&store.list_machines(Some("aaa"), 9).await?), ["b", "ä"]);
    assert_eq!(store.list_machines(Some("ä"), 2).await?, []);
    Ok(())
}

pub(super) async fn a_machine_is_changed_in_parts(store: Arc<dyn Repository>) -> Outcome {
    let change = |definition: Option<&str>, role_arn: Option<&str>, revision| MachineUpdate {
        definition: definition.map(str::to_owned),
        role_arn: role_arn.map(str::to_owned),
        revision: Uuid::from_u128(revision),
        now: now() + SignedDuration::from_secs(revision as i64),
    };
    assert_eq!(
        store.update_machine("one", change(Some("{}"), None, 2)).await?,
        None
    );
    for name in ["one", "two"] {
        let machine = Machine {
            definition: "{}".to_owned(),
            ..machine(name)
        };
        store.create_machine(&machine).await?;
    }
    for (definition, role_arn, revision) in [
        (Some("{\"a\": 1}"), None, 2),
        (None, Some("another"), 3),
        (None, None, 4),
        (Some("{}"), Some("a third"), 5),
    ] {
        let before = store.get_machine("one").await?.ok_or("missing")?;
        let after = store
            .update_machine("one", change(definition, role_arn, revision))
            .await?
            .ok_or("missing")?;
        let expected = Machine {
            definition: definition.map_or(before.definition, str::to_owned),
            role_arn: role_arn.map_or(before.role_arn, str::to_owned),
            revision: Uuid::from_u128(revision),
            updated: now() + SignedDuration::from_secs(revision as i64),
            ..machine("one")
        };
        assert_eq!(after, expected);
        assert_eq!(store.get_machine("one").await?, Some(expected));
    }
    let other = store.get_machine("two").await?.ok_or("missing")?;
    assert_eq!((other.definition.as_str(), other.updated), ("{}", now()));
    Ok(())
}

pub(super) async fn a_removed_machine_leaves_its_executions(store: Arc<dyn Repository>) -> Outcome {
    store.create_machine(&machine("one")).await?;
    let mut new = new_execution(1, "one", "first");
    new.definition = machine("one").definition;
    store.start_execution(new.clone()).await?;
    assert!(store.delete_machine("one").await?);
    assert!(!store.delete_machine("one").await?);
    assert_eq!(store.get_machine("one").await?, None);
    let found = store.get_execution("one", "first").await?.ok_or("missing")?;
    assert_eq!(found.definition, new.definition);
    assert_eq!(store.unfinished_executions(None, 10).await?.len(), 1);

    store.create_machine(&machine("one")).await?;
    new.id = Uuid::from_u128(2);
    assert!(
        matches!(store.start_execution(new).await?, ExecutionStart::Exists(_)),
        "the name stays taken"
    );
    Ok(())
}

pub(super) async fn one_machine_many_times_at_once(store: Arc<dyn Repository>) -> Outcome {
    let mut callers = JoinSet::new();
    for number in 0..8 {
        let store = store.clone();
        let machine = Machine {
            definition: number.to_string(),
            ..machine("one")
        };
        callers.spawn(async move { store.create_machine(&machine).await });
    }
    let (mut created, mut seen) = (0, Vec::new());
    while let Some(made) = callers.join_next().await {
        match made?? {
            MachineCreation::Created => created += 1,
            MachineCreation::Exists(found) => seen.push(found),
        }
    }
    assert_eq!((created, seen.len()), (1, 7));
    let kept = store.get_machine("one").await?.ok_or("missing")?;
    assert!(seen.iter().all(|found| *found == kept));
    Ok(())
}
