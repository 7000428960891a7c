import { writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { type Matrix32, matrix, sphericalHarmonics } from '../src/index.js';

/** Pixels of the side of a sphere, and between two. */
const SIDE = 56;
const GAP = 4;

/**
 * Draws functions on the sphere as a PNG, those of a matrix side by side, each seen from below, between its own least value
 * in white and its largest in black.
 * @param rows one a line of the picture: [spheres, (degree + 1)²], as many spheres in each
 */
export function drawSpheres(file: string, rows: readonly Matrix32[]): void {
  writeFileSync(file, png(rows.map((signals) => views(signals, Math.sqrt(signals.columns) - 1))));
}

/** The lower half of each sphere, seen along the axis from below, between its least and its largest value 0..1, NaN beside it. */
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
