import type { Pass } from '../../engine/network.js';
import * as tf from '../../engine/tf.js';
import {
  lorentzToPoincare,
  poincareToLorentz,
  sphereToStereographic,
  stereographicToSphere,
} from '../conversions.js';
import type { Curvature, Manifold } from '../manifold.js';
import { manifoldOn } from '../manifoldOn.js';
import { log0 } from '../stereographic.js';
import { type CurvatureSource, curvatureIn, fromTangent, type Layer, NO_WEIGHTS } from './layer.js';

/** A model of a space of one curvature. Its dimension is that of the points that come. */
export type Model =
  | { readonly kind: 'euclidean' }
  | {
      readonly kind: 'poincare' | 'stereographic' | 'lorentz' | 'sphere';
      readonly curvature: CurvatureSource;
    };

/**
 * Points of one model as points of another: [n, columns of the one] -> [n, columns of the other]. Where both
 * have the same curvature (the same number, tensor or function), by the isometry between them. Otherwise by
 * the tangent vector at the origin: log0 of the one, exp0 of the other, measured as in the stereographic
 * model, where the metric at the origin is four times the Euclidean. So a vector v of Euclidean features
 * becomes exp0(v) in the ball and exp0(2v) on the hyperboloid, at distance 2|v| from the origin in both, and
 * changes one after the other are the change from the first to the last.
 */
export function changeManifold(options: { readonly from: Model; readonly to: Model }): Layer {
  const { from, to } = options;
  return {
    ...NO_WEIGHTS,
    apply: (pass, x) =>
      tf.tidy(() => {
        if (sourceOf(from) !== sourceOf(to)) return fromOrigin(pass, to, toOrigin(pass, from, x));
        if (surfaceOf(from) === surfaceOf(to)) return tf.clone(x);
        return ontoSurface(pass, to, ontoPlane(pass, from, x));
      }),
  };
}

const sourceOf = (model: Model): CurvatureSource => (model.kind === 'euclidean' ? 0 : model.curvature);

/** The surface that a model lies on, other than the plane of the stereographic models. */
const surfaceOf = ({ kind }: Model): 'lorentz' | 'sphere' | undefined =>
  kind === 'lorentz' || kind === 'sphere' ? kind : undefined;

function ontoPlane(pass: Pass, model: Model, x: tf.Tensor2D): tf.Tensor2D {
  const K = curvatureIn(pass, sourceOf(model));
  switch (surfaceOf(model)) {
    case 'lorentz':
      return lorentzToPoincare(x, K);
    case 'sphere':
      return sphereToStereographic(x, K);
    case undefined:
      return x;
  }
}

function ontoSurface(pass: Pass, model: Model, x: tf.Tensor2D): tf.Tensor2D {
  const K = curvatureIn(pass, sourceOf(model));
  switch (surfaceOf(model)) {
    case 'lorentz':
      return poincareToLorentz(x, K);
    case 'sphere':
      return stereographicToSphere(x, K);
    case undefined:
      return x;
  }
}

/** log0 in the stereographic model of this curvature, from the columns of any model. */
function toOrigin(pass: Pass, model: Model, x: tf.Tensor2D): tf.Tensor2D {
  if (model.kind === 'euclidean') return x;
  const K = curvatureIn(pass, model.curvature);
  const surface = surfaceOf(model);
  if (surface === undefined) return log0(x, K);
  const n = x.shape[1] - 1;
  const tangent = manifoldOf(surface, n, K).log0(x);
  return tf.mul(tf.slice(tangent, [0, surface === 'lorentz' ? 1 : 0], [-1, n]), 0.5) as tf.Tensor2D;
}

/** Inverse of toOrigin. */
function fromOrigin(pass: Pass, model: Model, v: tf.Tensor2D): tf.Tensor2D {
  if (model.kind === 'euclidean') return v;
  const K = curvatureIn(pass, model.curvature);
  const surface = surfaceOf(model);
  if (surface === undefined) return fromTangent(v, K);
  const manifold = manifoldOf(surface, v.shape[1], K);
  return manifold.exp0(manifold.frame(tf.mul(v, 2) as tf.Tensor2D));
}

function manifoldOf(surface: 'lorentz' | 'sphere', dimension: number, K: Curvature): Manifold {
  return surface === 'lorentz'
    ? manifoldOn({ kind: surface, dim: dimension, curvature: -1 }, K)
    : manifoldOn({ kind: surface, dim: dimension + 1, curvature: 1 }, K);
}
