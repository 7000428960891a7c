import { requirePositive } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { NamedTensor } from '../../core/safetensors.js';
import type { Space } from '../../core/space.js';
import type { Pass } from '../../engine/network.js';
import type { ParameterSpec } from '../../engine/parameters.js';
import { type LearnableCurvature, learnableCurvature } from '../../manifolds/curvature.js';
import { learnableScale, type ScaleRange } from './learnableScale.js';
import type { MixedHead, Scale } from './mixedLogits.js';

type CurvedSpace = Space & { readonly curvature: number };

/** A head of `mixedLogits` of which some numbers are learned. */
export interface HeadConfig {
  /** Of its parameters: NAME/temperature, NAME/weight, NAME/curvature0, ... */
  readonly name: string;
  /** Learned curvatures start at those in here. */
  readonly space: Space;
  /** A number that stays, or where it starts and its bounds. */
  readonly temperature: number | ScaleRange;
  /** Default 1. */
  readonly weight?: number | ScaleRange;
  /** Bounds of K, one for each curved factor of the space in order; absent: the curvatures stay. */
  readonly curvatures?: readonly { readonly min: number; readonly max: number }[];
}

/** A head in numbers, as a config file has it. */
export interface HeadValues {
  readonly name: string;
  readonly space: Space;
  readonly temperature: number;
  readonly weight: number;
}

export interface LearnableHeads {
  readonly parameters: readonly ParameterSpec[];
  /** The heads in this pass. Call inside tidy. */
  value(pass: Pass): MixedHead[];
  /** The heads by trained parameters. @throws FormatError unless they have them all */
  read(parameters: readonly NamedTensor[]): HeadValues[];
}

/**
 * Heads whose temperatures, weights and curvatures are learned, each between bounds of its own.
 * @throws UsageError for two heads of one name or another number of curvatures than curved factors; DomainError for a
 *   number <= 0, a start that is not between its bounds, bounds of the wrong sign
 */
export function learnableHeads(configs: readonly HeadConfig[]): LearnableHeads {
  const names = configs.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UsageError(
      expectation('learnableHeads', 'names that differ', twice, 'rename one of the heads'),
    );
  }
  const heads = configs.map(learnableHead);
  return {
    parameters: heads.flatMap((head) => head.parameters),
    value: (pass) => heads.map((head) => head.value(pass)),
    read: (parameters) => heads.map((head) => head.read(parameters)),
  };
}

interface LearnableHead {
  readonly parameters: readonly ParameterSpec[];
  value(pass: Pass): MixedHead;
  read(parameters: readonly NamedTensor[]): HeadValues;
}

function learnableHead({ name, space, temperature, weight = 1, curvatures }: HeadConfig): LearnableHead {
  const t = scaleOf(`${name}/temperature`, temperature);
  const w = scaleOf(`${name}/weight`, weight);
  const K = curvatures && curvaturesOf(name, space, curvatures);
  return {
    parameters: [...t.parameters, ...w.parameters, ...(K ?? []).flatMap((k) => k.parameters)],
    value: (pass) => ({
      ...{ space, temperature: t.value(pass), weight: w.value(pass) },
      ...(K ? { curvature: K.map((k) => k.value(pass)) } : {}),
    }),
    read(parameters) {
      const learned = (K ?? []).map((k) => k.read(parameters)).values();
      const now = K ? withCurvatures(space, () => learned.next().value as number) : space;
      return { name, space: now, temperature: t.read(parameters), weight: w.read(parameters) };
    },
  };
}

interface ScaleSource {
  readonly parameters: readonly ParameterSpec[];
  value(pass: Pass): Scale;
  read(parameters: readonly NamedTensor[]): number;
}

function scaleOf(name: string, value: number | ScaleRange): ScaleSource {
  if (typeof value !== 'number') return learnableScale(name, value);
  requirePositive(value, name);
  return { parameters: [], value: () => value, read: () => value };
}

function curvaturesOf(
  name: string,
  space: Space,
  bounds: readonly { readonly min: number; readonly max: number }[],
): LearnableCurvature[] {
  const curved = curvedFactors(space);
  if (curved.length !== bounds.length) {
    const expected = `${curved.length}, one for each curved factor`;
    throw new UsageError(expectation(`${name} curvatures`, expected, bounds.length, 'align them'));
  }
  return curved.map(({ kind, curvature }, i) =>
    learnableCurvature({ name: `${name}/curvature${i}`, initial: curvature, ...bounds[i], kind }),
  );
}

function curvedFactors(space: Space): CurvedSpace[] {
  if (space.kind === 'product') return space.factors.flatMap((factor) => curvedFactors(factor.space));
  return 'curvature' in space ? [space] : [];
}

/** The space with the curvatures that `next` gives, in the order of its curved factors. */
function withCurvatures(space: Space, next: () => number): Space {
  if ('curvature' in space) return { ...space, curvature: next() };
  if (space.kind !== 'product') return space;
  const factors = space.factors.map((factor) => ({ ...factor, space: withCurvatures(factor.space, next) }));
  return { ...space, factors };
}
