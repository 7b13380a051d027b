//! Many change the same few users at once, through every door; whenever they rest, index and vectors must say what the
//! store says.

use selfsame_gallery::testing::Random;
use selfsame_store::{DuplicatePolicy, Sqlite, UpdateUser};
use selfsame_types::Seq;

use super::faces::image;
use super::*;

/// Everybody may be anybody: this is not about who is alike.
const ANYBODY: f32 = -1.0;
const WORKERS: u64 = 5;
const STEPS: u8 = 12;

/// One of those who change things.
struct Meddler {
    gallery: Arc<Gallery>,
    number: u64,
    random: Random,
    faces: Vec<FaceId>,
}

impl Meddler {
    async fn meddle(mut self) {
        for step in 0..STEPS {
            self.step(step).await.unwrap();
        }
        let some = self.faces.split_off(self.faces.len() / 2);
        self.gallery.delete_faces(some).await.unwrap();
    }

    async fn step(&mut self, step: u8) -> Result<(), Error> {
        let (gallery, now) = (Arc::clone(&self.gallery), SystemClock.now());
        let somebody = user(&format!("user-{}", self.random.next_u64() % 4));
        let values = [(); 3].map(|()| self.random.next_normal());
        match self.random.next_u64() % 10 {
            0 => {
                gallery.create_user(somebody, None, now).await?;
            }
            1 | 2 => {
                let mut image = image(step, &[values]);
                image.external_image_id = Some(format!("meddler-{}", self.number));
                let enrolled = gallery.enrol(image).await?;
                self.faces.extend(enrolled.iter().map(|face| face.record.face));
            }
            3 | 4 => {
                let faces = self.faces.clone();
                gallery.associate(somebody, faces, ANYBODY, None, now).await?;
            }
            5 => {
                let faces = self.faces.clone();
                gallery.disassociate(somebody, faces, None, now).await?;
            }
            6 => {
                gallery.remove_user(somebody, None, now).await?;
            }
            7 => self.as_the_flows_do(&somebody, values).await?,
            // As after a failure of the store.
            8 => gallery.vectors.forget(),
            _ => {
                gallery.search_users(&template(values), 5, ANYBODY).await?;
                gallery.erase(somebody).await?;
            }
        }
        Ok(())
    }

    async fn as_the_flows_do(&self, somebody: &UserId, values: [f32; 3]) -> Result<(), Error> {
        let policy = DuplicatePolicy {
            checked_through: Seq(0),
            min_cosine: 1.1,
        };
        self.gallery
            .register(new(somebody.as_str(), values), policy)
            .await?;
        let update = UpdateUser {
            user: somebody.clone(),
            properties: None,
            face: face(values),
            max_faces: 3.try_into().unwrap(),
            now: SystemClock.now(),
            journal: None,
        };
        self.gallery.update(update, Some(policy)).await?;
        Ok(())
    }
}

/// What a search over vectors made from the store at this moment finds.
async fn made_anew(store: &dyn Repository, id: &CollectionId, probe: &Template) -> Vec<(UserId, f32)> {
    let users = store.associations(id, None, 10_000).await.unwrap();
    let mut found: Vec<(UserId, f32)> = users
        .iter()
        .filter_map(|(user, templates)| Some((user.clone(), Template::aggregate(templates)?)))
        .map(|(user, vector)| (user, probe.cosine(&vector).unwrap()))
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found
}

async fn tangle(store: Arc<dyn Repository>, rounds: u64) {
    let directory = tempfile::tempdir().unwrap();
    let galleries = open_over(Arc::clone(&store), directory.path(), version())
        .await
        .unwrap();
    let gallery = galleries.portal().await.unwrap();
    let (id, probe) = (collection("people"), template([0.3, 0.5, -0.2]));
    let policy = DuplicatePolicy {
        checked_through: Seq(0),
        min_cosine: 1.1,
    };
    let bystander = new("bystander", [1.0, 1.0, 0.0]);
    gallery.register(bystander, policy).await.unwrap();
    for round in 0..rounds {
        let meddlers: Vec<_> = (0..WORKERS)
            .map(|worker| round * WORKERS + worker)
            .map(|number| Meddler {
                gallery: Arc::clone(&gallery),
                number,
                random: Random::new(number),
                faces: Vec::new(),
            })
            .map(|meddler| tokio::spawn(meddler.meddle()))
            .collect();
        for meddler in meddlers {
            meddler.await.unwrap();
        }
        let expected = made_anew(store.as_ref(), &id, &probe).await;
        let found = gallery.search_users(&probe, 100, ANYBODY).await.unwrap();
        assert_eq!(found, expected);
        assert!(!found.is_empty(), "nobody touches the bystander");
        let counts = store.counts(&id).await.unwrap().unwrap();
        assert_eq!(gallery.faces().await.unwrap() as u64, counts.faces);
        assert_eq!(galleries.faces(), counts.faces);
        let all = gallery.search_faces(&probe, 10_000, ANYBODY).await.unwrap();
        assert_eq!(all.len() as u64, counts.faces);
    }
}

/// Four at once, each with a face of their own for the same user, again and again: the last vector set must be the one
/// with the last change in it.
async fn one_user(store: Arc<dyn Repository>, rounds: usize) {
    let directory = tempfile::tempdir().unwrap();
    let galleries = open_over(Arc::clone(&store), directory.path(), version()).await;
    let gallery = galleries.unwrap().portal().await.unwrap();
    let (id, probe, now) = (
        collection("people"),
        template([0.3, 0.5, -0.2]),
        SystemClock.now(),
    );
    gallery.create_user(user("ada"), None, now).await.unwrap();
    let values = [
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0],
        [0.0, 0.0, 1.0],
        [1.0, -1.0, 0.5],
    ];
    let enrolled = gallery.enrol(image(1, &values)).await.unwrap();
    for round in 0..rounds {
        let tasks: Vec<_> = (0..)
            .zip(&enrolled)
            .map(|(number, enrolled)| {
                let (gallery, faces) = (Arc::clone(&gallery), vec![enrolled.record.face]);
                tokio::spawn(async move {
                    if (round + number) % 2 == 0 {
                        let given = gallery.associate(user("ada"), faces, ANYBODY, None, now);
                        given.await.map(drop)
                    } else {
                        let taken = gallery.disassociate(user("ada"), faces, None, now);
                        taken.await.map(drop)
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let expected = made_anew(store.as_ref(), &id, &probe).await;
        let found = gallery.search_users(&probe, 100, ANYBODY).await.unwrap();
        assert_eq!(found, expected, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_memory() {
    tangle(Arc::new(Memory::new()), 60).await;
    one_user(Arc::new(Memory::new()), 500).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_a_database() {
    let directory = tempfile::tempdir().unwrap();
    let (many, one) = (directory.path().join("many"), directory.path().join("one"));
    tangle(Arc::new(Sqlite::open(&many).await.unwrap()), 4).await;
    one_user(Arc::new(Sqlite::open(&one).await.unwrap()), 100).await;
}
