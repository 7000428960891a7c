import { expectation, UsageError } from '../../core/errors.js';
import { columnsOf, type Space } from '../../core/space.js';
import type { ParameterSpec } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { metricOn } from '../../manifolds/manifoldOn.js';
import { classVectorSpec } from '../classification/parameters.js';
import { REDUCERS, type Reducer, type ReducerContext, type ReducerName, reduceTerms } from '../reducers.js';
import type { LossTerms } from '../terms.js';
import {
  CLASS_LOSSES,
  type ClassLossDefinition,
  type ClassLossName,
  type ClassLossOptions,
} from './classLosses.js';
import type { LossBatch, MetricLoss } from './metricLoss.js';
import {
  PAIR_LOSSES,
  type PairLossDefinition,
  type PairLossName,
  type PairLossOptions,
} from './pairLosses.js';
import { compare } from './standardDistance.js';
import { trainablePoints } from './trainablePoints.js';
import {
  labelsOf,
  parameterOf,
  requireGiven,
  requireOwn,
  TUPLE_LOSSES,
  type TupleLossName,
  type TupleLossOptions,
  type TupleSetting,
} from './tupleLosses.js';

export type NamedLossOptions = PairLossOptions & ClassLossOptions & TupleLossOptions;
export type LossName = keyof NamedLossOptions;

/** What `createLoss` knows, in alphabetical order. */
export const LOSS_NAMES = [
  ...Object.keys(PAIR_LOSSES),
  ...Object.keys(CLASS_LOSSES),
  ...Object.keys(TUPLE_LOSSES),
].sort() as LossName[];

export interface LossSetting {
  /** The space of the embeddings, and of class points. Default: the distance that the loss was published with. */
  readonly space?: Space;
  /** Number of classes, for losses with a vector or a boundary each. */
  readonly classes?: number;
  /** Columns of the embeddings, for losses with vectors of their own and no space. */
  readonly columns?: number;
  /** Default: that of the loss. One for all parts, or one a part. */
  readonly reducer?: ReducerName | Reducer | Readonly<Record<string, Reducer>>;
  readonly reducerContext?: ReducerContext;
}

/**
 * A loss by the name that it has in pytorch-metric-learning, with its defaults: the value and the gradient are the same.
 * With a space, any loss of distances works on points of that space.
 * @param options of the loss, named in camelCase
 * @throws UsageError for an unknown name, a missing setting, or a space that the loss cannot have; DomainError for options
 *   out of range, when it is evaluated at the latest
 * @source Musgrave, Belongie, Lim 2020, arXiv:2008.09164, for the names; each loss's own file for its publication
 */
export function createLoss<N extends LossName>(
  name: N,
  options?: NamedLossOptions[N],
  setting: LossSetting = {},
): MetricLoss {
  const { compute, parameters, reducer, dispose = () => {} } = define(name, options ?? {}, setting);
  const chosen = setting.reducer ?? reducer;
  const reduce = typeof chosen === 'string' ? REDUCERS[chosen] : chosen;
  const terms: MetricLoss['terms'] = (batch, values = new Map()) => compute(batch, values);
  return {
    name,
    parameters,
    terms,
    dispose,
    evaluate: (batch, values) =>
      tf.tidy(() => reduceTerms(terms(batch, values), reduce, setting.reducerContext)),
  };
}

interface Defined {
  readonly compute: (batch: LossBatch, parameters: ReadonlyMap<string, tf.Tensor>) => LossTerms;
  readonly parameters: readonly ParameterSpec[];
  readonly reducer: ReducerName;
  readonly dispose?: () => void;
}

function define(name: string, options: object, setting: LossSetting): Defined {
  if (name in PAIR_LOSSES) {
    const definition = PAIR_LOSSES[name as PairLossName] as PairLossDefinition<object>;
    const { distance, reducer, compute } = definition;
    const space = setting.space ?? distance;
    return { reducer, parameters: [], compute: (batch) => compute(compare(batch, space, name), options) };
  }
  if (name in CLASS_LOSSES) {
    return defineClassLoss(
      name,
      CLASS_LOSSES[name as ClassLossName] as ClassLossDefinition<object>,
      options,
      setting,
    );
  }
  if (name in TUPLE_LOSSES) {
    const make = TUPLE_LOSSES[name as TupleLossName] as (
      options: object,
      setting: TupleSetting,
    ) => ReturnType<(typeof TUPLE_LOSSES)['AngularLoss']>;
    const { space, classes } = setting;
    const columns = setting.columns ?? (space && columnsOf(space));
    const made = make(options, { space, classes, columns });
    return { parameters: [], ...made };
  }
  throw new UsageError(expectation('createLoss', `one of ${LOSS_NAMES.join(', ')}`, name, 'check the name'));
}

function defineClassLoss(
  name: string,
  definition: ClassLossDefinition<object>,
  options: object,
  setting: LossSetting,
): Defined {
  const { law, reducer, centers } = definition;
  const { space } = setting;
  const classes = requireGiven(setting.classes, `${name} classes`);
  const perClass = centers?.(options) ?? 1;
  if (!space) {
    const columns = requireGiven(setting.columns, `${name} columns`);
    return {
      reducer,
      parameters: [classVectorSpec(law, { classes, columns, centers: perClass })],
      compute: (batch, parameters) => {
        requireOwn(batch, name);
        const classVectors = parameterOf(parameters, 'classVectors', name) as tf.Tensor2D;
        const { embeddings } = batch;
        return definition.compute({ embeddings, classVectors, labels: labelsOf(batch, name) }, options);
      },
    };
  }
  if (definition.from === 'coordinates') {
    throw new UsageError(
      expectation(`${name} space`, 'none', space.kind, 'this loss reads angles of coordinates'),
    );
  }
  const trained = trainablePoints('classVectors', classes * perClass, space, columnsOf(space));
  return {
    reducer,
    parameters: [trained.spec],
    compute: (batch, parameters) => {
      requireOwn(batch, name);
      const points = trained.points(parameterOf(parameters, 'classVectors', name) as tf.Tensor2D);
      const distances = metricOn(space).pairwise(batch.embeddings, points);
      return definition.compute({ distances, labels: labelsOf(batch, name) }, options);
    },
  };
}
