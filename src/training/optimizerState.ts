import { expectation, FormatError } from '../core/errors.js';
import type { NamedTensor } from '../core/safetensors.js';
import type * as tf from '../engine/tf.js';

/** The variables as `prefix/name`, float32, and counts of steps, if any, as `prefix/steps`. */
export async function readState(
  prefix: string,
  variables: Readonly<Record<string, tf.Variable>>,
  steps?: ArrayLike<number>,
): Promise<NamedTensor[]> {
  const arrays = Object.entries(variables).map(async ([name, variable]) => ({
    name: `${prefix}/${name}`,
    shape: variable.shape,
    data: ((await variable.data()) as Float32Array).slice(),
  }));
  const read: NamedTensor[] = await Promise.all(arrays);
  if (steps) read.push({ name: `${prefix}/steps`, shape: [steps.length], data: Float32Array.from(steps) });
  return read;
}

/** @throws FormatError unless an array of this name and size is there */
export function findArray(tensors: readonly NamedTensor[], name: string, size: number): Float32Array {
  const found = tensors.find((tensor) => tensor.name === name);
  if (found?.data.length === size) return found.data;
  const remedy = 'use the state that belongs to this config';
  throw new FormatError(expectation(name, `${size} values`, found?.data.length, remedy));
}

/** The values of `prefix/name` for each name of `sizes`. @throws as findArray, for the first that is missing */
export function findState<Name extends string>(
  tensors: readonly NamedTensor[],
  prefix: string,
  sizes: Readonly<Record<Name, number>>,
): Record<Name, Float32Array> {
  const entries = Object.entries<number>(sizes).map(
    ([part, size]) => [part, findArray(tensors, `${prefix}/${part}`, size)] as const,
  );
  return Object.fromEntries(entries) as Record<Name, Float32Array>;
}
