import { requireInteger } from '../../core/checks.js';
import type { Matrix32 } from '../../core/matrix.js';
import type { Relation } from '../../core/records.js';
import type { Space } from '../../core/space.js';
import { ClosureTraining } from './closureTraining.js';
import type { ClosureConfig } from './config.js';
import { readClosureState, writeClosureState } from './stateFile.js';

export interface ClosureEpoch {
  /** Epochs done, from 1. */
  readonly epoch: number;
  /** Mean over the epoch, nats a pair. */
  readonly loss: number;
  /** Of training, interrupted runs included. */
  readonly seconds: number;
}

export interface TrainClosureOptions {
  /** Where the state is kept while the training goes on; a state found there is gone on from. */
  readonly stateFile?: string;
  /** Epochs between two writings of the state, default 10. */
  readonly saveEvery?: number;
  readonly onEpoch?: (epoch: ClosureEpoch) => void;
}

export interface TrainedClosure {
  readonly space: Space;
  /** [items, columnsOf(space)] */
  readonly points: Matrix32;
  readonly seconds: number;
}

/**
 * Embeds the items of a relation: see ClosureTraining. Tangent parameters of a hyperbolic geometry give points of the
 * hyperboloid; with a star the space is a product, its offsets last.
 * @throws UsageError, DomainError for a config out of range; UsageError for a relation without pairs, or out of
 *   order; FormatError for a state file of another config; DomainError when the loss is no longer a
 *   number. Call after openEngine.
 */
export async function trainClosure(
  relation: Relation,
  config: ClosureConfig,
  { stateFile, saveEvery = 10, onEpoch }: TrainClosureOptions = {},
): Promise<TrainedClosure> {
  requireInteger(saveEvery, 1, 'trainClosure saveEvery');
  const training = new ClosureTraining(relation, config);
  try {
    const saved = stateFile === undefined ? undefined : readClosureState(stateFile, config);
    if (saved) training.restore(saved);
    const before = saved?.seconds ?? 0;
    const start = performance.now();
    const seconds = () => before + (performance.now() - start) / 1000;
    while (training.step < training.steps) {
      const loss = await training.run(training.stepsPerEpoch);
      const epoch = training.step / training.stepsPerEpoch;
      onEpoch?.({ epoch, loss, seconds: seconds() });
      const due = epoch % saveEvery === 0 || epoch === config.epochs;
      if (stateFile !== undefined && due) {
        writeClosureState(stateFile, config, { ...(await training.state()), seconds: seconds() });
      }
    }
    return { ...(await training.embedding()), seconds: seconds() };
  } finally {
    training.dispose();
  }
}
