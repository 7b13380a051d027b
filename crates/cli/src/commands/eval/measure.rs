//! From photos to scores: who is compared with whom, and whose photos and which groups they are.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use selfsame_evaluation::pairs::{self, List};
use selfsame_evaluation::people::Scores as ByPerson;
use selfsame_evaluation::resample::Units;
use selfsame_evaluation::{Acquisition, Outcome};

use super::labels::Labels;
use crate::dataset::ENDINGS;
use crate::encoding::{Encoded, Encoder, Outcome as Photo};
use crate::exit::Failure;

/// What was measured, with the photos behind it.
pub(in crate::commands) struct Measurement {
    pub(super) photos: Vec<PathBuf>,
    pub(super) encoded: Encoded,
    /// Positions of the two photos of each outcome.
    pub(super) compared: Vec<(u32, u32)>,
    pub(super) outcomes: Vec<Outcome>,
    /// Who is on each photo, counted from 0; `None` where nobody knows.
    pub(super) people: Option<Vec<usize>>,
    /// What groups there are.
    pub(super) attributes: Vec<Attribute>,
}

/// Groups of one attribute.
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) groups: Groups,
}

pub(super) enum Groups {
    /// Of every photo; `None` where it has no label.
    OfPhotos(Vec<Option<String>>),
    /// Of the two photos of every pair.
    OfPairs(Vec<[String; 2]>),
}

/// Every photo of a list, once.
pub(in crate::commands) struct Listed {
    paths: Vec<PathBuf>,
    /// By the name in the list.
    positions: HashMap<String, u32>,
}

/// Compares the pairs of a list. Photos are named relative to `images`.
pub(in crate::commands) fn pairs(encoder: &Encoder, list: List, photos: Listed) -> Result<Measurement> {
    let Listed { paths, positions } = photos;
    let compared: Vec<(u32, u32)> = list
        .pairs
        .iter()
        .map(|pair| (positions[&pair.a], positions[&pair.b]))
        .collect();
    let people = people_of(&list, &compared, paths.len())?;
    let encoded = encoder.encode(&paths);
    let outcomes = list.pairs.iter().zip(&compared).map(|(pair, (a, b))| Outcome {
        same: pair.same,
        score: score(&encoded.outcomes, *a, *b),
        fold: pair.fold,
    });
    let outcomes = outcomes.collect();
    let attributes = list.attributes.iter().enumerate().map(|(index, name)| Attribute {
        name: name.clone(),
        groups: Groups::OfPairs(list.pairs.iter().map(|pair| pair.groups[index].clone()).collect()),
    });
    Ok(Measurement {
        attributes: attributes.collect(),
        photos: paths,
        encoded,
        compared,
        outcomes,
        people,
    })
}

/// Compares every photo with every other.
pub(in crate::commands) fn identities(encoder: &Encoder, photos: Vec<(PathBuf, usize)>) -> Measurement {
    let (paths, numbers): (Vec<PathBuf>, Vec<usize>) = photos.into_iter().unzip();
    let people = without_gaps(&numbers);
    let encoded = encoder.encode(&paths);
    let (mut compared, mut outcomes) = (Vec::new(), Vec::new());
    for (a, b, same) in pairs::all_pairs(&people) {
        let (a, b) = (a as u32, b as u32);
        compared.push((a, b));
        outcomes.push(Outcome {
            same,
            score: score(&encoded.outcomes, a, b),
            fold: None,
        });
    }
    Measurement {
        photos: paths,
        encoded,
        compared,
        outcomes,
        people: Some(people),
        attributes: Vec::new(),
    }
}

/// Folders without photos count for nobody.
fn without_gaps(numbers: &[usize]) -> Vec<usize> {
    let known: BTreeSet<usize> = numbers.iter().copied().collect();
    let order: HashMap<usize, usize> = known
        .into_iter()
        .enumerate()
        .map(|(new, old)| (old, new))
        .collect();
    numbers.iter().map(|number| order[number]).collect()
}

