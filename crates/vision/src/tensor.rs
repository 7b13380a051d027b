//! The numbers that go into a model and come out of it. Knows no engine and no image.

/// A dense array of `f32`, row-major (the last dimension varies fastest).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tensor {
    /// The sizes of the dimensions, outermost first; images are N, C, H, W.
    pub shape: Vec<usize>,
    /// `shape.iter().product()` values.
    pub data: Vec<f32>,
}

/// The number of values does not fit the shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a tensor of shape {shape:?} has {expected} values, not {found}")]
pub struct InconsistentShape {
    /// The shape asked for.
    pub shape: Vec<usize>,
    /// The values such a shape has.
    pub expected: usize,
    /// The values given.
    pub found: usize,
}

impl Tensor {
    /// A tensor from its shape and its values.
    pub fn new(shape: impl Into<Vec<usize>>, data: Vec<f32>) -> Result<Self, InconsistentShape> {
        let tensor = Self {
            shape: shape.into(),
            data,
        };
        tensor.check()?;
        Ok(tensor)
    }

    /// A tensor of zeros.
    #[must_use]
    pub fn zeros(shape: impl Into<Vec<usize>>) -> Self {
        let shape = shape.into();
        let data = vec![0.0; shape.iter().product()];
        Self { shape, data }
    }

    /// Whether the values fit the shape; the fields are public, so a caller may have broken this.
    pub fn check(&self) -> Result<(), InconsistentShape> {
        let expected = self
            .shape
            .iter()
            .try_fold(1_usize, |product, &side| product.checked_mul(side))
            .unwrap_or(usize::MAX);
        if expected == self.data.len() {
            Ok(())
        } else {
            Err(InconsistentShape {
                shape: self.shape.clone(),
                expected,
                found: self.data.len(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_must_fit_the_shape() {
        assert!(Tensor::new([1, 2, 3], vec![0.0; 6]).is_ok());
        let error = Tensor::new([1, 2, 3], vec![0.0; 5]).expect_err("one value is missing");
        assert_eq!(
            error.to_string(),
            "a tensor of shape [1, 2, 3] has 6 values, not 5"
        );
        assert!(
            Tensor::new([usize::MAX, 2], vec![]).is_err(),
            "an overflowing shape"
        );
    }
}
