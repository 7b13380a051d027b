//! The end of what an execution wrote: it stays, or it is taken back. Until then it stands in the journal, which is
//! written in the transaction of the write itself, so that no crash can come between the two.

use std::sync::Arc;

use selfsame_types::{Change, CollectionId, UserId};
use uuid::Uuid;

use super::job::Written;
use crate::app::App;

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It stays.
    Keep,
    /// It is taken back.
    TakeBack,
}

/// Carries a verdict out. What goes wrong is logged: the entries stay in the journal, and the next start looks at them
/// again. `false` where that happened.
pub(super) async fn conclude(app: &Arc<App>, execution: Uuid, verdict: Verdict, written: &Written) -> bool {
    let result = match verdict {
        Verdict::Keep => app.store.settle(execution).await,
        Verdict::TakeBack => app.store.undo(execution).await,
    };
    let changes = match result {
        Ok(changes) => changes,
        Err(error) => {
            tracing::error!(%execution, %error, ?verdict, "what an execution wrote could not be concluded; the next start will");
            return false;
        }
    };
    let written = written.all();
    let mut done = true;
    for (collection, changes) in changes {
        done &= apply(app, &collection, changes, &written).await;
    }
    done
}

/// Brings the changes into the gallery, so that nobody finds a face that is gone.
async fn apply(
    app: &Arc<App>,
    collection: &CollectionId,
    changes: Vec<Change>,
    written: &[(CollectionId, UserId)],
) -> bool {
    let Ok(ready) = app.ready() else {
        return true;
    };
    let users = written.iter().filter(|(its, _)| its == collection);
    let users: Vec<UserId> = users.map(|(_, user)| user.clone()).collect();
    let applied = match ready.galleries.get(collection).await {
        Ok(Some(gallery)) => gallery.follow_changes(users, changes).await,
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    applied
        .inspect_err(|error| tracing::error!(%collection, %error, "a gallery could not follow the store"))
        .is_ok()
}