impl Measurement {
    pub(in crate::commands) fn acquisition(&self) -> Acquisition {
        let failed = self
            .encoded
            .outcomes
            .iter()
            .filter(|outcome| outcome.template().is_none());
        Acquisition::new(self.photos.len(), failed.count())
    }

    pub(in crate::commands) fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// What is drawn for intervals.
    pub(in crate::commands) fn units(&self) -> Units {
        match &self.people {
            Some(people) => Units::People(people.iter().max().map_or(0, |last| last + 1)),
            None => Units::Pairs(self.outcomes.len()),
        }
    }

    /// Who is on the two photos of a pair; zeros where nobody knows, which is not looked at then.
    pub(super) fn people_of(&self, pair: usize) -> [usize; 2] {
        let (a, b) = self.compared[pair];
        self.people
            .as_ref()
            .map_or([0; 2], |people| [people[a as usize], people[b as usize]])
    }

    /// The pairs with a score, by person.
    pub(in crate::commands) fn by_person(&self) -> Result<ByPerson> {
        let units = self.units();
        let scored = self.outcomes.iter().enumerate().filter_map(|(pair, outcome)| {
            Some(units.comparison(outcome.same, self.people_of(pair), pair, outcome.score?))
        });
        ByPerson::new(scored).context("the scores say nothing about error rates")
    }

    /// Adds what a table of labels says of the photos.
    pub(super) fn label(&mut self, labels: &Labels, directory: &Path) {
        self.attributes.extend(labels.attributes(&self.photos, directory));
    }
}

impl Attribute {
    /// The groups of the two photos of a pair.
    pub(super) fn of_pair(&self, pair: usize, (a, b): (u32, u32)) -> Option<[&str; 2]> {
        match &self.groups {
            Groups::OfPhotos(of) => Some([of[a as usize].as_deref()?, of[b as usize].as_deref()?]),
            Groups::OfPairs(of) => {
                let [a, b] = &of[pair];
                (!a.is_empty() && !b.is_empty()).then_some([a.as_str(), b.as_str()])
            }
        }
    }
}

pub(super) fn score(encoded: &[Photo], a: u32, b: u32) -> Option<f64> {
    let (a, b) = (encoded[a as usize].template()?, encoded[b as usize].template()?);
    a.cosine(b).map(f64::from)
}

pub(in crate::commands) fn read_pairs(list: &Path) -> Result<List> {
    let text = fs_err::read_to_string(list)?;
    pairs::parse(&text).with_context(|| format!("{} cannot be read", list.display()))
}

/// Checks that all photos are there before hours are spent on the first half of them. LFW's list names JPEGs; copies of the set
/// that hold them in another form are understood.
pub(in crate::commands) fn photos_of(list: &List, images: &Path) -> Result<Listed> {
    let mut photos = Listed {
        paths: Vec::new(),
        positions: HashMap::new(),
    };
    let mut missing: Vec<PathBuf> = Vec::new();
    for name in list.pairs.iter().flat_map(|pair| [&pair.a, &pair.b]) {
        if !photos.positions.contains_key(name) {
            photos.positions.insert(name.clone(), photos.paths.len() as u32);
            let path = images.join(name);
            let found = existing(&path);
            missing.extend(found.is_none().then(|| path.clone()));
            photos.paths.push(found.unwrap_or(path));
        }
    }
    match missing.first() {
        None => Ok(photos),
        Some(first) => Err(Failure::new(format!(
            "{} of the list's photos are missing: {}",
            missing.len(),
            first.display()
        ))
        .hint("--images names the folder that the list's paths are relative to")
        .into()),
    }
}

fn existing(path: &Path) -> Option<PathBuf> {
    let named = path.is_file().then(|| path.to_owned());
    named.or_else(|| {
        let others = ENDINGS.iter().map(|ending| path.with_extension(ending));
        others.into_iter().find(|other| other.is_file())
    })
}

