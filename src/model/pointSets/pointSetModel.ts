import { requireFinite } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import type { Matrix32 } from '../../core/matrix.js';
import type { EmbeddingSet } from '../../core/records.js';
import type * as tf from '../../engine/tf.js';
import { HeadedModel } from '../headedModel.js';
import { headDistances, mixedLoss } from '../mixedLoss.js';
import type { Objective } from '../objective.js';
import { type TrainedModel, type TrainModelOptions, trainOn } from '../trainModel.js';
import type { ResolvedPointSetConfig } from './config.js';
import { type PointSetEncoder, pointSetEncoder } from './encoders.js';
import { type LabelledPointSets, pointSetItems } from './items.js';

/** A model of sets or clouds. Dispose of it when done: weights live on the device. */
export class PointSetModel extends HeadedModel<ResolvedPointSetConfig> {
  /** See PointSetEncoder. */
  readonly redraw: PointSetEncoder['redraw'];

  constructor(config: ResolvedPointSetConfig) {
    const { encoder, redraw } = pointSetEncoder(config);
    super(config, encoder);
    this.redraw = redraw;
  }

  /**
   * @param rows packed as the config's layout says: see packPointSets
   * @throws ShapeError for other columns or no rows, DomainError for values that are not finite (names the item)
   */
  async embed(rows: Matrix32): Promise<EmbeddingSet> {
    const { columns } = this.encoder;
    if (rows.columns !== columns || rows.rows === 0) {
      const expected = `at least one item of ${columns} numbers`;
      const remedy = 'pack the items as the model was trained on them';
      throw new ShapeError(expectation('embed', expected, `${rows.rows} of ${rows.columns}`, remedy));
    }
    requireFinite(rows.data, columns, 'embed: item');
    return this.embedRows(rows.data);
  }
}

/**
 * Trains both heads on the codes of sets or clouds, which are invariant as they are, and the decoder if the config has one.
 * The caller disposes of the model.
 * @throws as trainModel
 */
export async function trainPointSets(
  config: ResolvedPointSetConfig,
  data: LabelledPointSets,
  options: TrainModelOptions = {},
): Promise<TrainedModel<PointSetModel>> {
  const model = new PointSetModel(config);
  return trainOn(model, () => objectiveOf(model), pointSetItems(data), options);
}

function objectiveOf(model: PointSetModel): Objective {
  return {
    report(pass, { rows, labels }, withStatistics, progress) {
      const redrawn = model.redraw?.(pass, rows, progress);
      const code: tf.Tensor2D = redrawn?.code ?? model.encoder.encode(pass, rows).code;
      const distances = headDistances(model, model.pointsOf(pass, code));
      const others = redrawn?.parts ?? {};
      return mixedLoss(model, distances, labels!, { withStatistics, progress, others });
    },
    dispose: () => {},
  };
}
