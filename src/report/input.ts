import type { EmbeddedHead, HardnessComparison, Metrics, StepEvent } from '../core/records.js';

/** Bytes of an image, row-major, 0..255, channels last: grey, or red, green and blue. */
export interface Picture {
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** Default 1. */
  readonly channels?: 1 | 3;
}

/** An image as a figure shows it. */
export interface ImageTile extends Picture {
  readonly label: number;
  /** Distance to the query in the row's own space. */
  readonly distance?: number;
  /** Whether it counts as a right answer; without it, whether its label is the query's. */
  readonly correct?: boolean;
}

export type RetrievalArm = 'euclidean' | 'hyperbolic' | 'ensemble' | 'pixels';

/** One query with what each arm found, nearest first. */
export interface RetrievalStrip {
  readonly query: ImageTile;
  /** The query turned back by the orientation that the model predicts. */
  readonly upright: ImageTile;
  readonly rows: readonly { readonly head: RetrievalArm; readonly tiles: readonly ImageTile[] }[];
}

/** n points reduced to two dimensions: coordinates [n, 2], row-major, and the share of spread kept, 0..1. */
export interface Plane {
  readonly coordinates: Float64Array;
  readonly explained: number;
  /** Of a disk: how it was drawn, for instance "horoPCA". */
  readonly method?: string;
  /** Of a disk: Kruskal's stress-1 of distances on paper, >= 0. */
  readonly stress?: number;
}

/** Pairs of items: distance before (between inputs) and after (between codes); all arrays of one length. */
export interface ShepardSample {
  /** Distance between the two inputs over all turns of one of them. */
  readonly input: Float64Array;
  readonly euclidean: Float64Array;
  readonly hyperbolic: Float64Array;
  /** 1 where both items are of one class. */
  readonly sameClass: Uint8Array;
}

/** One number for the trained model and one for the network without invariance. */
export interface ModelPair {
  readonly model: number;
  readonly baseline: number;
}

/** Everything the report of a quickstart training shows; the report measures nothing itself. */
export interface ReportInput {
  readonly title: string;
  readonly machine: string;
  readonly engine: string;
  /** ISO 8601; passed in so that the same input gives the same bytes. */
  readonly createdAt: string;
  readonly version: string;
  readonly metrics: Metrics;
  /** Steps of the main model's training. */
  readonly history: readonly StepEvent[];
  /** unit: both heads get the code at length 1; free: each head has its own lengths. */
  readonly feeding: 'unit' | 'free';
  /** Softmax temperatures that p(x-) was taken at, in each space's own unit of distance. */
  readonly temperatures: { readonly euclidean: number; readonly hyperbolic: number };
  /** Codes of a sample of test items (up to about 2,000), with `labels` and `plane` in the same order. */
  readonly heads: { readonly euclidean: EmbeddedHead; readonly hyperbolic: EmbeddedHead };
  readonly labels: Int32Array;
  /** Text for each label 0, 1, ...; the number itself where there is none. */
  readonly classNames?: readonly string[];
  /** `hyperbolic` lies in the open unit disk. */
  readonly plane: { readonly euclidean: Plane; readonly hyperbolic: Plane };
  readonly negatives: HardnessComparison;
  readonly shepard: ShepardSample;
  readonly strips: readonly RetrievalStrip[];
  readonly numbers: {
    /** Trainable parameters. */
    readonly parameters: ModelPair;
    readonly trainSeconds: ModelPair;
    /** Queries behind each retrieval score; the standard errors follow from it. */
    readonly queries: number;
  };
}
