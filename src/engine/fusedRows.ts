import type { NativeRows, RowCall, RowLaw, RowParameter, RowTerms } from '../native/index.js';

export type FusedRowCall = RowCall;
export type FusedRowLaw = RowLaw;
export type FusedRowParameter<L extends RowLaw> = RowParameter<L>;
export type FusedRowTerms<L extends RowLaw> = RowTerms<L>;

/** Sums over the pairs of each anchor, and masks of labels, outside of the tensor engine, on the host's memory. */
export type FusedRows = NativeRows;

let registered: FusedRows | undefined;

/** The fused kernels, or undefined where rows are sums of tensors: without the addon, in a browser, on a GPU. */
export function fusedRows(): FusedRows | undefined {
  return registered;
}

/** Called by openEngine: only where a tensor's values can be read synchronously and at no great cost. */
export function registerFusedRows(rows: FusedRows | undefined): void {
  registered = rows;
}
