import { neighborRecallMonitor } from '../../src/index.js';
import { type Row, rowOf } from '../experiment.js';
import { head } from './digits.js';
import { euclideanOf } from './measure.js';
import { type Arm, type Coder, trainCoder } from './train.js';
import type { Work } from './work.js';

/** Digits of either part that are watched. */
const WATCHED = 1000;

/** Share of the neighbours of digits that stay neighbours, during training, for digits that train and for others. */
export async function curves({ context: { slice, seed }, settings, sizes, inputs }: Work): Promise<Row[]> {
  const rows: Row[] = [];
  const looks = settings.curve.map((share) => Math.round(share * sizes.steps));
  for (const penalty of ['none', 'stress'] as const) {
    const arm: Arm = { code: sizes.penaltyCode, penalty, weight: penalty === 'none' ? 0 : 1, seed };
    const found = await slice(`curve-${penalty}`, async () => {
      const { digits } = inputs();
      const [train, test] = [head(digits.train, WATCHED), head(digits.test, WATCHED)];
      let now: Coder | undefined;
      const codesOf = (part: typeof train) => () => (now as Coder).codes(part);
      const monitor = neighborRecallMonitor(
        { train: { inputs: train, codes: codesOf(train) }, test: { inputs: test, codes: codesOf(test) } },
        {
          inputSpace: euclideanOf(train),
          codeSpace: { kind: 'euclidean', dim: arm.code },
          k: settings.neighbors,
        },
      );
      const coder = await trainCoder(arm, {
        ...{ settings, steps: sizes.steps, train: digits.train, looks: [...new Set(looks)] },
        onLook: async (step, current) => {
          now = current;
          await monitor.look(step);
        },
      });
      coder.dispose();
      return monitor.history;
    });
    for (const { step, recall } of found) {
      const label = `${penalty === 'none' ? 'AE' : 'AE + stress'} after ${step} steps`;
      rows.push(
        rowOf(label, 'knnRecallTrain', [recall['train']]),
        rowOf(label, 'knnRecallTest', [recall['test']]),
      );
    }
  }
  return rows;
}
