import { expectation, ShapeError } from '../core/errors.js';
import * as tf from '../engine/tf.js';

/** Below it sinh a is a to float32, so that sinh(a)/a is 1 and the vector has no direction. */
const SMALLEST_NORM = 1e-12;

/**
 * Hyperbolic distances, curvature -1, of the points that the exponential map of the origin makes of tangent vectors, from
 * the vectors themselves: d = 2 arsinh √A, A = sinh²((a - b)/2) + sinh a sinh b |u/a - v/b|²/4 with a = |u|, b = |v|.
 * No point near the edge of a ball is made, so float32 serves up to a + b = 40 (A² overflows at 44), where the ball ends
 * near a = 14. Directions are subtracted column by column, in an array n x m x dim: their product would lose what is
 * left of them far out. Gradient in closed form, once differentiable; 0 where points coincide.
 * @param u [n, dim] @param v [m, dim]
 * @returns [n, m], float32, in the unit that makes the curvature -1; NaN for rows that are not finite
 * @throws ShapeError for different dims
 * @source Cannon, Floyd, Kenyon, Parry 1997, "Hyperbolic geometry", law of cosines in half-angle form
 */
export function tangentDistances(u: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor2D {
  if (u.shape[1] !== v.shape[1]) {
    const remedy = 'pass vectors of one tangent space';
    throw new ShapeError(expectation('tangentDistances v', `${u.shape[1]} columns`, v.shape[1], remedy));
  }
  return tf.tidy(() => distances(u, v) as tf.Tensor2D);
}

/** A side's vectors with their lengths; `axis` is where the other side's rows run. */
function polar(x: tf.Tensor2D, axis: 0 | 1) {
  const square = tf.maximum(tf.sum(tf.square(x), 1, true), SMALLEST_NORM ** 2);
  const norm = tf.sqrt(square);
  const place = (t: tf.Tensor) => (axis === 1 ? t : tf.reshape(t, [1, -1]));
  return { unit: tf.div(x, norm), norm, sinh: place(tf.sinh(norm)), cosh: () => place(tf.cosh(norm)), place };
}

const distances = tf.customGrad((...args) => {
  const [u, v, save] = args as unknown as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
  const [x, y] = [polar(u, 1), polar(v, 0)];
  const difference = tf.sub(tf.expandDims(x.unit, 1), tf.expandDims(y.unit, 0));
  const chord = tf.mul(tf.sum(tf.square(difference), 2), 0.25);
  const half = tf.sinh(tf.mul(tf.sub(x.norm, y.place(y.norm)), 0.5));
  const A = tf.add(tf.square(half), tf.mul(tf.mul(x.sinh, y.sinh), chord));
  save([u, v, difference, chord, half, A]);
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [su, sv, sDifference, sChord, sHalf, sA] = saved as [tf.Tensor2D, tf.Tensor2D, ...tf.Tensor[]];
    const [sx, sy] = [polar(su, 1), polar(sv, 0)];
    // dd/dA = 1/√(A (1 + A)), 0 where points coincide.
    const toA = tf.divNoNan(dy, tf.sqrt(tf.mul(sA, tf.add(sA, 1))));
    const across = tf.mul(tf.mul(tf.mul(toA, 0.5), sx.sinh), sy.sinh);
    // d sinh²(h)/da = sinh h cosh h, h = (a - b)/2.
    const along = tf.mul(toA, tf.mul(sHalf, tf.sqrt(tf.add(tf.square(sHalf), 1))));
    const pulls = tf.mul(tf.expandDims(across, 2), sDifference);
    const inward = tf.mul(tf.mul(across, sChord), 2);
    const arc = tf.mul(toA, sChord);
    const outwardX = tf.add(along, tf.mul(tf.mul(arc, sx.cosh()), sy.sinh));
    const outwardY = tf.sub(tf.mul(tf.mul(arc, sx.sinh), sy.cosh()), along);
    return [
      gather(sx, tf.sum(pulls, 1), tf.sum(inward, 1), tf.sum(outwardX, 1)),
      gather(sy, tf.mul(tf.sum(pulls, 0), -1), tf.sum(inward, 0), tf.sum(outwardY, 0)),
    ];
  };
  return { value: tf.mul(tf.asinh(tf.sqrt(A)), 2), gradFunc };
});

/** Pulls along chords of directions, less their radial part, over the length, and what points outwards. */
function gather(
  { unit, norm }: ReturnType<typeof polar>,
  pulls: tf.Tensor,
  inward: tf.Tensor,
  outward: tf.Tensor,
): tf.Tensor {
  const column = (t: tf.Tensor) => tf.reshape(t, [-1, 1]);
  const tangential = tf.div(tf.sub(pulls, tf.mul(unit, column(inward))), norm);
  return tf.add(tangential, tf.mul(unit, column(outward)));
}
