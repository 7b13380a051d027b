//! Changing a collection's model in the in-memory twin.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;

use async_trait::async_trait;
use selfsame_types::{CollectionId, FaceId, FaceModelVersion, Seq, Template};

use super::Memory;
use super::state::{CollectionState, FaceState};
use crate::Result;
use crate::model::{ModelChange, Place, Unprepared, Versions};
use crate::repository::Models;
use crate::rules;

/// What an image tells a face by: digest and place, external id.
type Source = (([u8; 32], u32), Option<String>);

fn source_of(face: &FaceState) -> Option<Source> {
    Some((face.source?, face.record.external_image_id.clone()))
}

fn counted<'a>(versions: impl Iterator<Item = &'a FaceModelVersion>) -> Vec<(FaceModelVersion, u64)> {
    let mut counts = BTreeMap::new();
    for version in versions {
        *counts.entry(version.as_str()).or_insert(0) += 1;
    }
    counts
        .into_iter()
        .map(|(version, faces)| (FaceModelVersion::new(version), faces))
        .collect()
}

impl FaceState {
    /// Its template of a model: the one it has, or the one that is prepared.
    fn template_of(&self, version: &FaceModelVersion) -> Option<&Template> {
        let prepared = self.prepared.as_ref();
        prepared
            .filter(|prepared| prepared.version() == version)
            .or_else(|| Some(&self.template).filter(|own| own.version() == version))
    }

    /// Whether another template is in its place now.
    fn take(&mut self, version: &FaceModelVersion) -> bool {
        let Some(template) = self.template_of(version).cloned() else {
            return false;
        };
        self.record.version = version.clone();
        self.template = template;
        true
    }
}

impl CollectionState {
    fn current(&self) -> FaceModelVersion {
        self.live
            .as_ref()
            .map_or_else(|| FaceModelVersion::new(""), |(version, _)| version.clone())
    }

    fn prepare(&mut self, face: FaceId, template: &Template) -> Result<u64> {
        let version = template.version();
        let known = self.faces.values().find_map(|face| face.template_of(version));
        rules::check_length(known.map(|known| known.values().len()), template)?;
        let found = self.faces.values_mut().find(|found| found.record.face == face);
        Ok(found.map_or(0, |found| {
            found.prepared = Some(template.clone());
            1
        }))
    }

    fn change_model(&mut self, version: &FaceModelVersion, leave_behind: bool) -> ModelChange {
        let before: HashSet<Seq> = self.searched().map(|face| face.record.seq).collect();
        let without = self.searched().filter(|face| face.template_of(version).is_none());
        let faces = without.count() as u64;
        if faces > 0 && !leave_behind {
            return ModelChange::Unprepared { faces };
        }
        let is_change = self.current() != *version;
        let mut changed = 0;
        let mut taken: HashSet<Source> = HashSet::new();
        // First those that are searched, then those that were left behind before.
        for searched in [true, false] {
            let round = self
                .faces
                .values_mut()
                .filter(|face| before.contains(&face.record.seq) == searched);
            for face in round {
                let source = source_of(face);
                let is_free = source.as_ref().is_none_or(|source| !taken.contains(source));
                if is_free && face.template_of(version).is_some() {
                    let counts = !searched || is_change || face.prepared.is_some();
                    changed += u64::from(face.take(version) && counts);
                    taken.extend(source);
                }
            }
        }
        if let Some((current, _)) = &mut self.live {
            *current = version.clone();
        }
        self.faces.values_mut().for_each(|face| face.prepared = None);
        let left_behind = self.faces.len() as u64 - self.searched().count() as u64;
        ModelChange::Done { changed, left_behind }
    }
}

#[async_trait]
impl Models for Memory {
    async fn versions(&self, collection: &CollectionId) -> Result<Versions> {
        let state = self.state();
        let found = state.collection(collection)?;
        let left_behind = found.faces.values().filter(|face| !found.is_searched(face));
        let prepared = found.faces.values().filter_map(|face| face.prepared.as_ref());
        Ok(Versions {
            current: found.current(),
            faces: found.searched().count() as u64,
            left_behind: counted(left_behind.map(|face| face.template.version())),
            prepared: counted(prepared.map(Template::version)),
        })
    }

    async fn unprepared(
        &self,
        collection: &CollectionId,
        version: &FaceModelVersion,
        after: Option<Seq>,
        limit: u32,
    ) -> Result<Vec<Unprepared>> {
        let state = self.state();
        let after = Bound::Excluded(after.unwrap_or_default());
        let faces = state
            .collection(collection)?
            .faces
            .range((after, Bound::Unbounded));
        let without = faces.filter(|(_, face)| face.template_of(version).is_none());
        Ok(without
            .take(limit as usize)
            .map(|(_, face)| Unprepared {
                record: face.record.clone(),
                place: face.source.map(|(digest, ordinal)| Place { digest, ordinal }),
            })
            .collect())
    }

    async fn prepare(&self, collection: &CollectionId, templates: &[(FaceId, Template)]) -> Result<u64> {
        let mut state = self.state();
        let found = state.collection_mut(collection)?;
        let mut first: Option<&Template> = None;
        // All are checked before any is kept.
        for (_, template) in templates {
            let version = template.version();
            let known = found.faces.values().find_map(|face| face.template_of(version));
            let known = known.or_else(|| first.filter(|first| first.version() == version));
            rules::check_length(known.map(|known| known.values().len()), template)?;
            first = Some(template);
        }
        templates.iter().try_fold(0, |sum, (face, template)| {
            Ok(sum + found.prepare(*face, template)?)
        })
    }

    async fn change_model(
        &self,
        collection: &CollectionId,
        version: &FaceModelVersion,
        leave_behind: bool,
    ) -> Result<ModelChange> {
        let mut state = self.state();
        Ok(state
            .collection_mut(collection)?
            .change_model(version, leave_behind))
    }
}
