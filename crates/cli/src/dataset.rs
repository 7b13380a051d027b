//! Folders of images: which files in them are images, and which belong together.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::exit::Failure;

/// What the decoder reads, by the ending of the name.
pub(crate) const ENDINGS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// All images in `directory` and its folders, in the order of their names.
pub(crate) fn images_in(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut images = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs_err::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            // Links to folders are not followed, so that a loop of links does not become an endless walk.
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else if is_image(&path) {
                images.push(path);
            }
        }
    }
    if images.is_empty() {
        let endings = ENDINGS.join(", ");
        return Err(
            Failure::new(format!("there is no image in {}", directory.display()))
                .hint(format!("images are files that end in {endings}"))
                .into(),
        );
    }
    images.sort();
    Ok(images)
}

fn is_image(path: &Path) -> bool {
    path.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)))
}

/// A folder with one folder per person: the images with the person's number, in the order of the names.
pub(crate) fn identities_in(directory: &Path) -> Result<Vec<(PathBuf, usize)>> {
    let mut people: Vec<PathBuf> = Vec::new();
    for entry in fs_err::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            people.push(entry.path());
        }
    }
    people.sort();
    let mut images = Vec::new();
    for (number, person) in people.iter().enumerate() {
        // A person without images is no error: some collections keep empty folders.
        images.extend(
            images_in(person)
                .unwrap_or_default()
                .into_iter()
                .map(|image| (image, number)),
        );
    }
    if people.len() < 2 || images.len() < 3 {
        return Err(
            Failure::new(format!("{} holds no identities to compare", directory.display()))
                .hint("it needs one folder per person, each with that person's photos")
                .into(),
        );
    }
    Ok(images)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(root: &Path, name: &str) {
        let path = root.join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, b"").unwrap();
    }

    #[test]
    fn images_are_found_in_folders_of_folders() {
        let root = tempfile::tempdir().unwrap();
        for name in ["b/2.JPG", "a/1.png", "a/deep/3.webp", "notes.txt"] {
            touch(root.path(), name);
        }
        let found = images_in(root.path()).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|path| path.strip_prefix(root.path()).unwrap())
            .collect();
        assert_eq!(names, ["a/1.png", "a/deep/3.webp", "b/2.JPG"].map(Path::new));
    }

    #[test]
    fn people_are_folders() {
        let root = tempfile::tempdir().unwrap();
        for name in ["ada/1.jpg", "ada/2.jpg", "bob/1.jpg"] {
            touch(root.path(), name);
        }
        let numbers: Vec<usize> = identities_in(root.path())
            .unwrap()
            .into_iter()
            .map(|(_, number)| number)
            .collect();
        assert_eq!(numbers, [0, 0, 1]);
        assert!(identities_in(&root.path().join("ada")).is_err());
    }
}
