import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../../src/core/errors.js';
import { type Matrix, matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { neighborRecallMonitor } from '../../../src/evaluation/distances/neighborRecall.js';
import { neighborhoodReport } from '../../../src/evaluation/neighborhoods.js';
import { distanceMatrix } from '../../../src/geometry/distance.js';
import { randomMatrix } from '../support.js';

const plane = { kind: 'euclidean', dim: 2 } as const;
const space = { kind: 'euclidean', dim: 5 } as const;

describe('neighborRecallMonitor', () => {
  it('keeps the neighbour recall of each set at each look', async () => {
    const rng = new Rng(1);
    const [train, test] = [randomMatrix(60, 5, rng), randomMatrix(40, 5, rng)];
    let codes: readonly [Matrix, Matrix] = [randomMatrix(60, 2, rng), randomMatrix(40, 2, rng)];
    const monitor = neighborRecallMonitor(
      {
        train: { inputs: train, codes: () => codes[0] },
        test: { inputs: test, codes: async () => codes[1] },
      },
      { inputSpace: space, codeSpace: plane, k: 7 },
    );
    const first = await monitor.look(0);
    for (const [name, inputs, found] of [
      ['train', train, codes[0]],
      ['test', test, codes[1]],
    ] as const) {
      const [a, b] = [distanceMatrix(space, inputs, inputs), distanceMatrix(plane, found, found)];
      expect(first.recall[name]).toBeCloseTo(neighborhoodReport(a, b, 7).knnRecall, 12);
    }
    codes = [train, test].map((m) =>
      matrix(
        Float64Array.from({ length: 2 * m.rows }, (_, i) => m.data[Math.floor(i / 2) * 5 + (i % 2)]),
        m.rows,
        2,
      ),
    ) as [Matrix, Matrix];
    const second = await monitor.look(10);
    expect(second.recall['test']).toBeGreaterThan(first.recall['test']);
    expect(monitor.history).toEqual([first, second]);
  });

  it('refuses too few points, other rows and a step back', async () => {
    const inputs = randomMatrix(12, 2, new Rng(2));
    const options = { inputSpace: plane, codeSpace: plane };
    expect(() =>
      neighborRecallMonitor({ train: { inputs, codes: () => inputs } }, { ...options, k: 12 }),
    ).toThrow(UsageError);
    const monitor = neighborRecallMonitor({ train: { inputs, codes: () => inputs } }, options);
    expect(await monitor.look(5)).toEqual({ step: 5, recall: { train: 1 } });
    await expect(monitor.look(5)).rejects.toThrow(/step: expected more than 5, got 5/);
    const other = neighborRecallMonitor(
      { train: { inputs, codes: () => matrix(new Float32Array(4), 2, 2) } },
      options,
    );
    await expect(other.look(0)).rejects.toThrow(ShapeError);
  });
});
