import { expectation, UsageError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import { createLoss, LOSS_NAMES, type LossName, type LossSetting } from '../../losses/named/createLoss.js';
import type { Recompute } from './compare.js';
import { numbersAt, rowsAt } from './inputs.js';
import { isObject, type JsonObject } from './leaves.js';

/** Names of the peer's parameters that are more than our name in snake_case. */
const RENAMED: Readonly<Record<string, string>> = {
  smooth_loss: 'smooth',
  num_bins: 'bins',
  n_bins: 'bins',
  Tn: 'tn',
  Tp: 'tp',
  lambda_pos: 'lambdaPlus',
  lambda_neg: 'lambdaMinus',
  margin_pos: 'marginPlus',
  margin_neg: 'marginMinus',
  sub_centers: 'subCenters',
};
/** What the peer's parameters say about the setting. */
const SETTING: Readonly<Record<string, keyof LossSetting>> = {
  num_classes: 'classes',
  embedding_size: 'columns',
};

/**
 * `labelled`: a loss of the batch under labels and its gradient in the embeddings. Class vectors are the batch's
 * classWeights; skipped where the peer had others, which are not in the file.
 */
export const recomputeLabelled: Recompute = ({ key, owners }) => {
  const [file, entry] = owners;
  const name = String(entry['name']).split(':')[0] as LossName;
  if (!LOSS_NAMES.includes(name) || !hasBatchWeights(file, entry)) return undefined;
  const { loss, grad } = evaluate(file, name, objectAt(entry, 'params'));
  return key === 'loss' ? [loss] : grad;
};

function hasBatchWeights(file: JsonObject, entry: JsonObject): boolean {
  const weights = rowsAt(objectAt(file, 'batch'), 'classWeights');
  const size = weights.length * weights[0].length;
  return Object.values(objectAt(entry, 'parameterShapes')).every(
    (shape) => Array.isArray(shape) && shape.reduce((product: number, n: number) => product * n, 1) === size,
  );
}

function evaluate(
  file: JsonObject,
  name: LossName,
  params: JsonObject,
): { loss: number; grad: Float32Array } {
  const batch = objectAt(file, 'batch');
  const options: Record<string, unknown> = {};
  const setting: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(params)) {
    if (key in SETTING) setting[SETTING[key]] = value;
    else options[RENAMED[key] ?? key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())] = value;
  }
  const metricLoss = createLoss(name, options as never, setting);
  return tf.tidy(() => {
    const labels = numbersAt(batch, 'labels');
    const weights = tf.tensor2d(rowsAt(batch, 'classWeights'));
    const parameters = new Map(metricLoss.parameters.map((spec) => [spec.name, weights as tf.Tensor]));
    const { value, grad } = tf.valueAndGrad((embeddings: tf.Tensor) =>
      metricLoss.evaluate(
        { embeddings: embeddings as tf.Tensor2D, relation: { kind: 'labels', labels } },
        parameters,
      ),
    )(tf.tensor2d(rowsAt(batch, 'embeddings')));
    return { loss: value.dataSync()[0], grad: grad.dataSync() as Float32Array };
  });
}

function objectAt(owner: JsonObject, key: string): JsonObject {
  const value = owner[key];
  if (isObject(value)) return value;
  throw new UsageError(
    expectation(`reference ${key}`, 'an object', value, 'make the file again with make.py'),
  );
}
