//! The part of a botocore service model that is needed here.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};

/// A service.
#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    pub(crate) metadata: Metadata,
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) shapes: BTreeMap<String, Shape>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) api_version: String,
    pub(crate) endpoint_prefix: String,
    pub(crate) signing_name: Option<String>,
    pub(crate) target_prefix: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) input: Reference,
    pub(crate) output: Option<Reference>,
    #[serde(default)]
    pub(crate) errors: Vec<Reference>,
    #[serde(default)]
    pub(crate) documentation: String,
}

/// A shape by name.
#[derive(Debug, Deserialize)]
pub(crate) struct Reference {
    pub(crate) shape: String,
    #[serde(default)]
    pub(crate) documentation: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    #[serde(default)]
    pub(crate) members: Ordered<Reference>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    pub(crate) member: Option<Reference>,
    pub(crate) key: Option<Reference>,
    pub(crate) value: Option<Reference>,
    #[serde(rename = "enum", default)]
    pub(crate) choices: Vec<String>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) pattern: Option<String>,
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    pub(crate) documentation: String,
}

#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Structure,
    List,
    Map,
    String,
    Blob,
    Boolean,
    Integer,
    Long,
    Float,
    Double,
    Timestamp,
}

/// An object in the order of the file.
#[derive(Debug)]
pub(crate) struct Ordered<T>(pub(crate) Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Ordered<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }

        deserializer.deserialize_map(Entries(PhantomData))
    }
}

impl Model {
    /// Reads the newest version of a service's model below botocore's `data` directory.
    pub(crate) fn read(models: &Path, service: &str) -> Result<Self> {
        let directory = models.join(service);
        let mut versions: Vec<PathBuf> = fs_err::read_dir(&directory)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        versions.sort();
        for version in versions.iter().rev() {
            let plain = version.join("service-2.json");
            let packed = version.join("service-2.json.gz");
            let text = if plain.exists() {
                fs_err::read(plain)?
            } else if packed.exists() {
                let mut text = Vec::new();
                flate2::read::GzDecoder::new(fs_err::File::open(packed)?).read_to_end(&mut text)?;
                text
            } else {
                continue;
            };
            return serde_json::from_slice(&text)
                .with_context(|| format!("cannot understand the service model in {}", version.display()));
        }
        bail!(
            "no service-2.json or service-2.json.gz below {}",
            directory.display()
        )
    }

    pub(crate) fn shape(&self, name: &str) -> Result<&Shape> {
        self.shapes
            .get(name)
            .with_context(|| format!("the model has no shape {name}"))
    }

    /// Gives a bounded shape another greatest length.
    pub(crate) fn lengthen(&mut self, name: &str, max: u32) -> Result<()> {
        let shape = self.shapes.get_mut(name);
        let shape = shape.with_context(|| format!("the model has no shape {name}"))?;
        let bound = shape.max.as_mut();
        *bound.with_context(|| format!("{name} has no greatest length to change"))? = f64::from(max);
        Ok(())
    }

    pub(crate) fn operation(&self, name: &str) -> Result<&Operation> {
        self.operations
            .get(name)
            .with_context(|| format!("the model has no operation {name}"))
    }
}
