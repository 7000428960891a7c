import { DomainError, expectation, FormatError } from '../core/errors.js';
import type { NamedTensor } from '../core/safetensors.js';
import type { Space } from '../core/space.js';
import type { Pass } from '../engine/network.js';
import type { ParameterSpec } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';

export interface LearnableCurvatureOptions {
  /** Of the parameter; one for each curvature that is to differ from the others. */
  readonly name: string;
  /** K before training, 1/u². */
  readonly initial: number;
  /** Bounds of K, min < initial < max. */
  readonly min: number;
  readonly max: number;
  /** The space it is for; `stereographic`, the default, takes any sign. */
  readonly kind?: (Space & { readonly curvature: number })['kind'];
}

/** One curvature. Factors that share it use one of these, and list its parameters once; others have one each. */
export interface LearnableCurvature {
  readonly parameters: readonly ParameterSpec[];
  /** K in this pass. */
  value(pass: Pass): tf.Scalar;
  /** K of trained parameters, for a Space. @throws FormatError unless they have the parameter */
  read(parameters: readonly NamedTensor[]): number;
}

/**
 * A curvature that is learned between two bounds: one free number θ, 0 at first, moves a share s = σ(θ + θ0) of the way
 * between them. With bounds of one sign the way is that of log|K|, K = K0 (max/min)^(s - s0), so that steps are
 * relative; else it is straight, K = K0 + (max - min)(s - s0). At θ = 0 it is K0 to the last bit, and weight decay
 * pulls there.
 * @throws DomainError unless min < initial < max, all finite and of the sign that the kind of space needs
 */
export function learnableCurvature(options: LearnableCurvatureOptions): LearnableCurvature {
  const { name, initial, min, max } = options;
  requireBounds(options);
  const relative = min * max > 0;
  const way = relative ? Math.log(max / min) : max - min;
  const share = relative ? Math.log(initial / min) / way : (initial - min) / way;
  const theta0 = Math.log(share / (1 - share));
  return {
    parameters: [{ name, shape: [], initial: (_, size) => new Float32Array(size) }],
    value: (pass) =>
      tf.tidy(() => {
        const s = tf.sigmoid(tf.add(pass.weight<tf.Scalar>(name), theta0));
        // s0 by the same op, so that the difference is exactly 0 where θ is.
        const moved = tf.mul(tf.sub(s, tf.sigmoid(theta0)), way);
        return relative ? tf.mul(tf.exp(moved), initial) : tf.add(moved, initial);
      }),
    read(parameters) {
      const found = parameters.find((parameter) => parameter.name === name);
      if (found?.data.length !== 1) {
        const got = found ? `${found.data.length} values` : 'none';
        throw new FormatError(
          expectation(`curvature ${name}`, 'one value', got, 'use the weights of this model'),
        );
      }
      const moved = (logistic(found.data[0] + theta0) - logistic(theta0)) * way;
      return relative ? initial * Math.exp(moved) : initial + moved;
    },
  };
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

function requireBounds({ name, initial, min, max, kind = 'stereographic' }: LearnableCurvatureOptions): void {
  if (!(min > Number.NEGATIVE_INFINITY && min < initial && initial < max && max < Number.POSITIVE_INFINITY)) {
    const remedy = 'widen the bounds or move the start between them';
    throw new DomainError(
      expectation(`curvature ${name}`, 'finite min < initial < max', [min, initial, max], remedy),
    );
  }
  if (kind === 'sphere' && !(min > 0)) refuseSign(name, 'min > 0 for a sphere', min);
  if ((kind === 'poincare' || kind === 'lorentz') && !(max < 0)) refuseSign(name, `max < 0 for ${kind}`, max);
}

function refuseSign(name: string, expected: string, got: number): never {
  throw new DomainError(
    expectation(`curvature ${name}`, expected, got, 'give bounds of the sign of this space'),
  );
}
