//! Head pose from the five landmarks, by scaled orthographic projection of a mean head.
//!
//! The first step of POSIT (DeMenthon and Davis, *Model-based object pose in 25 lines of code*, IJCV 15, 1995): the
//! two image axes are expressed in the head's frame by least squares, made orthonormal, and read as angles. Five points
//! place yaw and roll well; pitch follows from the nose alone and is underestimated when the mouth is open
//! (`docs/ACCURACY.md`).

use selfsame_types::{Landmarks, Pose};

type Vector = [f64; 3];

/// Eye centres, nose tip and mouth corners of a mean head, x to the right and y down as in an image, z away from the
/// camera; the unit does not matter. Nose and mouth are those of the generic head model in common use for pose from
/// landmarks (S. Mallick, *Head pose estimation using OpenCV and dlib*, 2016); eye centres lie between its eye corners.
const HEAD: [Vector; 5] = [
    [-160.0, -170.0, 160.0],
    [160.0, -170.0, 160.0],
    [0.0, 0.0, 0.0],
    [-150.0, 150.0, 125.0],
    [150.0, 150.0, 125.0],
];

/// The median pitch that the model sees in `faces/identities`, people who look into a camera at eye level; taken off,
/// so that such a face has pitch 0.
const LEVEL_PITCH_DEGREES: f64 = 4.0;

/// Pitch, roll and yaw in degrees; 0, 0, 0 where the points coincide.
pub(crate) fn estimate(landmarks: &Landmarks) -> Pose {
    let points = landmarks.points();
    let (x_axis, y_axis) = (
        project(points.map(|p| f64::from(p.x))),
        project(points.map(|p| f64::from(p.y))),
    );
    let (Some(x_axis), Some(y_axis)) = (normalized(x_axis), normalized(y_axis)) else {
        return Pose::default();
    };
    let Some((x_axis, y_axis)) = orthogonalized(x_axis, y_axis) else {
        return Pose::default();
    };
    let z_axis = cross(x_axis, y_axis);
    let pitch = z_axis[1].atan2(z_axis[2]).to_degrees();
    let yaw = z_axis[0].atan2(z_axis[1].hypot(z_axis[2])).to_degrees();
    let roll = y_axis[0].atan2(x_axis[0]).to_degrees();
    Pose {
        pitch: (LEVEL_PITCH_DEGREES - pitch) as f32,
        roll: roll as f32,
        yaw: yaw as f32,
    }
}

/// The vector `v` for which `HEAD · v` is closest to the centred coordinates (normal equations, Cramer's rule).
fn project(coordinates: [f64; 5]) -> Vector {
    let mean = coordinates.iter().sum::<f64>() / 5.0;
    let center: Vector = std::array::from_fn(|axis| HEAD.iter().map(|p| p[axis]).sum::<f64>() / 5.0);
    let mut normal = [[0.0; 3]; 3];
    let mut right = [0.0; 3];
    for (point, coordinate) in HEAD.iter().zip(coordinates) {
        for i in 0..3 {
            let pi = point[i] - center[i];
            right[i] += pi * (coordinate - mean);
            for j in 0..3 {
                normal[i][j] += pi * (point[j] - center[j]);
            }
        }
    }
    let determinant = dot(normal[0], cross(normal[1], normal[2]));
    // The matrix is symmetric, so its rows are its columns.
    [
        dot(right, cross(normal[1], normal[2])) / determinant,
        dot(normal[0], cross(right, normal[2])) / determinant,
        dot(normal[0], cross(normal[1], right)) / determinant,
    ]
}

/// The orthonormal pair closest to two unit vectors; `None` where they are parallel.
fn orthogonalized(a: Vector, b: Vector) -> Option<(Vector, Vector)> {
    let sum = normalized(std::array::from_fn(|i| a[i] + b[i]))?;
    let difference = normalized(std::array::from_fn(|i| a[i] - b[i]))?;
    let half = std::f64::consts::FRAC_1_SQRT_2;
    Some((
        std::array::from_fn(|i| (sum[i] + difference[i]) * half),
        std::array::from_fn(|i| (sum[i] - difference[i]) * half),
    ))
}

fn normalized(v: Vector) -> Option<Vector> {
    let length = dot(v, v).sqrt();
    (length.is_finite() && length > 1e-9).then(|| v.map(|x| x / length))
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use selfsame_types::Point;

    /// The mean head turned by `yaw`, then nodded by `pitch`, then tilted by `roll` (degrees), as seen by a far camera.
    fn head(pitch: f64, roll: f64, yaw: f64) -> Landmarks {
        let (yaw, nod, roll) = (
            yaw.to_radians(),
            (LEVEL_PITCH_DEGREES - pitch).to_radians(),
            roll.to_radians(),
        );
        Landmarks::from_points(HEAD.map(|[x, y, z]| {
            // The nose is near (small z): looking right moves it right, looking down moves it down.
            let (y, z) = (y * nod.cos() - z * nod.sin(), z * nod.cos() + y * nod.sin());
            let (x, _) = (x * yaw.cos() - z * yaw.sin(), z * yaw.cos() + x * yaw.sin());
            let (x, y) = (x * roll.cos() - y * roll.sin(), x * roll.sin() + y * roll.cos());
            Point::new((200.0 + x / 4.0) as f32, (300.0 + y / 4.0) as f32)
        }))
    }

    #[test]
    fn straight_ahead_is_zero() {
        let pose = estimate(&head(0.0, 0.0, 0.0));
        assert!(
            pose.pitch.abs() < 0.1 && pose.roll.abs() < 0.1 && pose.yaw.abs() < 0.1,
            "{pose:?}"
        );
    }

    #[test]
    fn coinciding_points_have_no_pose() {
        assert_eq!(estimate(&Landmarks::default()), Pose::default());
    }

    proptest! {
        #[test]
        fn a_turned_head_is_read_back(yaw in -80.0f64..80.0, roll in -60.0f64..60.0) {
            let pose = estimate(&head(LEVEL_PITCH_DEGREES, roll, yaw));
            prop_assert!((f64::from(pose.yaw) - yaw).abs() < 0.5, "{:?}", pose);
            prop_assert!((f64::from(pose.roll) - roll).abs() < 0.5, "{:?}", pose);
        }

        #[test]
        fn a_nod_is_read_back(pitch in -60.0f64..60.0) {
            let pose = estimate(&head(pitch, 0.0, 0.0));
            prop_assert!((f64::from(pose.pitch) - pitch).abs() < 0.5, "{:?}", pose);
        }

        #[test]
        fn any_points_give_finite_angles(values in prop::array::uniform10(-1e4f32..1e4)) {
            let points = std::array::from_fn(|i| Point::new(values[2 * i], values[2 * i + 1]));
            let pose = estimate(&Landmarks::from_points(points));
            prop_assert!(pose.pitch.is_finite() && pose.roll.is_finite() && pose.yaw.is_finite());
        }
    }
}
