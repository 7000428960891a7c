// The trigonometric functions of a space of curvature K, smooth in K: those of √K t divided by √K for K > 0, the
// hyperbolic ones of √-K t for K < 0, and t itself (1 for the cosine) at K = 0. cos² + K sin² = 1.
// Source: Bachmann, Bécigneul, Ganea 2020, "Constant curvature graph convolutional networks", arXiv:1911.05076.

/** sin_K t: a circle of geodesic radius t has circumference 2π sin_K t. */
export function sinK(t: number, K: number): number {
  const root = Math.sqrt(Math.abs(K));
  if (K > 0) return Math.sin(root * t) / root;
  return K < 0 ? Math.sinh(root * t) / root : t;
}

/** cos_K t, the derivative of sin_K. */
export function cosK(t: number, K: number): number {
  const root = Math.sqrt(Math.abs(K));
  return K > 0 ? Math.cos(root * t) : Math.cosh(K < 0 ? root * t : 0);
}

/** tan_K t = sin_K t / cos_K t; for K > 0 it has a pole at t = π / (2√K). */
export function tanK(t: number, K: number): number {
  const root = Math.sqrt(Math.abs(K));
  if (K > 0) return Math.tan(root * t) / root;
  return K < 0 ? Math.tanh(root * t) / root : t;
}

/** Inverse of tan_K. NaN for K < 0 and |t| > 1/√-K, where tan_K has no values. */
export function atanK(t: number, K: number): number {
  const root = Math.sqrt(Math.abs(K));
  if (K > 0) return Math.atan(root * t) / root;
  return K < 0 ? Math.atanh(root * t) / root : t;
}

/** Inverse of sin_K. NaN for K > 0 and |t| > 1/√K, where sin_K has no values. */
export function asinK(t: number, K: number): number {
  const root = Math.sqrt(Math.abs(K));
  if (K > 0) return Math.asin(root * t) / root;
  return K < 0 ? Math.asinh(root * t) / root : t;
}
