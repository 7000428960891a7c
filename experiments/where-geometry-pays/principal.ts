import { type Matrix32, matrix, pca, row, takeRows } from '../../src/index.js';
import type { WordTree } from '../wordTree.js';

/** Coordinates of words along the first `dim` principal components of the training words' vectors. */
export function principalPoints(
  { vectors }: WordTree,
  train: Int32Array,
  dim: number,
): (words: Int32Array) => Matrix32 {
  const { projection, mean } = pca(takeRows(vectors, train), dim);
  return (words) => {
    const data = new Float32Array(words.length * dim);
    words.forEach((word, i) => {
      const x = row(vectors, word);
      for (let p = 0; p < dim; p++) {
        const direction = row(projection, p);
        let sum = 0;
        for (let k = 0; k < x.length; k++) sum += (x[k] - mean[k]) * direction[k];
        data[i * dim + p] = sum;
      }
    });
    return matrix(data, words.length, dim);
  };
}
