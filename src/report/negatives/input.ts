import type { SweepPoint } from '../../evaluation/negatives/curvatureSweep.js';
import type { DifferentAnchor } from '../../evaluation/negatives/mostDifferent.js';
import type { NegativeStatistics } from '../../evaluation/negatives/records.js';

/** n images of one size, row-major, channels last. */
export interface ImageStack {
  /** [count * height * width * channels], 0..255 */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** The curvature sweep of one arm. */
export interface Sweep {
  readonly arm: string;
  /** Items of the sample that it was made on. */
  readonly items: number;
  readonly points: readonly SweepPoint[];
}

/** Everything that the page about hard negatives shows; the page measures nothing itself. */
export interface NegativesReportInput {
  readonly title: string;
  /** What the items are, for instance "10,000 turned digits". */
  readonly data: string;
  readonly blocks: NegativeStatistics;
  /** Absent where the whole set was not looked at. */
  readonly whole?: NegativeStatistics;
  readonly sweep?: Sweep;
  /** Anchors that two arms disagree about most, among all items or else in blocks. */
  readonly gallery: readonly DifferentAnchor[];
  /** The class of each item, by place among the names. */
  readonly classes: Int32Array;
  readonly classNames: readonly string[];
  readonly images?: ImageStack;
  /** What is needed to repeat the run: name and value. */
  readonly origin: readonly (readonly [string, string])[];
}
