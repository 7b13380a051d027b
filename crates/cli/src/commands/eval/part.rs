//! Two parts of the people in a folder.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueEnum;

use crate::dataset;
use crate::exit::Failure;

/// Whose photos count. People take turns in the order of their folders' names: the first belongs to the choosing part,
/// the second to the judging part, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::commands) enum Part {
    /// Everybody's.
    #[default]
    All,
    /// Those on which something may be chosen.
    Choosing,
    /// Those on which it is judged.
    Judging,
}

impl Part {
    /// The photos of this part with their person's number, counted from 0 without gaps; not those named in `except`.
    pub(in crate::commands) fn photos_in(
        self,
        directory: &Path,
        except: &[PathBuf],
    ) -> Result<Vec<(PathBuf, usize)>> {
        let photos = without(dataset::identities_in(directory)?, directory, except)?;
        Ok(match self {
            Self::All => photos,
            Self::Choosing => every_other(photos, 0),
            Self::Judging => every_other(photos, 1),
        })
    }
}

/// Drops the photos named in `except`; a name of none of them is a mistake.
fn without(
    mut photos: Vec<(PathBuf, usize)>,
    directory: &Path,
    except: &[PathBuf],
) -> Result<Vec<(PathBuf, usize)>> {
    for name in except {
        let dropped = directory.join(name);
        let before = photos.len();
        photos.retain(|(photo, _)| *photo != dropped);
        if photos.len() == before {
            return Err(
                Failure::new(format!("{} is not among the photos", dropped.display()))
                    .hint("--except takes paths relative to the folder of people")
                    .into(),
            );
        }
    }
    Ok(photos)
}

fn every_other(photos: Vec<(PathBuf, usize)>, first: usize) -> Vec<(PathBuf, usize)> {
    photos
        .into_iter()
        .filter(|(_, person)| person % 2 == first)
        .map(|(photo, person)| (photo, person / 2))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_are_left_out_by_name() {
        let photos = vec![
            (PathBuf::from("set/ada/1.jpg"), 0),
            (PathBuf::from("set/bob/1.jpg"), 1),
        ];
        let kept = without(photos.clone(), Path::new("set"), &[PathBuf::from("ada/1.jpg")]).unwrap();
        assert_eq!(kept, [(PathBuf::from("set/bob/1.jpg"), 1)]);
        let error = without(photos, Path::new("set"), &[PathBuf::from("1.jpg")]).unwrap_err();
        assert!(error.to_string().starts_with("set/1.jpg is not among"), "{error}");
    }

    #[test]
    fn parts_share_nobody() {
        let photos: Vec<(PathBuf, usize)> = (0..10)
            .map(|n| (PathBuf::from(format!("{n}.jpg")), n / 2))
            .collect();
        let (choosing, judging) = (every_other(photos.clone(), 0), every_other(photos, 1));
        let people = |part: &[(PathBuf, usize)]| part.iter().map(|(_, person)| *person).collect::<Vec<_>>();
        assert_eq!(people(&choosing), [0, 0, 1, 1, 2, 2]);
        assert_eq!(people(&judging), [0, 0, 1, 1]);
        assert!(
            judging
                .iter()
                .all(|photo| !choosing.iter().any(|other| other.0 == photo.0))
        );
    }
}
