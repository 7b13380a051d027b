//! Attributes of faces, and the features that their heads are fitted on.

use std::collections::BTreeSet;

use image::RgbImage;

use super::Analyzer;
use crate::attributes::{AttributeSet, Attributes, FeatureGroup, Features};
use crate::{Detection, Error};

impl Analyzer {
    /// What `set` asks for, of a face that was found in an upright image. Networks are loaded when they are needed first;
    /// one that the pack lacks is an [`Error::Role`].
    pub fn attributes(
        &self,
        image: &RgbImage,
        face: &Detection,
        set: AttributeSet,
    ) -> Result<Attributes, Error> {
        self.attributes.read(image, face, set)
    }

    /// What the networks of the pack can tell of faces.
    #[must_use]
    pub fn available_attributes(&self) -> AttributeSet {
        self.attributes.available()
    }

    /// The numbers that attributes are judged by: what `xtask fit-attributes` fits heads on. Groups are missing where
    /// the face's points allow no alignment or its eyes are none.
    pub fn attribute_features(
        &self,
        image: &RgbImage,
        face: &Detection,
        groups: &BTreeSet<FeatureGroup>,
    ) -> Result<Features, Error> {
        self.attributes.features(image, face, groups)
    }
}
