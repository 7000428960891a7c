import { DomainError, expectation, FormatError } from '../../core/errors.js';
import type { NamedTensor } from '../../core/safetensors.js';
import type { Pass } from '../../engine/network.js';
import type { ParameterSpec } from '../../engine/parameters.js';
import type * as tf from '../../engine/tf.js';
import { learnableCurvature } from '../../manifolds/curvature.js';

/** Where a learned number > 0 starts, and the bounds it stays between. */
export interface ScaleRange {
  readonly initial: number;
  readonly min: number;
  readonly max: number;
}

/** A temperature or weight that is learned. */
export interface LearnableScale {
  readonly parameters: readonly ParameterSpec[];
  /** Its value in this pass. */
  value(pass: Pass): tf.Scalar;
  /** Its value by trained parameters. @throws FormatError unless they have the parameter */
  read(parameters: readonly NamedTensor[]): number;
}

/**
 * A number that is learned between two bounds > 0, on the logarithmic scale that `learnableCurvature` has: steps are
 * relative, and it starts at `initial` to the last bit.
 * @param name of its parameter
 * @throws DomainError unless 0 < min < initial < max, all finite
 */
export function learnableScale(name: string, { initial, min, max }: ScaleRange): LearnableScale {
  if (!(min > 0 && min < initial && initial < max && max < Number.POSITIVE_INFINITY)) {
    const remedy = 'widen the bounds or move the start between them';
    throw new DomainError(
      expectation(`scale ${name}`, 'finite 0 < min < initial < max', [min, initial, max], remedy),
    );
  }
  const way = learnableCurvature({ name, initial, min, max });
  return {
    parameters: way.parameters,
    value: (pass) => way.value(pass),
    read(parameters) {
      const length = parameters.find((parameter) => parameter.name === name)?.data.length;
      if (length === 1) return way.read(parameters);
      throw new FormatError(
        expectation(`scale ${name}`, 'one value', length ?? 'none', 'use the weights of this model'),
      );
    },
  };
}
