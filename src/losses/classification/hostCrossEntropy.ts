import type { ClassCall, FusedKernels } from '../../engine/fused.js';
import type { HostTerms } from './hostLogits.js';

/** z_y and dz_y/dl_y of item i, whose own logit is l_y. */
export type HostMargin = (i: number, own: number) => { readonly value: number; readonly slope: number };

export interface HostCrossEntropy extends HostTerms {
  /** [n]: derivatives of the values by z_y; absent without a margin. */
  readonly toOwn?: Float32Array;
}

/** `marginCrossEntropy` on the host, which writes into the logits: [n, k * centers], of which the nearest center counts. */
export function hostCrossEntropy(
  { terms }: FusedKernels['classes'],
  call: ClassCall,
  margin?: HostMargin,
  centers = 1,
): HostCrossEntropy {
  const { logits, labels, classes } = call;
  const pull = (rows: Float32Array) => ({ entries: logits, rows });
  if (!margin) return { values: terms.crossEntropy({ ...call, centers }), pull };
  const n = labels.length;
  const cells = new Int32Array(n);
  const [own, toOwn] = [new Float32Array(n), new Float32Array(n)];
  const slopes = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    // An item of no class gets NaN by the kernel, whatever is read here.
    const first = (i * classes + Math.min(Math.max(labels[i], 0), classes - 1)) * centers;
    cells[i] = nearest(logits, first, first + centers);
    const { value, slope } = margin(i, logits[cells[i]]);
    own[i] = value;
    slopes[i] = slope;
  }
  const values = terms.crossEntropy({ ...call, centers, own });
  for (let i = 0; i < n; i++) {
    toOwn[i] = logits[cells[i]];
    logits[cells[i]] *= slopes[i];
  }
  return { values, pull, toOwn };
}

/** Where the first of the largest is. */
function nearest(logits: Float32Array, first: number, end: number): number {
  let best = first;
  for (let at = first + 1; at < end; at++) if (logits[at] > logits[best]) best = at;
  return best;
}
