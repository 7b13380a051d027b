//! Which points of a face an embedder's chip is cut by.
//!
//! Every network that places points errs in its own way, so the mean of several is closer to the truth, and the
//! network that encodes the chip was trained on well placed ones.

use image::RgbImage;
use selfsame_types::Point;

use crate::dense_landmarks::{DenseLandmarks, detector_points, dlib_points, halfway};
use crate::parameters::{AlignmentKind, PointsKind};
use crate::{Detection, Error};

/// A face in an image with the landmarks that have been located so far; each is located at most once.
pub(crate) struct PlacedFace<'a> {
    pub(crate) image: &'a RgbImage,
    detection: &'a Detection,
    landmarks: Option<&'a DenseLandmarks>,
    /// The 68 landmarks of one look.
    dense: Option<Vec<Point>>,
    /// The mean of both looks, at the face and at its mirror image.
    refined: Option<Vec<Point>>,
}

impl<'a> PlacedFace<'a> {
    /// `dense` are the 68 landmarks, where they are known already.
    pub(crate) fn new(
        image: &'a RgbImage,
        detection: &'a Detection,
        landmarks: Option<&'a DenseLandmarks>,
        dense: Option<Vec<Point>>,
    ) -> Self {
        Self {
            image,
            detection,
            landmarks,
            dense,
            refined: None,
        }
    }

    /// The five points for a kind of alignment; `None` where the landmarks that it needs have no model.
    pub(crate) fn points(
        &mut self,
        alignment: AlignmentKind,
        kind: PointsKind,
    ) -> Result<Option<[Point; 5]>, Error> {
        let detected = self.detection.landmarks.points();
        Ok(match (alignment, kind) {
            (AlignmentKind::ArcFace, PointsKind::Plain) => Some(detected),
            (AlignmentKind::Dlib, PointsKind::Plain) => dlib_points(self.dense()?),
            (AlignmentKind::ArcFace, PointsKind::Refined) => {
                detector_points(self.refined()?).map(|points| halfway(detected, points))
            }
            (AlignmentKind::Dlib, PointsKind::Refined) => dlib_points(self.refined()?),
        })
    }

    fn dense(&mut self) -> Result<&[Point], Error> {
        if self.dense.is_none()
            && let Some(landmarks) = self.landmarks
        {
            self.dense = Some(landmarks.locate(self.image, self.detection)?);
        }
        Ok(self.dense.as_deref().unwrap_or_default())
    }

    fn refined(&mut self) -> Result<&[Point], Error> {
        if self.refined.is_none()
            && let Some(landmarks) = self.landmarks
        {
            let mirrored = landmarks.locate_mirrored(self.image, self.detection)?;
            let dense = self.dense()?;
            let both = dense.iter().zip(mirrored).map(|(a, b)| a.midpoint(b)).collect();
            self.refined = Some(both);
        }
        Ok(self.refined.as_deref().unwrap_or_default())
    }
}
