import type { NativeGraph } from '../../src/native/index.js';

/** The beam that decides whether a point counts as unreachable. */
export const UNREACHABLE_EF = 50;

/**
 * The beam that finds stragglers, narrow so that quick searches do not miss points either: a wider beam visits all
 * that a narrower one visits.
 */
const STRAGGLER_EF = 10;

/** Later passes found nothing more to link on trees and clusters of 4,000 to 10,000 points. */
const REPAIR_ROUNDS = 4;

/** Every search pays for every straggler. */
const MAX_SHARE = 0.01;

/** All nodes are looked at again once there are this many times as many. */
const RECHECK_GROWTH = 1.1;

export interface Reachability {
  /** Nodes that every search compares with, because the walk does not lead to them. */
  readonly stragglers: Int32Array;
  /** Rows still missed; undefined if only new nodes were looked at. */
  readonly unreachable: number | undefined;
  /** Number of nodes when all were looked at last. */
  readonly checkedNodes: number;
}

/**
 * In tree-like spaces the walk can end in a wrong branch at any ef, so hnswlib's graph loses some of its points. Those
 * that a search for themselves misses get a link from where it ends, if there is room. What is lost even so becomes a
 * straggler, which every search looks at; beyond 1 % of the nodes it is counted as unreachable instead.
 * @param before undefined after building: all nodes are looked at; else those added since, or all after 10 % growth
 */
export async function makeReachable(
  graph: NativeGraph,
  before: Reachability | undefined,
  options: { readonly threads?: number | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Reachability> {
  const { nodes } = graph;
  const all = before === undefined || nodes >= before.checkedNodes * RECHECK_GROWTH;
  const known = all ? new Int32Array(0) : before.stragglers;
  const first = all ? 0 : before.checkedNodes;
  const missed = await graph.repair(first, { ...options, ef: STRAGGLER_EF, rounds: REPAIR_ROUNDS });
  const candidates = Int32Array.from(new Set([...known, ...missed]));
  const stragglers = candidates.slice(0, Math.floor(nodes * MAX_SHARE));
  graph.setStragglers(stragglers);
  if (!all) return { stragglers, unreachable: undefined, checkedNodes: before.checkedNodes };
  if (stragglers.length === candidates.length) return { stragglers, unreachable: 0, checkedNodes: nodes };
  const lost = new Set(await graph.missed(0, { ...options, ef: UNREACHABLE_EF, stragglers: true }));
  const unreachable = graph.dump().nodeOfRow.reduce((sum, node) => sum + (lost.has(node) ? 1 : 0), 0);
  return { stragglers, unreachable, checkedNodes: nodes };
}
