import * as tf from '../engine/tf.js';
import { isTaped } from './closed/closedForm.js';
import type { Curvature } from './manifold.js';

// Functions of w = K t², analytic in w through 0: tan √w / √w and its kin, for w < 0 tanh √-w / √-w and its kin. In
// them nothing divides by a norm, and the sign of a learned curvature need not be known. Gradients are in closed form
// and differentiable again; values are float32 to some units in the last place for |w| < 1e36.
// Source: Bachmann, Bécigneul, Ganea 2020, arXiv:1911.05076, section 2.

type Unary = (w: tf.Tensor) => tf.Tensor;
/** The sign of K where it is known on the host: then one of the two branches is enough. */
export type Sign = -1 | 0 | 1 | undefined;

export const signOf = (K: Curvature): Sign => (typeof K === 'number' ? (Math.sign(K) as Sign) : undefined);

/** tan √w / √w. */
export function tanRatio(w: tf.Tensor, sign?: Sign): tf.Tensor {
  return quotient(w, sign, {
    value: bySign(
      sign,
      (s) => tf.div(tf.tanh(s), s),
      (s) => tf.div(tf.tan(s), s),
    ),
    rise: (z, f) => tf.sub(tf.add(tf.mul(tf.square(f), z), 1), f),
    again: (z) => tanRatio(z, sign),
    series: [1 / 3, 4 / 15, 17 / 105, 248 / 2835],
  });
}

/**
 * atan √w / √w; NaN below w = -1. @param defect 1 + w; where w = -1 is near, give it with the digits that w has lost
 */
export function atanRatio(w: tf.Tensor, defect: tf.Tensor, sign?: Sign): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [v, d, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const value = bySign(
      sign,
      // artanh s = arsinh(s / √(1 - s²))
      (s) => tf.div(tf.asinh(tf.div(s, tf.sqrt(d))), s),
      (s) => tf.div(tf.atan(s), s),
    )(v);
    save([v, d, value]);
    const gradFunc = (dy: tf.Tensor, [sv, sd, f]: tf.Tensor[]) => {
      const rise = (z: tf.Tensor, near?: tf.Tensor) => {
        const dz = near ? replaced(sd, near, 1 + SERIES) : sd;
        return tf.sub(tf.reciprocal(dz), isTaped() ? atanRatio(z, dz, sign) : f);
      };
      const toW = tf.mul(dy, slope(sv, sign, rise, [-1 / 3, 2 / 5, -3 / 7, 4 / 9]));
      return [toW, tf.zerosLike(sd)];
    };
    return { value, gradFunc };
  });
  return op(w, defect);
}

/** sin √w / √w. */
export function sinRatio(w: tf.Tensor, sign?: Sign): tf.Tensor {
  return quotient(w, sign, {
    value: bySign(
      sign,
      (s) => tf.div(tf.sinh(s), s),
      (s) => tf.div(tf.sin(s), s),
    ),
    rise: (z, f) => tf.sub(cosine(z, sign), f),
    again: (z) => sinRatio(z, sign),
    series: [-1 / 6, 1 / 60, -1 / 1680, 1 / 90720],
  });
}

/** cos √w. */
export function cosine(w: tf.Tensor, sign?: Sign): tf.Tensor {
  return analytic(w, bySign(sign, tf.cosh, tf.cos), (v) => tf.mul(sinRatio(v, sign), -0.5));
}

/** 1 + w tanRatio², 1 / cos² √w: the defect of the point that tanRatio carries a tangent vector to. */
export function secantSquared(w: tf.Tensor, sign?: Sign): tf.Tensor {
  const value = bySign(
    sign,
    // 1 / cosh² without its overflow.
    (s) => {
      const e = tf.exp(tf.mul(s, -2));
      return tf.div(tf.mul(e, 4), tf.square(tf.add(e, 1)));
    },
    (s) => tf.add(tf.square(tf.tan(s)), 1),
  );
  return analytic(w, value, (v) => tf.mul(tanRatio(v, sign), secantSquared(v, sign)));
}

/** asin √w / √w; NaN above w = 1, and there at the end its infinite slope is cut at what float32 resolves. */
export function asinRatio(w: tf.Tensor, sign?: Sign): tf.Tensor {
  return quotient(w, sign, {
    value: (v) =>
      bySign(
        sign,
        (s) => tf.div(tf.asinh(s), s),
        (s) => tf.div(tf.atan(tf.div(s, tf.sqrt(tf.sub(1, v)))), s),
      )(v),
    rise: (z, f) => tf.sub(tf.rsqrt(tf.maximum(tf.sub(1, z), RESOLUTION)), f),
    again: (z) => asinRatio(z, sign),
    series: [1 / 6, 3 / 20, 15 / 112, 35 / 288],
  });
}

/** asin √w / √(w (1 - w)), the factor of a logarithm whose chord has sin² = w; infinite at w = 1, NaN above. */
export function chordRatio(w: tf.Tensor, sign?: Sign): tf.Tensor {
  return quotient(w, sign, {
    value: (v) => {
      const cos = tf.sqrt(tf.sub(1, v));
      return bySign(
        sign,
        (s) => tf.div(tf.div(tf.asinh(s), s), cos),
        (s) => tf.div(tf.div(tf.atan(tf.div(s, cos)), s), cos),
      )(v);
    },
    rise: (z, f) => {
      const rest = tf.sub(1, z);
      return tf.div(tf.sub(1, tf.mul(f, tf.sub(rest, z))), rest);
    },
    again: (z) => chordRatio(z, sign),
    series: [2 / 3, 16 / 15, 48 / 35, 512 / 315],
  });
}

