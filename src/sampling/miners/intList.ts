/** Whole numbers while they are gathered, four bytes each. */
export class IntList {
  private values = new Int32Array(64);
  private length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const longer = new Int32Array(2 * this.length);
      longer.set(this.values);
      this.values = longer;
    }
    this.values[this.length++] = value;
  }

  /** What was gathered, as a copy of just its size. */
  finish(): Int32Array {
    return this.values.slice(0, this.length);
  }
}
