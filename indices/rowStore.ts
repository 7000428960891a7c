import type { Matrix32 } from '../src/core/matrix.js';

/** Rows and ids in the order they came, in memory that grows by half so that many small additions stay cheap. */
export class RowStore {
  private values = new Float32Array(0);
  private idValues = new BigInt64Array(0);
  private count = 0;

  constructor(private readonly columns: number) {}

  get size(): number {
    return this.count;
  }

  /** A view, not a copy. */
  get rows(): Matrix32 {
    const { columns, count } = this;
    return { data: this.values.subarray(0, count * columns), rows: count, columns };
  }

  /** A view, not a copy. */
  get ids(): BigInt64Array {
    return this.idValues.subarray(0, this.count);
  }

  append(rows: Matrix32, ids: BigInt64Array): void {
    const needed = this.count + rows.rows;
    if (needed > this.idValues.length) {
      const capacity = Math.max(needed, Math.ceil(this.count * 1.5));
      const values = new Float32Array(capacity * this.columns);
      values.set(this.rows.data);
      const idValues = new BigInt64Array(capacity);
      idValues.set(this.ids);
      this.values = values;
      this.idValues = idValues;
    }
    this.values.set(rows.data, this.count * this.columns);
    this.idValues.set(ids, this.count);
    this.count = needed;
  }
}
