//! What several test files need: the cartoon face that the reference values were computed from.

use selfsame_vision::Tensor;

/// An ellipse of one colour: centre, radii, colour, on a square of 150.
type Shape = ([i64; 4], [i64; 3]);

/// Later ones lie on top. `scripts/reference/cartoon.py` and `faceapi.mjs` say the same.
const SHAPES: [Shape; 8] = [
    ([55, 53, 11, 2], [60, 40, 30]),
    ([95, 53, 11, 2], [60, 40, 30]),
    ([55, 65, 8, 4], [240, 240, 240]),
    ([95, 65, 8, 4], [240, 240, 240]),
    ([55, 65, 3, 3], [30, 20, 20]),
    ([95, 65, 3, 3], [30, 20, 20]),
    ([75, 88, 5, 12], [190, 135, 110]),
    ([75, 115, 18, 5], [160, 60, 60]),
];

fn pixel(x: i64, y: i64) -> [i64; 3] {
    let inside =
        |[cx, cy, rx, ry]: [i64; 4]| ((x - cx) * ry).pow(2) + ((y - cy) * rx).pow(2) <= (rx * ry).pow(2);
    let shade = (x - 75).abs();
    let mut colour = if inside([75, 80, 45, 60]) {
        [210 - shade, 160 - shade, 130 - shade]
    } else {
        [60 + y / 2, 80 + y / 3, 120]
    };
    for (ellipse, own) in SHAPES {
        if inside(ellipse) {
            colour = own;
        }
    }
    colour
}

/// The cartoon as a model sees it: [1, 3, height, width], RGB, (value − mean) / deviation of values 0–255.
pub(crate) fn cartoon(width: usize, height: usize, mean: [f64; 3], deviation: [f64; 3]) -> Tensor {
    let mut data = Vec::with_capacity(3 * width * height);
    for channel in 0..3 {
        for row in 0..height {
            for column in 0..width {
                let value = pixel((column * 150 / width) as i64, (row * 150 / height) as i64)[channel];
                data.push(((value as f64 - mean[channel]) / deviation[channel]) as f32);
            }
        }
    }
    Tensor::new([1, 3, height, width], data).unwrap()
}
