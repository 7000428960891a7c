import type { Relation } from '../../core/records.js';
import { requireRelation } from '../../core/relation.js';
import type { Rng, RngState } from '../../core/rng.js';

/** Indices of one training step: places are positions in `rows`. */
export interface ClosureBatch {
  /** Rows of the table that take part, ascending, each once. */
  readonly rows: Int32Array;
  /** [anchors] places */
  readonly anchors: Int32Array;
  /** [negatives] places; one item may stand there twice. */
  readonly negatives: Int32Array;
  /** [pairs] places of the positives, and the anchor of each, 0..anchors-1. */
  readonly positives: Int32Array;
  readonly anchorOfPair: Int32Array;
  /** [anchors * negatives]: 1 where a negative is the anchor or one of its positives. */
  readonly excluded: Float32Array;
}

export interface ClosureBatchesState {
  readonly rng: RngState;
  /** The generator as it was when the current epoch was shuffled, and the batches taken of it. */
  readonly epochStart: RngState;
  readonly taken: number;
}

/** Batches of anchors with all their pairs, and negatives drawn from all items alike. An epoch has every pair once. */
export class ClosureBatches {
  readonly batchesPerEpoch: number;
  private readonly items: Int32Array;
  private order: Int32Array;
  private epochStart: RngState;
  private taken = 0;
  /** Position of an item among the batch's rows; of others out of date. */
  private readonly placeOf: Int32Array;

  /** @throws UsageError for a relation without pairs, or out of order */
  constructor(
    private readonly relation: Relation,
    private readonly sizes: { readonly anchors: number; readonly negatives: number },
    private readonly rng: Rng,
  ) {
    requireRelation(relation, 'closure');
    const { offsets } = relation;
    const n = offsets.length - 1;
    this.placeOf = new Int32Array(n);
    this.items = Int32Array.from({ length: n }, (_, i) => i).filter((i) => offsets[i + 1] > offsets[i]);
    this.batchesPerEpoch = Math.ceil(this.items.length / sizes.anchors);
    this.epochStart = rng.save();
    this.order = rng.shuffle(this.items.slice());
  }

  next(): ClosureBatch {
    if (this.taken === this.batchesPerEpoch) this.startEpoch();
    const from = this.taken++ * this.sizes.anchors;
    const anchors = this.order.subarray(from, from + this.sizes.anchors);
    const { offsets, targets } = this.relation;
    const n = this.placeOf.length;
    const negatives = Int32Array.from({ length: this.sizes.negatives }, () => this.rng.below(n));
    let pairs = 0;
    for (const u of anchors) pairs += offsets[u + 1] - offsets[u];
    const positives = new Int32Array(pairs);
    const anchorOfPair = new Int32Array(pairs);
    pairs = 0;
    anchors.forEach((u, a) => {
      positives.set(targets.subarray(offsets[u], offsets[u + 1]), pairs);
      const end = pairs + offsets[u + 1] - offsets[u];
      anchorOfPair.fill(a, pairs, end);
      pairs = end;
    });
    const excluded = this.exclusions(anchors, negatives, positives, anchorOfPair);
    const rows = distinct([anchors, negatives, positives], n);
    rows.forEach((row, place) => {
      this.placeOf[row] = place;
    });
    const places = (items: Int32Array) => items.map((item) => this.placeOf[item]);
    const placed = { anchors: places(anchors), negatives: places(negatives), positives: places(positives) };
    return { rows, ...placed, anchorOfPair, excluded };
  }

  save(): ClosureBatchesState {
    return { rng: this.rng.save(), epochStart: this.epochStart, taken: this.taken };
  }

  restore({ rng, epochStart, taken }: ClosureBatchesState): void {
    this.rng.restore(epochStart);
    this.startEpoch();
    this.rng.restore(rng);
    this.taken = taken;
  }

  private startEpoch(): void {
    this.epochStart = this.rng.save();
    this.order = this.rng.shuffle(this.items.slice());
    this.taken = 0;
  }

  private exclusions(
    anchors: Int32Array,
    negatives: Int32Array,
    positives: Int32Array,
    anchorOfPair: Int32Array,
  ): Float32Array {
    const columnsOf = new Map<number, number[]>();
    negatives.forEach((item, column) => {
      const columns = columnsOf.get(item);
      if (columns) columns.push(column);
      else columnsOf.set(item, [column]);
    });
    const excluded = new Float32Array(anchors.length * negatives.length);
    const exclude = (anchor: number, item: number) => {
      for (const column of columnsOf.get(item) ?? []) excluded[anchor * negatives.length + column] = 1;
    };
    anchors.forEach((u, a) => {
      exclude(a, u);
    });
    positives.forEach((v, p) => {
      exclude(anchorOfPair[p], v);
    });
    return excluded;
  }
}

function distinct(lists: readonly Int32Array[], n: number): Int32Array {
  const seen = new Uint8Array(n);
  const rows: number[] = [];
  for (const list of lists) {
    for (const item of list) {
      if (seen[item] === 1) continue;
      seen[item] = 1;
      rows.push(item);
    }
  }
  return Int32Array.from(rows).sort();
}
