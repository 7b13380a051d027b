//! Which of several photos is looked at: the best, by the one number that says how well its face can be compared. Decides
//! nothing else: whether the best is good enough, and whose face it is, is the flow's matter.

use std::cmp::Ordering;

use selfsame_vision::pool::Permit;

use super::flow::throttled;
use crate::app::{App, Ready};
use crate::engine::Photo;
use crate::error::Error;
use crate::workflow::photo_worth;
use crate::workflow::workers::Workbench;

/// The best of some photos as text, at least one, and the workbench that has looked at it.
pub(super) async fn best(
    app: &App,
    ready: &Ready,
    permit: Permit,
    mut photos: Vec<String>,
) -> Result<(String, Workbench), Error> {
    if photos.len() == 1 {
        return Ok((photos.remove(0), Workbench::with_permit(permit)));
    }
    let (mut permit, mut best) = (Some(permit), None::<(f32, String, Photo)>);
    let mut unusable = None;
    for text in photos {
        let permit = match permit.take() {
            Some(permit) => permit,
            None => ready.engine.admit().map_err(|_| throttled(app))?,
        };
        let Ok(photo) = ready.engine.analyze(permit, text.clone()).await else {
            // What is wrong with it is told by the flow, if no other is better.
            unusable.get_or_insert(text);
            continue;
        };
        let worth = photo_worth(&photo.analysis, &app.settings.quality);
        let better = |(so_far, ..): &(f32, String, Photo)| worth.total_cmp(so_far) == Ordering::Greater;
        if best.as_ref().is_none_or(better) {
            best = Some((worth, text, photo));
        }
    }
    Ok(match (best, unusable) {
        (Some((_, text, photo)), _) => {
            let workbench = Workbench::with_photo(&text, photo);
            (text, workbench)
        }
        (None, text) => (text.unwrap_or_default(), Workbench::default()),
    })
}
