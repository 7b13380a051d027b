//! Faces enrolled by image, erased and listed one by one, in the in-memory twin.

use std::collections::HashSet;
use std::ops::Bound;

use selfsame_types::{Change, CollectionId, FaceId, ImageId, Seq, Template, UserId};

use super::state::{CollectionState, FaceState, State};
use super::stored;
use crate::model::{Enrolled, Enrolment, FaceDeletion, FaceFilter, FaceRecord, NewImage, NewImageFace};
use crate::ownership::{self, Owners, Sorted};
use crate::{Error, Result};

impl State {
    pub(super) fn enrol_image(&mut self, collection: &CollectionId, new: NewImage) -> Result<Enrolment> {
        let now = stored(new.now)?;
        let known = &self.faces;
        let found = self
            .collections
            .get_mut(collection)
            .filter(|found| found.live.is_some())
            .ok_or_else(|| Error::NoSuchCollection(collection.clone()))?;
        let image = found.image_of(&new).unwrap_or(new.image);
        // All that can be refused is refused before anything is changed.
        found.check_image(&new, known)?;

        let (mut faces, mut changes) = (Vec::new(), Vec::new());
        for face in new.faces {
            let source = (new.digest, face.ordinal);
            if let Some(record) = found.find_source(source, new.external_image_id.as_deref()) {
                faces.push(Enrolled { record, new: false });
                continue;
            }
            let mut record = FaceRecord {
                face: face.id,
                image,
                user: None,
                external_image_id: new.external_image_id.clone(),
                seq: Seq::default(),
                version: face.template.version().clone(),
                created: now,
                picture: None,
                metadata: face.metadata,
            };
            record.seq = found.enrol(FaceState {
                template: face.template.clone(),
                prepared: None,
                record: record.clone(),
                owned_since: None,
                source: Some(source),
            });
            changes.push(Change::Enrolled {
                seq: record.seq,
                face: face.id,
                template: face.template,
            });
            faces.push(Enrolled { record, new: true });
            self.faces.insert(face.id);
        }
        Ok(Enrolment { faces, changes })
    }

    /// Gives also the images whose pictures are to be removed.
    pub(super) fn delete_faces(
        &mut self,
        collection: &CollectionId,
        faces: &[FaceId],
    ) -> Result<(FaceDeletion, Vec<ImageId>)> {
        let found = self.collection_mut(collection)?;
        let Sorted { accepted, refused } = ownership::erasable(faces, &found.owners(faces));
        let places: Vec<Seq> = accepted.iter().filter_map(|face| found.place_of(*face)).collect();
        let (changes, images) = found.erase_all(places);
        self.forget(&changes);
        let deletion = FaceDeletion {
            deleted: accepted,
            refused,
            changes,
        };
        Ok((deletion, images))
    }
}

impl CollectionState {
    /// These faces, as far as they are enrolled.
    pub(super) fn these(&self, faces: &[FaceId]) -> impl Iterator<Item = &FaceState> {
        let wanted: HashSet<FaceId> = faces.iter().copied().collect();
        self.faces
            .values()
            .filter(move |face| wanted.contains(&face.record.face))
    }

    pub(super) fn owners(&self, faces: &[FaceId]) -> Owners {
        self.these(faces)
            .map(|face| (face.record.face, face.record.user.clone()))
            .collect()
    }

    fn place_of(&self, face: FaceId) -> Option<Seq> {
        self.these(&[face]).next().map(|face| face.record.seq)
    }

    /// The image that these bytes with this external id became before.
    fn image_of(&self, new: &NewImage) -> Option<ImageId> {
        let same = |face: &&FaceState| {
            face.source.is_some_and(|(digest, _)| digest == new.digest)
                && face.record.external_image_id == new.external_image_id
        };
        self.searched().find(same).map(|face| face.record.image)
    }

    fn find_source(&self, source: ([u8; 32], u32), external_image_id: Option<&str>) -> Option<FaceRecord> {
        let same = |face: &&FaceState| {
            face.source == Some(source) && face.record.external_image_id.as_deref() == external_image_id
        };
        self.searched().find(same).map(|face| face.record.clone())
    }

    /// Refuses templates that cannot be compared with the others, and ids of new faces that are in use.
    fn check_image(&self, new: &NewImage, known: &HashSet<FaceId>) -> Result<()> {
        let mut first: Option<&Template> = None;
        let (mut places, mut ids) = (HashSet::new(), HashSet::new());
        for NewImageFace {
            ordinal,
            id,
            template,
            ..
        } in &new.faces
        {
            self.check_comparable(template)?;
            crate::rules::check_length(first.map(|first| first.values().len()), template)?;
            first = first.or(Some(template));
            let is_new = places.insert(*ordinal)
                && self
                    .find_source((new.digest, *ordinal), new.external_image_id.as_deref())
                    .is_none();
            if is_new && (known.contains(id) || !ids.insert(*id)) {
                return Err(Error::IdTaken { kind: "FaceId" });
            }
        }
        Ok(())
    }

    pub(super) fn list_faces(&self, filter: &FaceFilter, after: Seq, limit: usize) -> Vec<FaceRecord> {
        let wanted: Option<HashSet<FaceId>> =
            filter.faces.as_ref().map(|faces| faces.iter().copied().collect());
        self.faces
            .range((Bound::Excluded(after), Bound::Unbounded))
            .map(|(_, face)| &face.record)
            .filter(|record| filter.user.is_none() || record.user == filter.user)
            .filter(|record| wanted.as_ref().is_none_or(|wanted| wanted.contains(&record.face)))
            .take(limit)
            .cloned()
            .collect()
    }

    pub(super) fn associations(
        &self,
        after: Option<&UserId>,
        limit_users: usize,
    ) -> Vec<(UserId, Vec<Template>)> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.users
            .range::<UserId, _>((start, Bound::Unbounded))
            .map(|(user, _)| {
                let faces = self.faces_of(user).filter(|face| self.is_searched(face));
                let templates = faces.map(|face| face.template.clone());
                (user.clone(), templates.collect::<Vec<_>>())
            })
            .filter(|(_, templates)| !templates.is_empty())
            .take(limit_users)
            .collect()
    }
}
