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
import { CHANNELS } from './views.js';

const TURNS: readonly RotationMatrix[] = [
  rotationFromAxisAngle({ axis: [0, 0, 1], angle: 0 }),
  rotationFromAxisAngle({ axis: [0, 0, 1], angle: Math.PI / 2 }),
  rotationFromAxisAngle({ axis: [1, 0, 0], angle: Math.PI / 2 }),
];

/**
 * Two rows a model, one a pose: how far its surface reaches, the reconstruction in that orientation and in two that are
 * turned from it, and the code drawn as the identity says, which both poses have in common.
 * @param poses rows of coefficients, two of each model in turn
 */
export async function drawPoses(
  file: string,
  model: TrainedSphericalAutoencoder,
  poses: Matrix32,
): Promise<void> {
  const { codes, frames } = await model.encode(poses);
  const rows: Matrix32[] = [];
  for (let i = 0; i < poses.rows; i++) {
    const code = matrix(Float32Array.from(row(codes, i)), 1, codes.columns);
    const orientations = [...TURNS.map((turn) => composeRotations(turn, row(frames, i))), TURNS[0]];
    const drawn: Float32Array[] = [Float32Array.from(row(poses, i))];
    for (const frame of orientations) drawn.push((await model.decode(code, frame)).data);
    rows.push(distancesOf(drawn));
  }
  drawSpheres(file, rows);
}

/** The first channel of each degree. */
function distancesOf(signals: readonly Float32Array[]): Matrix32 {
  const columns = signals[0].length / CHANNELS;
  const out = matrix(new Float32Array(signals.length * columns), signals.length, columns);
  signals.forEach((values, i) => {
    for (let l = 0; l * l < columns; l++) {
      const first = CHANNELS * l * l;
      out.data.set(values.subarray(first, first + 2 * l + 1), i * columns + l * l);
    }
  });
  return out;
}
