import { expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import { type Classes, type ClassLabels, classesOf } from './classes.js';
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

export interface ClassSimilarities {
  /** [n, k * centers]: factor x similarity, larger is nearer. */
  readonly scaled: tf.Tensor2D;
  readonly classes: Classes;
}

/**
 * factor (zero - distance), or factor cos. Call inside tidy.
 * @throws ShapeError for shapes that do not belong together or a number of columns that is no multiple of `centers`
 */
export function similaritiesTo(
  input: Classified,
  factor: number,
  who: string,
  centers = 1,
): ClassSimilarities {
  if ('embeddings' in input) {
    const classes = classesFor(input, who, centers);
    // The factor goes to the side with fewer values.
    const [n, k] = [input.embeddings.shape[0], input.classVectors.shape[0]];
    const items = unitRows(input.embeddings, n <= k ? factor : 1);
    const scaled = tf.matMul(items, unitRows(input.classVectors, n <= k ? 1 : factor), false, true);
    return { scaled: scaled as tf.Tensor2D, classes };
  }
  const { distances, labels, zero = 0 } = input;
  if (distances.rank !== 2) {
    throw new ShapeError(
      expectation(`${who} distances`, '[n, k]', distances.shape, 'pass a row for each item'),
    );
  }
  const [n, columns] = distances.shape;
  const classes = classesOf(labels, n, classCount(columns, centers, who), who);
  const negative = tf.mul(distances, -factor);
  return { scaled: (zero === 0 ? negative : tf.add(negative, factor * zero)) as tf.Tensor2D, classes };
}

/** The classes of the items, with the shapes of all three checked. @throws as similaritiesTo */
export function classesFor(input: ClassifiedEmbeddings, who: string, centers = 1): Classes {
  const { embeddings, classVectors, labels } = input;
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
  return classesOf(labels, n, classCount(classVectors.shape[0], centers, who), who);
}

function classCount(rows: number, centers: number, who: string): number {
  if (rows > 0 && rows % centers === 0) return rows / centers;
  const expected = centers === 1 ? 'one or more' : `a multiple of ${centers}, the centers of a class,`;
  throw new ShapeError(
    expectation(`${who} classes`, `${expected} class vectors`, rows, 'check the number of classes'),
  );
}
