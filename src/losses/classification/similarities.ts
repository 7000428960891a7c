import { expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import { type Classes, type ClassLabels, classesOf, requireLabels } from './classes.js';
import { unitRows } from './unitRows.js';

/** Items and the trainable vectors that stand for the classes, compared by their cosines. */
export interface ClassifiedEmbeddings {
  /** [n, d], any norms. */
  readonly embeddings: tf.Tensor2D;
  /**
   * [k, d], any norms; [k * centers, d] where a class has several, those of class j in the rows from j * centers to
   * (j + 1) * centers - 1.
   */
  readonly classVectors: tf.Tensor2D;
  readonly labels: ClassLabels;
}

/** Items compared with the points that stand for the classes in any space: curved, a product, a star. */
export interface ClassifiedDistances {
  /** [n, k], smaller is nearer, as a Metric's pairwise(items, class points) gives; [n, k * centers] likewise. */
  readonly distances: tf.Tensor2D;
  readonly labels: ClassLabels;
  /** The similarity at distance 0: 1 makes s = 1 - d the cosine of a cosine distance. Default 0, s = -d. */
  readonly zero?: number;
}

export type Classified = ClassifiedEmbeddings | ClassifiedDistances;

/** How many items and classes there are, with the shapes of all inputs checked, and labels as far as they can be. */
export interface ClassifiedSizes {
  readonly n: number;
  readonly k: number;
}

/**
 * @throws ShapeError for shapes that do not belong together or a number of class vectors or columns that is no multiple of
 *   `centers`, DomainError for labels out of range
 */
export function sizesOf(input: Classified, who: string, centers = 1): ClassifiedSizes {
  const [n, columns] = 'embeddings' in input ? comparedShape(input, who) : input.distances.shape;
  if ('distances' in input && input.distances.rank !== 2) {
    throw new ShapeError(
      expectation(`${who} distances`, '[n, k]', input.distances.shape, 'pass a row for each item'),
    );
  }
  const k = classCount(columns, centers, who);
  requireLabels(input.labels, n, k, who);
  return { n, k };
}

function comparedShape({ embeddings, classVectors }: ClassifiedEmbeddings, who: string): [number, number] {
  if (embeddings.rank !== 2) {
    throw new ShapeError(
      expectation(`${who} embeddings`, '[n, d]', embeddings.shape, 'pass a row for each item'),
    );
  }
  const [n, d] = embeddings.shape;
  if (classVectors.rank !== 2 || classVectors.shape[1] !== d) {
    const remedy = 'pass a row for each class';
    throw new ShapeError(
      expectation(`${who} classVectors`, `rows of ${d} columns`, classVectors.shape, remedy),
    );
  }
  return [n, classVectors.shape[0]];
}

function classCount(rows: number, centers: number, who: string): number {
  if (rows > 0 && rows % centers === 0) return rows / centers;
  const expected = centers === 1 ? 'one or more' : `a multiple of ${centers}, the centers of a class,`;
  throw new ShapeError(
    expectation(`${who} classes`, `${expected} class vectors`, rows, 'check the number of classes'),
  );
}

export interface ClassSimilarities {
  /** [n, k * centers]: factor x similarity, larger is nearer. */
  readonly scaled: tf.Tensor2D;
  readonly classes: Classes;
}

/** factor (zero - distance), or factor cos, made of tensors. Call inside tidy. @throws as sizesOf */
export function similaritiesTo(
  input: Classified,
  factor: number,
  who: string,
  centers = 1,
): ClassSimilarities {
  const classes = classesFor(input, who, centers);
  if ('embeddings' in input) {
    // The factor goes to the side with fewer values.
    const [n, k] = [input.embeddings.shape[0], input.classVectors.shape[0]];
    const items = unitRows(input.embeddings, n <= k ? factor : 1);
    const scaled = tf.matMul(items, unitRows(input.classVectors, n <= k ? 1 : factor), false, true);
    return { scaled: scaled as tf.Tensor2D, classes };
  }
  const { distances, zero = 0 } = input;
  const negative = tf.mul(distances, -factor);
  return { scaled: (zero === 0 ? negative : tf.add(negative, factor * zero)) as tf.Tensor2D, classes };
}

/** The classes of the items on tensors. Call inside tidy. @throws as sizesOf */
export function classesFor(input: Classified, who: string, centers = 1): Classes {
  const { n, k } = sizesOf(input, who, centers);
  return classesOf(input.labels, n, k);
}