/** sin_K t, any shape: for K < 0 it overflows at √-K t = 88. */
export function sinK(t: tf.Tensor, K: Curvature): tf.Tensor {
  return tf.tidy(() => tf.mul(t, sinRatio(tf.mul(tf.square(t), K), signOf(K))));
}

/** cos_K t, the derivative of sin_K. */
export function cosK(t: tf.Tensor, K: Curvature): tf.Tensor {
  return tf.tidy(() => cosine(tf.mul(tf.square(t), K), signOf(K)));
}

/** tan_K t = sin_K t / cos_K t: for K < 0 it saturates at 1/√-K, for K > 0 it has a pole at t = π / (2√K). */
export function tanK(t: tf.Tensor, K: Curvature): tf.Tensor {
  return tf.tidy(() => tf.mul(t, tanRatio(tf.mul(tf.square(t), K), signOf(K))));
}

/** Inverse of tan_K. NaN for K < 0 and |t| > 1/√-K, where tan_K has no values. */
export function atanK(t: tf.Tensor, K: Curvature): tf.Tensor {
  return tf.tidy(() => {
    const w = tf.mul(tf.square(t), K);
    return tf.mul(t, atanRatio(w, tf.add(w, 1), signOf(K)));
  });
}

/** Inverse of sin_K. NaN for K > 0 and |t| > 1/√K, where sin_K has no values. */
export function asinK(t: tf.Tensor, K: Curvature): tf.Tensor {
  return tf.tidy(() => tf.mul(t, asinRatio(tf.mul(tf.square(t), K), signOf(K))));
}

/** Below this |w| all functions here but the cosines are 1 to float32, and cos √w is 1 as well. */
const FLOOR = 1e-12;
/** Up to this |w| derivatives are summed from their series; the quotient has lost 2^-24 / |w| of its digits. */
const SERIES = 0.03;
/** Half a unit in the last place of 1. */
const RESOLUTION = 2 ** -24;

/** A function of |w|'s root on either side of 0, from its two halves; called where nothing is taped. */
function bySign(sign: Sign, hyperbolic: Unary, circular: Unary): Unary {
  return (w) => {
    const root = tf.sqrt(tf.maximum(tf.abs(w), FLOOR));
    if (sign === 1) return circular(root);
    if (sign !== undefined) return hyperbolic(root);
    return tf.where(tf.greaterEqual(w, 0), circular(root), hyperbolic(root));
  };
}

/** Only the input is saved: in second derivatives tfjs has no path from saved results back to it. */
function analytic(w: tf.Tensor, value: Unary, derivative: Unary): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [v, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    save([v]);
    return {
      value: value(v),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, derivative(saved[0])),
    };
  });
  return op(w);
}

type Terms = readonly [number, number, number, number];

interface Quotient {
  readonly value: Unary;
  /** 2w times the derivative, at z, from the value f there. */
  readonly rise: (z: tf.Tensor, f: tf.Tensor) => tf.Tensor;
  /** The function itself, for second derivatives, which have no path on the tape from a saved value. */
  readonly again: Unary;
  readonly series: Terms;
}

function quotient(w: tf.Tensor, sign: Sign, { value, rise, again, series }: Quotient): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [v, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const ratio = value(v);
    save([v, ratio]);
    const gradFunc = (dy: tf.Tensor, [sv, f]: tf.Tensor[]) =>
      tf.mul(
        dy,
        slope(sv, sign, (z) => rise(z, isTaped() ? again(z) : f), series),
      );
    return { value: ratio, gradFunc };
  });
  return op(w);
}

/**
 * rise(w) / (2w), from four terms of its series where w is near 0; where that is to be differentiated, `rise` is asked
 * about another place there. With K of known sign w = K t² with a K that has no gradient, so that what the quotient has
 * lost near 0, 2^-24 / |w|, is multiplied by w again, and no series is needed but for second derivatives.
 */
function slope(
  w: tf.Tensor,
  sign: Sign,
  rise: (far: tf.Tensor, near?: tf.Tensor) => tf.Tensor,
  [a, b, c, d]: Terms,
): tf.Tensor {
  const taped = isTaped();
  if (sign !== undefined && !taped) {
    const away = sign === 1 ? tf.maximum(w, FLOOR) : tf.minimum(w, -FLOOR);
    return tf.div(tf.mul(rise(w), 0.5), away);
  }
  const near = tf.sub(1, tf.step(tf.sub(tf.abs(w), SERIES)));
  const far = replaced(w, near, SERIES);
  const z = tf.mul(w, near);
  const sum = tf.add(tf.mul(tf.add(tf.mul(tf.add(tf.mul(z, d), c), z), b), z), a);
  const quotients = tf.div(taped ? rise(far, near) : rise(w), tf.mul(far, 2));
  return tf.add(tf.mul(near, sum), tf.mul(tf.sub(1, near), quotients));
}

/** w, and `instead` where the mask is 1. */
function replaced(w: tf.Tensor, mask: tf.Tensor, instead: number): tf.Tensor {
  return tf.add(tf.mul(w, tf.sub(1, mask)), tf.mul(mask, instead));
}
