import type { Matrix } from '../../core/matrix.js';
import type { Group } from '../group.js';
import { turnRows } from './clouds.js';
import { planeTurn } from './cyclic.js';
import { orthogonalGroup3d } from './orthogonal.js';
import { permutationGroup } from './permutations.js';
import { directProduct, type Pair, semidirectProduct } from './products.js';
import { rotationGroup3d } from './rotations3d.js';
import { so2 } from './so2.js';
import { translationGroup } from './translations.js';

/** x -> R x + t on clouds; elements [t, R], features [a place that moves along, what the turns read]. */
export type MotionGroup<R, F> = Group<Pair<Float64Array, R>, Matrix, Pair<ArrayLike<number>, F>>;

/** SE(2): [shift, angle]. ψ reads a place [2] and a vector [2]. `random`: shifts are standard normal. */
export function se2Group(): MotionGroup<number, ArrayLike<number>> {
  return motions('SE(2)', 2, rotationGroup2d(), planeTurn);
}

/** SE(3): [shift, 3 x 3 matrix]. ψ reads a place [3] and two vectors or more [k, 3]. */
export function se3Group(): MotionGroup<Float64Array, Matrix> {
  return motions('SE(3)', 3, rotationGroup3d(), (R) => R);
}

/** E(3), with mirror images: as SE(3), three vectors or more. */
export function e3Group(): MotionGroup<Float64Array, Matrix> {
  return motions('E(3)', 3, orthogonalGroup3d(), (R) => R);
}

/** SE(3) x S_N on clouds of N points: however they lie and in whichever order their points come. */
export function motionAndOrderGroup(N: number) {
  return directProduct(se3Group(), permutationGroup(N));
}

/** SO(2) on clouds of the plane, see so2. */
export function rotationGroup2d(): Group<number, Matrix> {
  return so2((angle, x: Matrix) => turnRows(planeTurn(angle), x, 2, 'SO(2) cloud'));
}

function motions<R, F>(
  name: string,
  dim: number,
  turns: Group<R, Matrix, F>,
  matrixOf: (element: R) => ArrayLike<number>,
): MotionGroup<R, F> {
  const conjugate = (R: R, t: Float64Array): Float64Array =>
    turnRows(matrixOf(R), { data: t, rows: 1, columns: dim }, dim, `${name} shift`).data;
  return semidirectProduct(translationGroup(dim), turns, conjugate, name);
}