/// Who is on each photo: as the list says (`id_a`, `id_b`), else by the photos' folders, if these agree with what is
/// genuine and what is not in every pair.
fn people_of(list: &List, compared: &[(u32, u32)], photos: usize) -> Result<Option<Vec<usize>>> {
    let mut names: Vec<Option<&str>> = vec![None; photos];
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    for (pair, (a, b)) in list.pairs.iter().zip(compared) {
        let stated = pair.identities.as_ref();
        let ids = match stated {
            Some([a, b]) => [Some(a.as_str()), Some(b.as_str())],
            None => [folder(&pair.a), folder(&pair.b)],
        };
        let known = ids[0].is_some() && ids[1].is_some();
        let mut consistent = known && (ids[0] == ids[1]) == pair.same;
        for (photo, id) in [*a, *b].into_iter().zip(ids) {
            let before = names[photo as usize];
            consistent &= before.is_none() || before == id;
            names[photo as usize] = id;
        }
        if !consistent && stated.is_some() {
            return Err(Failure::new(format!(
                "the list contradicts itself about who is on {} and {}",
                pair.a, pair.b
            ))
            .hint("`same` must be 1 where id_a is id_b and 0 elsewhere, and a photo has one id")
            .into());
        }
        if !consistent {
            return Ok(None);
        }
    }
    let people = names.into_iter().map(|name| {
        let next = numbers.len();
        *numbers.entry(name.unwrap_or_default()).or_insert(next)
    });
    Ok(Some(people.collect()))
}

fn folder(name: &str) -> Option<&str> {
    Path::new(name)
        .parent()?
        .to_str()
        .filter(|folder| !folder.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_photo_is_read_once_and_may_have_another_ending() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a.jpg", "b.png", "c.jpg"] {
            fs_err::write(root.path().join(name), b"").unwrap();
        }
        let list = pairs::parse("a.jpg,b.jpg,1\nb.jpg,c.jpg,0\nc.jpg,a.jpg,0\n").unwrap();
        let photos = photos_of(&list, root.path()).unwrap();
        assert_eq!(photos.paths.len(), 3);
        assert_eq!(photos.positions["c.jpg"], 2);
        assert_eq!(photos.paths[1], root.path().join("b.png"));
    }

    #[test]
    fn missing_photos_are_counted_and_named() {
        let root = tempfile::tempdir().unwrap();
        let list = pairs::parse("a.jpg,b.jpg,1\n").unwrap();
        let error = photos_of(&list, root.path()).err().expect("refused").to_string();
        assert!(
            error.starts_with("2 of the list's photos are missing: ") && error.ends_with("a.jpg"),
            "{error}"
        );
    }

    #[test]
    fn empty_folders_are_nobody() {
        assert_eq!(without_gaps(&[0, 0, 3, 7, 3]), [0, 0, 1, 2, 1]);
    }

    fn people(text: &str) -> Result<Option<Vec<usize>>> {
        let list = pairs::parse(text).unwrap();
        let mut positions: HashMap<&str, u32> = HashMap::new();
        let mut compared = Vec::new();
        for pair in &list.pairs {
            let mut at = |name| {
                let next = positions.len() as u32;
                *positions.entry(name).or_insert(next)
            };
            compared.push((at(pair.a.as_str()), at(pair.b.as_str())));
        }
        people_of(&list, &compared, positions.len())
    }

    #[test]
    fn folders_are_people_where_that_agrees_with_the_list() {
        assert_eq!(
            people("ann/1,ann/2,1\nann/1,bob/1,0\n").unwrap(),
            Some(vec![0, 0, 1])
        );
        assert_eq!(people("set/1,set/2,1\nset/1,set/3,0\n").unwrap(), None);
        assert_eq!(people("1,2,1\n1,3,0\n").unwrap(), None);
        let stated = "a,b,same,id_a,id_b\n1,2,1,x,x\n1,3,0,x,y\n";
        assert_eq!(people(stated).unwrap(), Some(vec![0, 0, 1]));
        assert!(people("a,b,same,id_a,id_b\n1,2,1,x,y\n").is_err());
        assert!(people("a,b,same,id_a,id_b\n1,2,1,x,x\n1,3,0,z,y\n").is_err());
    }
}
