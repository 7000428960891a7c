/** One case: ours and a peer's, from rounds in which both ran in turn. */
export interface BenchRow {
  readonly case: string;
  /** Median; seconds unless `unit` says otherwise. */
  readonly ours: number;
  readonly peer: number;
  /** For instance "geoopt 0.5.1, torch 2.15.0". */
  readonly peerVersion: string;
  /** How many times longer the peer takes: median over rounds, and the quartiles. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** What `ours` and `peer` are, where it is not seconds. */
  readonly unit?: string;
}

export interface BenchContext {
  /** Smaller sizes and fewer rounds. */
  readonly quick: boolean;
  /** What follows the bench's name: parts of it to run alone. Empty: all. */
  readonly parts: readonly string[];
  /** A Python whose packages are those of experiments/bench/peers.txt. */
  python(): string;
  log(line: string): void;
}

/** What bench/<name>/run.ts exports. */
export interface Bench {
  run(context: BenchContext): Promise<BenchRow[]>;
}

/** Until the threads of whoever ran last have stopped spinning. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

/** Seconds of each side, round by round, as a row. */
export function benchRow(
  name: string,
  peerVersion: string,
  ours: readonly number[],
  peer: readonly number[],
): BenchRow {
  const ratios = ours.map((seconds, i) => peer[i] / seconds);
  return {
    case: name,
    ours: quantile(ours, 0.5),
    peer: quantile(peer, 0.5),
    peerVersion,
    ratio: quantile(ratios, 0.5),
    low: quantile(ratios, 0.25),
    high: quantile(ratios, 0.75),
  };
}

/** @param share 0..1; .5 is the median. Values between two ranks are interpolated. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  return below + (at % 1) * (sorted[Math.ceil(at)] - below);
}
