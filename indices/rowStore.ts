import type { Matrix32 } from '../src/core/matrix.js';

/** Rows and ids in the order they came, in memory that grows by half so that many small additions stay cheap. */
export class RowStore {
  private values: Float32Array;
  private idValues: BigInt64Array;
  private count: number;

  constructor(
    rows: Matrix32,
    ids: BigInt64Array,
    private readonly columns = rows.columns,
  ) {
    this.values = rows.data;
    this.idValues = ids;
    this.count = rows.rows;
  }

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
