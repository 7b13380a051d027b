// The cartoon face of `cartoon.py` and `crates/vision/tests/common/mod.rs`: integers only, the same everywhere.

// [x, y, radius x, radius y, [r, g, b]] on a square of 150, later ones on top
const SHAPES = [
  [55, 53, 11, 2, [60, 40, 30]],
  [95, 53, 11, 2, [60, 40, 30]],
  [55, 65, 8, 4, [240, 240, 240]],
  [95, 65, 8, 4, [240, 240, 240]],
  [55, 65, 3, 3, [30, 20, 20]],
  [95, 65, 3, 3, [30, 20, 20]],
  [75, 88, 5, 12, [190, 135, 110]],
  [75, 115, 18, 5, [160, 60, 60]],
];

function pixel(x, y) {
  const inside = ([cx, cy, rx, ry]) => ((x - cx) * ry) ** 2 + ((y - cy) * rx) ** 2 <= (rx * ry) ** 2;
  let colour = [60 + Math.floor(y / 2), 80 + Math.floor(y / 3), 120];
  const shade = Math.abs(x - 75);
  if (inside([75, 80, 45, 60])) colour = [210 - shade, 160 - shade, 130 - shade];
  for (const shape of SHAPES) if (inside(shape)) colour = shape[4];
  return colour;
}

/** Red, green, blue of each pixel, row by row; the square of 150 is stretched to `side`. */
export function rgb(side) {
  const data = [];
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      data.push(...pixel(Math.floor((column * 150) / side), Math.floor((row * 150) / side)));
  return data;
}
