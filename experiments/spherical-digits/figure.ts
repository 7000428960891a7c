import {
  composeRotations,
  type Matrix32,
  matrix,
  type RotationMatrix,
  rotationFromAxisAngle,
  row,
  type TrainedSphericalAutoencoder,
} from '../../src/index.js';
import { drawSpheres } from '../spherePictures.js';

/** Turns about the line of sight and across it. */
const TURNS: readonly RotationMatrix[] = [
  rotationFromAxisAngle({ axis: [0, 0, 1], angle: 0 }),
  rotationFromAxisAngle({ axis: [0, 0, 1], angle: Math.PI / 2 }),
  rotationFromAxisAngle({ axis: [0, 0, 1], angle: Math.PI }),
  rotationFromAxisAngle({ axis: [1, 0, 0], angle: 0.6 }),
  rotationFromAxisAngle({ axis: [0, 1, 0], angle: -0.6 }),
];

/**
 * A row a digit, seen from below where unturned digits lie: the digit, its reconstruction in its own orientation, and its
 * code drawn in other ones; in the last rows the line between the codes of two digits, in the orientation of the first.
 */
export async function drawReconstructions(
  file: string,
  model: TrainedSphericalAutoencoder,
  coefficients: Matrix32,
): Promise<void> {
  const { codes, frames } = await model.encode(coefficients);
  const rows: Matrix32[] = [];
  for (let i = 0; i < coefficients.rows; i++) {
    const code = matrix(Float32Array.from(row(codes, i)), 1, codes.columns);
    const drawn: Float32Array[] = [Float32Array.from(row(coefficients, i))];
    for (const turn of TURNS) {
      const frame = composeRotations(turn, row(frames, i));
      drawn.push((await model.decode(code, frame)).data);
    }
    rows.push(stacked(drawn));
  }
  const steps = TURNS.length + 1;
  for (let i = 0; i + 1 < coefficients.rows; i += 2) {
    rows.push(await model.interpolate(row(codes, i), row(codes, i + 1), steps, row(frames, i)));
  }
  drawSpheres(file, rows);
}

function stacked(rows: readonly Float32Array[]): Matrix32 {
  const data = new Float32Array(rows.length * rows[0].length);
  for (const [i, values] of rows.entries()) data.set(values, i * values.length);
  return matrix(data, rows.length, rows[0].length);
}
