import { type Matrix32, matrix } from '../../core/matrix.js';
import type { EmbeddingSet, LabelledImages } from '../../core/records.js';
import type { Space } from '../../core/space.js';
import { leaveOneOutNeighbors } from '../../evaluation/neighbors.js';
import type { ImageTile, RetrievalArm, RetrievalStrip } from '../../report/input.js';
import { rotateImages } from '../../symmetry/rotation.js';

const SHOWN = 12;
const NEIGHBOURS = 8;

/** Queries worth looking at: one a class, then some that the ensemble gets wrong, with what each arm finds. */
export async function retrievalStrips(
  test: LabelledImages,
  turned: Float32Array,
  embedded: EmbeddingSet,
  space: Space,
): Promise<RetrievalStrip[]> {
  const size = test.height * test.width;
  const arms: { head: RetrievalArm; space: Space; points: Matrix32 }[] = [
    ...embedded.heads.map(({ name, space: own, matrix: points }) => ({
      head: (name === 'euclidean' ? 'euclidean' : 'hyperbolic') as RetrievalArm,
      space: own,
      points,
    })),
    { head: 'ensemble', space, points: embedded.vectors },
    { head: 'pixels', space: { kind: 'cosine', dim: size }, points: matrix(turned, test.count, size) },
  ];
  const found = await Promise.all(
    arms.map(async (arm) => ({
      head: arm.head,
      ...(await leaveOneOutNeighbors(arm.space, arm.points, NEIGHBOURS)),
    })),
  );
  const ensemble = found.find(({ head }) => head === 'ensemble')!;
  const tile = (i: number, distance?: number): ImageTile => ({
    pixels: toBytes(turned.subarray(i * size, (i + 1) * size)),
    height: test.height,
    width: test.width,
    label: test.labels[i],
    ...(distance !== undefined && { distance }),
  });
  return chooseQueries(test.labels, ensemble.rows).map((query) => ({
    query: tile(query),
    upright: { ...tile(query), pixels: toBytes(turnedBack(test, turned, embedded, query)) },
    rows: found.map(({ head, rows, distances }) => ({
      head,
      tiles: Array.from({ length: NEIGHBOURS }, (_, k) => query * NEIGHBOURS + k)
        .filter((at) => rows[at] >= 0)
        .map((at) => tile(rows[at], distances[at])),
    })),
  }));
}

function chooseQueries(labels: Uint8Array, neighbours: Int32Array): number[] {
  const firstOfClass = [...new Set(labels)].sort((a, b) => a - b).map((label) => labels.indexOf(label));
  const wrong: number[] = [];
  for (let i = 0; i < labels.length && wrong.length < SHOWN / 4; i++) {
    if (labels[neighbours[i * NEIGHBOURS]] !== labels[i]) wrong.push(i);
  }
  return [...new Set([...firstOfClass.slice(0, SHOWN - wrong.length), ...wrong])];
}

function turnedBack(
  test: LabelledImages,
  turned: Float32Array,
  { orientation }: EmbeddingSet,
  i: number,
): Float32Array {
  const size = test.height * test.width;
  const image = turned.subarray(i * size, (i + 1) * size);
  return orientation ? rotateImages(image, 1, test.height, test.width, [-orientation[i]]) : image;
}

function toBytes(pixels: Float32Array): Uint8Array {
  return Uint8Array.from(pixels, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
}
