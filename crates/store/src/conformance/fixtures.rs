//! People, faces and pictures to test with.

use std::num::NonZeroU32;
use std::sync::Arc;

use jiff::Timestamp;
use selfsame_types::{
    CollectionId, FaceId, FaceModelVersion, IdSource as _, ImageId, InvalidTemplate, Seq, SequentialIds,
    Template, UserId,
};
use serde_json::json;

use crate::model::{
    Association, DuplicatePolicy, NewFace, NewImage, NewImageFace, NewUser, Once, Picture, Properties,
    RegisterOutcome, UpdateUser, UserCreation,
};
use crate::{Repository, Result};

/// What the cases say in their own words when an expectation is not met.
pub(super) type Problem = Box<dyn std::error::Error + Send + Sync>;

/// Number of different people that [`template`] can make.
pub(super) const PEOPLE: usize = 64;

/// Two looks of one person have cosine 0.990 or more, two people 0.
pub(super) const MIN_COSINE: f32 = 0.9;

/// Compares with every face, as if there were no index.
pub(super) const COMPARE_ALL: DuplicatePolicy = DuplicatePolicy {
    checked_through: Seq(0),
    min_cosine: MIN_COSINE,
};

pub(super) fn version() -> FaceModelVersion {
    FaceModelVersion::new("conformance-1")
}

pub(super) fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// The template of a person (0 to [`PEOPLE`] − 1) on one of their photos (`look`).
pub(super) fn template(person: usize, look: usize) -> Result<Template, InvalidTemplate> {
    let mut values = vec![0.0; PEOPLE * 2];
    values[person] = 1.0;
    values[PEOPLE + look % PEOPLE] = 0.1;
    Template::new(&values, version())
}

/// Bytes that differ from image to image.
pub(super) fn picture(image: ImageId, size_bytes: usize) -> Picture {
    let seed = image.uuid().as_bytes().to_owned();
    Picture {
        bytes: (0..size_bytes).map(|i| seed[i % 16] ^ i as u8).collect(),
        content_type: "image/jpeg".to_owned(),
    }
}

pub(super) fn properties(value: serde_json::Value) -> Properties {
    match value {
        serde_json::Value::Object(object) => object,
        other => Properties::from_iter([("value".to_owned(), other)]),
    }
}

/// A repository with one collection, and ids that do not repeat.
pub(super) struct World {
    pub(super) store: Arc<dyn Repository>,
    pub(super) collection: CollectionId,
    ids: SequentialIds,
}

impl World {
    pub(super) async fn new(store: Arc<dyn Repository>) -> Result<Self, Problem> {
        let collection = CollectionId::new("people")?;
        store.create_collection(&collection, &version(), now()).await?;
        Ok(Self {
            store,
            collection,
            ids: SequentialIds::default(),
        })
    }

    pub(super) fn face(&self, person: usize, look: usize) -> Result<NewFace, Problem> {
        let image = ImageId::new(self.ids.uuid());
        Ok(NewFace {
            id: FaceId::new(self.ids.uuid()),
            image,
            template: template(person, look)?,
            picture: Some(picture(image, 500)),
            metadata: properties(json!({ "confidence": 99.5 })),
        })
    }

    pub(super) fn new_user(&self, user: &str, person: usize) -> Result<NewUser, Problem> {
        Ok(NewUser {
            user: UserId::new(user)?,
            properties: properties(json!({ "name": user })),
            face: self.face(person, 0)?,
            card: None,
            now: now(),
            journal: None,
        })
    }

    pub(super) fn update(&self, user: &str, person: usize, look: usize) -> Result<UpdateUser, Problem> {
        Ok(UpdateUser {
            user: UserId::new(user)?,
            properties: None,
            face: self.face(person, look)?,
            max_faces: NonZeroU32::MAX,
            now: now(),
            journal: None,
        })
    }

