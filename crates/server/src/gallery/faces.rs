//! Faces that need not be anybody's: enrolled, found and deleted by themselves.

use std::collections::HashMap;
use std::sync::Arc;

use selfsame_gallery::{FaceIndex as _, Hits};
use selfsame_store::{Enrolled, FaceDeletion, FaceRecord, NewImage};
use selfsame_types::{FaceId, Template};

use super::{Error, Gallery};

impl Gallery {
    /// Enrols the faces of an image. Those that were enrolled from the same image before are given back as they are.
    pub(crate) async fn enrol(self: &Arc<Self>, image: NewImage) -> Result<Vec<Enrolled>, Error> {
        self.check_model()?;
        self.committing(move |gallery| async move {
            let enrolment = gallery.shared.store.enrol(&gallery.collection, image).await?;
            gallery.apply(enrolment.changes).await?;
            Ok(enrolment.faces)
        })
        .await
    }

    /// Deletes faces, from the disk and from memory; those that are somebody's stay.
    pub(crate) async fn delete_faces(self: &Arc<Self>, faces: Vec<FaceId>) -> Result<FaceDeletion, Error> {
        self.committing(move |gallery| async move {
            let store = &gallery.shared.store;
            let deletion = store.delete_faces(&gallery.collection, &faces).await?;
            gallery.apply(deletion.changes.clone()).await?;
            Ok(deletion)
        })
        .await
    }

    /// The `k` faces that are most alike to `probe`, with their cosines, where these are at least `min_cosine`: highest
    /// first. Faces that are deleted meanwhile are left out.
    pub(crate) async fn search_faces(
        &self,
        probe: &Template,
        k: usize,
        min_cosine: f32,
    ) -> Result<Vec<(FaceRecord, f32)>, Error> {
        let (index, template) = (Arc::clone(self.index().await?), probe.clone());
        let search = move || index.search(&template, k, min_cosine);
        let Hits { hits, .. } = tokio::task::spawn_blocking(search).await??;
        if hits.is_empty() {
            return Ok(Vec::new());
        }
        let faces: Vec<FaceId> = hits.iter().map(|hit| hit.face).collect();
        let records = self.shared.store.face_records(&self.collection, &faces).await?;
        let mut records: HashMap<FaceId, FaceRecord> =
            records.into_iter().map(|record| (record.face, record)).collect();
        let found = hits
            .iter()
            .filter_map(|hit| Some((records.remove(&hit.face)?, hit.cosine)));
        Ok(found.collect())
    }

    /// The template of a face; `None` where there is no such face.
    pub(crate) async fn template_of(&self, face: FaceId) -> Result<Option<Template>, Error> {
        self.check_model()?;
        let found = self.shared.store.templates(&self.collection, &[face]).await?;
        Ok(found.into_iter().next().map(|(_, template)| template))
    }
}
