import { requireInteger, requirePositive } from '../../core/checks.js';
import { DomainError, expectation } from '../../core/errors.js';
import { type FusedKernels, fused } from '../../engine/fused.js';
import * as tf from '../../engine/tf.js';
import type { LossTerms } from '../terms.js';
import { arcMargin, arcMarginAt } from './arcMargin.js';
import { hostLabels } from './classes.js';
import { type HostMargin, hostCrossEntropy } from './hostCrossEntropy.js';
import { termsOfProducts } from './hostLogits.js';
import { itemTerms } from './itemTerms.js';
import { marginCrossEntropy } from './marginCrossEntropy.js';
import { type ClassifiedEmbeddings, classesFor, sizesOf } from './similarities.js';
import { unitRows } from './unitRows.js';

export interface ArcFaceOptions {
  /** Added to the angle between an item and its class vector: degrees, 0 <= margin < 180. */
  readonly margin?: number;
  /** What turns cosines into logits, > 0. */
  readonly scale?: number;
}
export const ARC_FACE_DEFAULTS = { margin: 28.6, scale: 64 } as const;
export const ARC_FACE_REDUCER = 'mean';

/**
 * Softmax over scaled cosines to the class vectors, the item's angle to its own class widened by a margin: value [n],
 * nats. Past 180° - margin the own cosine is lowered by m sin m instead (m in radians), so that it keeps falling.
 * Gradient in closed form, to embeddings and class vectors; finite at every angle.
 * @throws ShapeError for shapes that do not belong together, DomainError for labels or options out of range
 * @source Deng et al. 2019, arXiv:1801.07698, eq. 3
 */
export function arcFace(input: ClassifiedEmbeddings, options: ArcFaceOptions = {}): LossTerms {
  return withCenters(input, options, 1, 'arcFace');
}

export interface SubCenterArcFaceOptions extends ArcFaceOptions {
  /** Class vectors a class, >= 1; k * subCenters rows, class by class. */
  readonly subCenters?: number;
}
export const SUB_CENTER_ARC_FACE_DEFAULTS = { ...ARC_FACE_DEFAULTS, subCenters: 3 } as const;
export const SUB_CENTER_ARC_FACE_REDUCER = 'mean';

/**
 * ArcFace where a class has several vectors and an item is compared with the nearest of each class.
 * @throws as arcFace; UsageError unless subCenters is a whole number >= 1
 * @source Deng et al. 2020, Sub-center ArcFace, ECCV, section 3.2
 */
export function subCenterArcFace(
  input: ClassifiedEmbeddings,
  options: SubCenterArcFaceOptions = {},
): LossTerms {
  const { subCenters = SUB_CENTER_ARC_FACE_DEFAULTS.subCenters } = options;
  requireInteger(subCenters, 1, 'subCenterArcFace subCenters');
  return withCenters(input, options, subCenters, 'subCenterArcFace');
}

function withCenters(
  input: ClassifiedEmbeddings,
  options: ArcFaceOptions,
  centers: number,
  who: string,
): LossTerms {
  const { margin, scale } = { ...ARC_FACE_DEFAULTS, ...options };
  if (!(margin >= 0 && margin < 180)) {
    const remedy = 'give the angle in degrees';
    throw new DomainError(expectation(`${who} margin`, 'an angle in [0, 180)', margin, remedy));
  }
  requirePositive(scale, `${who} scale`);
  const radians = (margin * Math.PI) / 180;
  const kernels = fused('classes');
  if (kernels) return onHost(kernels, input, { radians, scale, centers, who });
  const classes = classesFor(input, who, centers);
  const items = unitRows(input.embeddings);
  const vectors = centersOf(unitRows(input.classVectors, scale), centers);
  const logits = vectors
    .map((center) => tf.matMul(items, center, false, true))
    .reduce((nearest, other) => tf.maximum(nearest, other)) as tf.Tensor2D;
  const turn = arcMargin(radians, squaredChord(items, vectors, scale, classes.index));
  return itemTerms(input, () => marginCrossEntropy(logits, classes, { margin: turn, scale }));
}

interface ArcSetting {
  readonly radians: number;
  readonly scale: number;
  readonly centers: number;
  readonly who: string;
}

function onHost(
  kernels: FusedKernels['classes'],
  input: ClassifiedEmbeddings,
  { radians, scale, centers, who }: ArcSetting,
): LossTerms {
  const { n, k } = sizesOf(input, who, centers);
  const turned = arcMarginAt(radians);
  const scaling = { factor: scale, unitItems: true, unitVectors: true };
  const values = () =>
    termsOfProducts(kernels, input, scaling, [n], (logits, call) => {
      const labels = hostLabels(input.labels);
      const { chords } = kernels.cosines.ownAngles(call, labels, centers);
      const margin: HostMargin = (i) => {
        const { value, slope } = turned(chords[i]);
        return { value: scale * value, slope };
      };
      return hostCrossEntropy(kernels, { logits, labels, classes: k }, margin, centers);
    }) as tf.Tensor1D;
  return itemTerms(input, values);
}

/** The first, the second, ... center of every class: [k * centers, d] -> [k, d] each. */
function centersOf(vectors: tf.Tensor2D, centers: number): tf.Tensor2D[] {
  if (centers === 1) return [vectors];
  const [rows, d] = vectors.shape;
  return tf.split(tf.reshape(vectors, [rows / centers, centers * d]) as tf.Tensor2D, centers, 1);
}

/** 2 - 2 cos as |item - unit vector of its own class|², the nearest of its centers: [n, 1]. */
function squaredChord(
  items: tf.Tensor2D,
  vectors: readonly tf.Tensor2D[],
  length: number,
  index: tf.Tensor1D,
): tf.Tensor2D {
  const chords = vectors.map((center) => {
    const own = tf.mul(tf.gather(center, index), 1 / length);
    const apart = tf.add(lacksDirection(items), lacksDirection(own));
    return tf.add(tf.sum(tf.square(tf.sub(items, own)), 1, true), apart);
  });
  return chords.reduce((nearest, other) => tf.minimum(nearest, other)) as tf.Tensor2D;
}

/** 1 for rows of zeros, which are at a right angle to all others, else 0: [n, 1]. */
function lacksDirection(rows: tf.Tensor): tf.Tensor {
  return tf.sub(1, tf.step(tf.sum(tf.square(rows), 1, true)));
}
