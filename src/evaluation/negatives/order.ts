/** Room for a position beside 32 bits of a value in the 53 bits of a whole double. */
const POSITIONS = 2 ** 21;

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/**
 * Positions of the values, ascending by value, ties by smaller position. Sorts whole numbers made of the value's float32
 * bits and its position, which is many times as fast as a sort that asks a function, and then puts right what float32
 * cannot tell apart.
 * @param values no NaN, at most 2^21
 */
export function ascendingOrder(values: Float64Array): Int32Array {
  const keys = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    single[0] = values[i];
    // Bits of negative floats fall as the value rises.
    const rising = bits[0] & 0x80000000 ? ~bits[0] >>> 0 : (bits[0] | 0x80000000) >>> 0;
    keys[i] = rising * POSITIONS + i;
  }
  keys.sort();
  const order = new Int32Array(values.length);
  for (let k = 0; k < keys.length; k++) {
    const i = keys[k] % POSITIONS;
    let at = k;
    for (; at > 0 && isAfter(values, order[at - 1], i); at--) order[at] = order[at - 1];
    order[at] = i;
  }
  return order;
}

/** The first `count` of ascendingOrder, without ordering the rest. */
export function smallest(values: Float64Array, count: number): Int32Array {
  const order = new Int32Array(Math.min(count, values.length));
  let kept = 0;
  let worst = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    // Positions come in ascending order, so a tie with the last one kept loses to it.
    if (kept === order.length && !(values[i] < worst)) continue;
    let at = kept < order.length ? kept++ : kept - 1;
    for (; at > 0 && isAfter(values, order[at - 1], i); at--) order[at] = order[at - 1];
    order[at] = i;
    worst = values[order[kept - 1]];
  }
  return order;
}

function isAfter(values: Float64Array, a: number, b: number): boolean {
  return values[a] > values[b] || (values[a] === values[b] && a > b);
}

/** Ranks 1.. of the values in the given ascending order; equal values share the mean of theirs. */
export function ranksInOrder(values: Float64Array, order: Int32Array): Float64Array {
  const ranks = new Float64Array(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let k = start; k < end; k++) ranks[order[k]] = (start + 1 + end) / 2;
  }
  return ranks;
}

/**
 * The widest gap in `a` between two values that `b` puts the other way round; 0 if b orders all that a tells apart as a
 * does.
 * @param order ascending in a
 */
export function widestInversion(a: Float64Array, order: Int32Array, b: Float64Array): number {
  const largest = new Float64Array(order.length);
  let widest = 0;
  for (let k = 0; k < order.length; k++) {
    const value = b[order[k]];
    largest[k] = k === 0 ? value : Math.max(largest[k - 1], value);
    if (largest[k] === value) continue;
    let [low, high] = [0, k];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (largest[middle] > value) high = middle;
      else low = middle + 1;
    }
    widest = Math.max(widest, a[order[k]] - a[order[low]]);
  }
  return widest;
}
