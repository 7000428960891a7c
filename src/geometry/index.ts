// Entry `gyrometric/geometry`: the float64 mathematics alone, without a tensor engine.
export {
  DomainError,
  FormatError,
  GyrometricError,
  MissingError,
  ShapeError,
  UsageError,
} from '../core/errors.js';
export { type Matrix, type Matrix64, matrix } from '../core/matrix.js';
export { Rng } from '../core/rng.js';
export { columnsOf, type ProductSpace, parseSpace, type Space } from '../core/space.js';
export * as conversions from './conversions.js';
export { distance, distanceMatrix } from './distance.js';
export { frechetMean } from './frechetMean.js';
export * as gyrovector from './gyrovector.js';
export { fourPointHyperbolicity, gromovHyperbolicity, sampledFourPoint } from './hyperbolicity.js';
export { frechetVariance, karcherMean } from './karcherMean.js';
export * as lorentz from './lorentz.js';
export { dist0, geodesic, geodesicUnit, type Manifold, manifoldOf } from './manifold.js';
export { nearest } from './nearest.js';
export * as poincare from './poincare.js';
export { requirePoints } from './points.js';
export { riemannianAdamStep, riemannianSgdStep } from './riemannianDescent.js';
export { normalFromOrigin, uniform, uniformInBall, wrappedNormal } from './sampling.js';
export * as sphere from './sphere.js';
export * as stereographic from './stereographic.js';
export * as stereographicGyrovector from './stereographicGyrovector.js';
export { wrappedNormalLogDensity } from './wrappedNormalDensity.js';
