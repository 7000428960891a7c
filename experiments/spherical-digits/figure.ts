import { writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import {
  composeRotations,
  type Matrix32,
  matrix,
  type RotationMatrix,
  rotationFromAxisAngle,
  row,
  sphericalHarmonics,
  type TrainedSphericalAutoencoder,
} from '../../src/index.js';
import type { SphericalDigits } from './digits.js';

/** Pixels of the side of a sphere, and between two. */
const SIDE = 56;
const GAP = 4;

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
  digits: SphericalDigits,
): Promise<void> {
  const { coefficients } = digits;
  const degree = Math.sqrt(coefficients.columns) - 1;
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
  writeFileSync(file, png(rows.map((signals) => views(signals, degree))));
}

function stacked(rows: readonly Float32Array[]): Matrix32 {
  const data = new Float32Array(rows.length * rows[0].length);
  for (const [i, values] of rows.entries()) data.set(values, i * values.length);
  return matrix(data, rows.length, rows[0].length);
}

/** The lower half of each sphere, seen along the axis, 0..1, NaN beside it. */
function views(signals: Matrix32, degree: number): Float64Array[] {
  const points: number[] = [];
  const places: number[] = [];
  for (let at = 0; at < SIDE * SIDE; at++) {
    const x = ((at % SIDE) + 0.5) / (SIDE / 2) - 1;
    const y = 1 - (Math.floor(at / SIDE) + 0.5) / (SIDE / 2);
    if (x * x + y * y >= 1) continue;
    points.push(x, y, -Math.sqrt(1 - x * x - y * y));
    places.push(at);
  }
  const harmonics = sphericalHarmonics(matrix(Float64Array.from(points), places.length, 3), degree);
  return Array.from({ length: signals.rows }, (_, i) => {
    const view = new Float64Array(SIDE * SIDE).fill(Number.NaN);
    const values = places.map((_place, p) => {
      let sum = 0;
      for (let k = 0; k < signals.columns; k++) {
        sum += signals.data[i * signals.columns + k] * harmonics.data[p * harmonics.columns + k];
      }
      return sum;
    });
    const [low, high] = [Math.min(...values), Math.max(...values)];
    places.forEach((at, p) => {
      view[at] = (values[p] - low) / (high - low);
    });
    return view;
  });
}

/** Views side by side, grey, white around them. @source PNG specification, third edition, section 5 */
function png(rows: readonly (readonly Float64Array[])[]): Buffer {
  const cell = SIDE + GAP;
  const [width, height] = [rows[0].length * cell + GAP, rows.length * cell + GAP];
  const lines = Buffer.alloc(height * (width + 1), 255);
  for (let y = 0; y < height; y++) lines[y * (width + 1)] = 0;
  rows.forEach((views, r) => {
    views.forEach((view, c) => {
      view.forEach((value, at) => {
        if (Number.isNaN(value)) return;
        const [x, y] = [GAP + c * cell + (at % SIDE), GAP + r * cell + Math.floor(at / SIDE)];
        lines[y * (width + 1) + 1 + x] = Math.round(255 * (1 - value));
      });
    });
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, check]);
}

function crc(data: Buffer): number {
  let value = 0xffffffff;
  for (const byte of data) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}
