//! Specimens of documents of people who do not exist, photographed in silico, with what they say beside them: for measuring,
//! and to look at. The same arguments write the same files.
//!
//! Each kind of document has a folder that `selfsame eval-documents` measures; `specimens.json` lists them all.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use selfsame_document::mrz::Format;
use selfsame_document::silico::{
    Degradation, Person, Sheet, driving_licence, identity_card, identity_card_back, licence, passport,
    photo_of, td3, zone,
};
use serde_json::json;

/// Width of the photos.
const WIDTH_PX: u32 = 1000;
/// The folder that the evaluation looks for, of whatever issuer the documents are.
const FOLDER: &str = "us-driver-licences";

/// What a kind of document is called, what prints it, and what it says beyond names, number, birth and expiry.
struct Kind {
    name: &'static str,
    draw: fn(&Person) -> Sheet,
    sex: bool,
    issue: bool,
    zone: fn(&Person) -> Vec<String>,
}

const KINDS: [Kind; 5] = [
    Kind {
        name: "licence",
        draw: |person| licence(person, None),
        sex: true,
        issue: true,
        zone: |_| Vec::new(),
    },
    Kind {
        name: "passport",
        draw: |person| passport(person, None),
        sex: true,
        issue: true,
        zone: |person| td3(person).to_vec(),
    },
    Kind {
        name: "driving-licence",
        draw: |person| driving_licence(person, None),
        sex: false,
        issue: true,
        zone: |_| Vec::new(),
    },
    Kind {
        name: "identity-card",
        draw: |person| identity_card(person, None),
        sex: true,
        issue: true,
        zone: |_| Vec::new(),
    },
    Kind {
        name: "identity-card-back",
        draw: identity_card_back,
        sex: true,
        issue: false,
        zone: |person| zone(Format::Td1, "UTO", person),
    },
];

/// What is asked for.
#[derive(Debug, PartialEq)]
struct Order {
    count: u32,
    seed: u32,
    degradation: (String, Degradation),
}

impl Order {
    fn read(arguments: &[&str]) -> Result<Self> {
        let mut order = Self {
            count: 12,
            seed: 0,
            degradation: ("clean".to_owned(), Degradation::CLEAN),
        };
        let mut arguments = arguments.iter();
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .with_context(|| format!("{name} needs a value"))?;
            let number = || {
                value
                    .parse()
                    .with_context(|| format!("{name} is {value}: it takes a number"))
            };
            match *name {
                "--count" => order.count = number()?,
                "--seed" => order.seed = number()?,
                "--degradation" => {
                    let degradation = match *value {
                        "clean" => Degradation::CLEAN,
                        "moderate" => Degradation::MODERATE,
                        "strong" => Degradation::STRONG,
                        other => bail!("--degradation is {other}: it takes clean, moderate or strong"),
                    };
                    order.degradation = ((*value).to_owned(), degradation);
                }
                other => bail!("{other} is not known: there are --count, --seed and --degradation"),
            }
        }
        Ok(order)
    }
}

/// Writes the specimens into a folder and says how many there are. People are numbered from the seed on.
pub(crate) fn write(directory: &Path, arguments: &[&str]) -> Result<usize> {
    let order = Order::read(arguments)?;
    let mut list = Vec::new();
    for kind in &KINDS {
        let folder = directory.join(kind.name).join(FOLDER);
        fs_err::create_dir_all(&folder)?;
        let mut truth = "file|last_name|given_names_as_printed|number|dob|issue|expiry|sex\n".to_owned();
        for number in order.seed..order.seed.saturating_add(order.count) {
            let person = Person::number(number);
            let file = format!("{number:04}.jpg");
            let picture = photo_of(
                &(kind.draw)(&person),
                WIDTH_PX,
                &order.degradation.1,
                u64::from(number),
            )?;
            fs_err::write(folder.join(&file), picture)?;
            let issue = if kind.issue {
                person.issue.to_string()
            } else {
                String::new()
            };
            let sex = if kind.sex {
                person.sex.to_string()
            } else {
                String::new()
            };
            let Person {
                last_name,
                given_names,
                number,
                birth,
                expiry,
                ..
            } = &person;
            writeln!(
                truth,
                "{file}|{last_name}|{given_names}|{number}|{birth}|{issue}|{expiry}|{sex}"
            )?;
            list.push(json!({
                "file": format!("{}/{FOLDER}/{file}", kind.name),
                "kind": kind.name,
                "degradation": order.degradation.0,
                "last_name": last_name,
                "given_names": given_names,
                "number": number,
                "birth": birth.to_string(),
                "issue": issue,
                "expiry": expiry.to_string(),
                "sex": sex,
                "zone": (kind.zone)(&person),
            }));
        }
        fs_err::write(folder.join("ground-truth.csv"), truth)?;
    }
    fs_err::write(
        directory.join("specimens.json"),
        serde_json::to_vec_pretty(&list)?,
    )?;
    Ok(list.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_understood_or_named() {
        let order = Order::read(&["--degradation", "strong", "--count", "3"]).unwrap();
        assert_eq!(
            (order.count, order.seed, order.degradation.1),
            (3, 0, Degradation::STRONG)
        );
        for (arguments, named) in [
            (&["--count"][..], "--count"),
            (&["--count", "many"], "many"),
            (&["--degradation", "burnt"], "burnt"),
            (&["--portrait", "x"], "--portrait"),
        ] {
            let error = Order::read(arguments).unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
    }

    #[test]
    fn the_same_order_writes_the_same_files() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let arguments = ["--count", "1", "--seed", "7", "--degradation", "moderate"];
        assert_eq!(write(one.path(), &arguments).unwrap(), KINDS.len());
        assert_eq!(write(other.path(), &arguments).unwrap(), KINDS.len());
        let list = fs_err::read_to_string(one.path().join("specimens.json")).unwrap();
        let list: Vec<serde_json::Value> = serde_json::from_str(&list).unwrap();
        for specimen in &list {
            let file = specimen["file"].as_str().unwrap();
            let picture = fs_err::read(one.path().join(file)).unwrap();
            assert!(picture.starts_with(&[0xff, 0xd8]), "{file} is a JPEG");
            assert_eq!(picture, fs_err::read(other.path().join(file)).unwrap(), "{file}");
        }
        assert_eq!(list[1]["zone"].as_array().unwrap().len(), 2);
        let truth = one
            .path()
            .join("driving-licence")
            .join(FOLDER)
            .join("ground-truth.csv");
        let truth = fs_err::read_to_string(truth).unwrap();
        let last_name = list[2]["last_name"].as_str().unwrap();
        assert!(
            truth.contains(&format!("0007.jpg|{last_name}|")) && truth.ends_with("|\n"),
            "{truth}"
        );
    }
}
