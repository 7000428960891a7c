// V8 counts arrays outside of its heap: at 64 MB of fresh ones it collects garbage, which a training step with matrices of
// all pairs would make it do every few steps, at a third of the time of a step.

/** Below it, an array costs less than looking for one. */
const SMALLEST = 1 << 14;
/** Of arrays that wait to be used again. */
const IDLE_BYTES = 2 ** 27;

/** Oldest first. */
const idle: Float32Array[] = [];
let idleBytes = 0;
/** Given out, and read by nobody but the tensor that is made of it. */
const lent = new WeakSet<Float32Array>();

/** An array of any content, to be written over from end to end. It comes back by `returnFloats`, or is garbage. */
export function lendFloats(length: number): Float32Array {
  if (length < SMALLEST) return new Float32Array(length);
  const at = idle.findLastIndex((values) => values.length === length);
  const values = at < 0 ? new Float32Array(length) : idle.splice(at, 1)[0];
  if (at >= 0) idleBytes -= values.byteLength;
  lent.add(values);
  return values;
}

/** From now on the array is its reader's, for good. */
export function keepFloats(values: object): void {
  lent.delete(values as Float32Array);
}

/** Takes back what was lent and not kept; all else stays untouched. */
export function returnFloats(values: object): void {
  if (!lent.delete(values as Float32Array)) return;
  idle.push(values as Float32Array);
  idleBytes += (values as Float32Array).byteLength;
  while (idleBytes > IDLE_BYTES) idleBytes -= idle.shift()!.byteLength;
}