    /// An image with the faces of some people at places 0, 1, … The digest follows from the name.
    pub(super) fn image(
        &self,
        name: &str,
        external_image_id: Option<&str>,
        people: &[usize],
    ) -> Result<NewImage, Problem> {
        let mut digest = [0; 32];
        for (to, from) in digest.iter_mut().zip(name.bytes()) {
            *to = from;
        }
        let faces = people.iter().zip(0..).map(|(person, ordinal)| {
            Ok(NewImageFace {
                ordinal,
                id: FaceId::new(self.ids.uuid()),
                template: template(*person, 0)?,
                metadata: properties(json!({ "confidence": 99.5, "place": ordinal })),
            })
        });
        Ok(NewImage {
            image: ImageId::new(self.ids.uuid()),
            digest,
            external_image_id: external_image_id.map(str::to_owned),
            faces: faces.collect::<Result<_, Problem>>()?,
            now: now(),
        })
    }

    /// Enrols the face of one person as nobody's.
    pub(super) async fn enrol_nobodys(&self, person: usize) -> Result<FaceId, Problem> {
        let new = self.image(&format!("photo of {person}"), None, &[person])?;
        let enrolment = self.store.enrol(&self.collection, new).await?;
        Ok(enrolment.faces.first().ok_or("no face")?.record.face)
    }

    /// Makes a user without faces, who must be new.
    pub(super) async fn create(&self, user: &str) -> Result<UserId, Problem> {
        let user = UserId::new(user)?;
        let made = self
            .store
            .create_user(&self.collection, &user, None, now())
            .await?;
        assert_eq!(made, Once::Now(UserCreation::Created));
        Ok(user)
    }

    /// Gives faces to a user, all of which must be accepted.
    pub(super) async fn give(&self, user: &UserId, faces: &[FaceId]) -> Result<(), Problem> {
        let given = self
            .store
            .associate(&self.collection, user, faces, None, now())
            .await?;
        let expected = Association::Done {
            associated: faces.to_vec(),
            refused: Vec::new(),
        };
        assert_eq!(given, Once::Now(expected));
        Ok(())
    }

    /// Where the change log ends.
    pub(super) async fn last_seq(&self) -> Result<Seq, Problem> {
        let found = self.store.get_collection(&self.collection).await?;
        Ok(found.ok_or("the collection is missing")?.last_seq)
    }

    pub(super) async fn register(&self, new: NewUser) -> Result<RegisterOutcome> {
        self.store.register(&self.collection, new, COMPARE_ALL).await
    }

    /// Registers a person who must be accepted, and gives the face and where it stands in the log.
    pub(super) async fn enrol(&self, user: &str, person: usize) -> Result<(NewFace, Seq), Problem> {
        let new = self.new_user(user, person)?;
        let face = new.face.clone();
        match self.register(new).await? {
            RegisterOutcome::Registered { seq } => Ok((face, seq)),
            other => Err(format!("{user} was not registered: {other:?}").into()),
        }
    }

    /// The ids of everybody.
    pub(super) async fn everybody(&self) -> Result<Vec<String>> {
        let users = self.store.list_users(&self.collection, None, u32::MAX).await?;
        Ok(users.into_iter().map(|user| user.id.to_string()).collect())
    }

    /// Checks that a user has everything a registration brings, the picture's bytes included.
    pub(super) async fn assert_complete(&self, user: &str) -> Result<(), Problem> {
        let id = UserId::new(user)?;
        let found = self
            .store
            .get_user(&self.collection, &id)
            .await?
            .ok_or("the user is missing")?;
        let templates = self.store.templates_of(&self.collection, &id).await?;
        assert!(!found.faces.is_empty(), "{user} has no face");
        assert_eq!(
            found.faces.iter().map(|face| face.face).collect::<Vec<_>>(),
            templates.iter().map(|(face, _)| *face).collect::<Vec<_>>(),
        );
        for face in &found.faces {
            let record = face.picture.as_ref().ok_or("the picture's record is missing")?;
            let stored = self.store.picture(&self.collection, &face.image).await?;
            assert_eq!(
                stored,
                Some(picture(face.image, 500)),
                "the picture of {user} is another"
            );
            assert_eq!(
                (record.size_bytes, record.content_type.as_str()),
                (500, "image/jpeg")
            );
        }
        Ok(())
    }
}
