import { requireInteger } from '../../core/checks.js';
import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import { type Matrix32, matrix } from '../../core/matrix.js';

/** k neighbours of each of n points, [n * k]: -1 for none, as `leaveOneOutNeighbors` gives them. */
export interface NeighborLists {
  readonly rows: Int32Array;
  readonly distances: Float32Array;
}

export interface GraphDistanceOptions {
  /** Points to measure from: landmarks, or a training part. Default: all. */
  readonly sources?: Int32Array;
  /** What to do with a graph of several components. Default 'refuse'; 'infinite' leaves Infinity between them. */
  readonly components?: 'refuse' | 'infinite';
}

/**
 * Geodesic distances of data: lengths of shortest paths through the graph in which two points are linked when one is among
 * the k neighbours of the other, one shortest-path search a source.
 * @param neighbors of n points
 * @returns [sources, n], float32 of sums in float64; 4 sources n bytes, and no other array of that size
 * @throws ShapeError unless rows and distances are [n * k]; UsageError for a source that is not there; DomainError naming
 *   a point with a distance that is not a finite number >= 0 or a neighbour that is not there, or one that no path reaches
 * @source Tenenbaum, de Silva, Langford 2000, doi:10.1126/science.290.5500.2319; Dijkstra 1959
 */
export function graphDistances(
  neighbors: NeighborLists,
  n: number,
  { sources, components = 'refuse' }: GraphDistanceOptions = {},
): Matrix32 {
  requireInteger(n, 1, 'graphDistances n');
  const graph = linked(neighbors, n);
  const from = sources ?? Int32Array.from({ length: n }, (_, i) => i);
  const data = new Float32Array(from.length * n);
  const search = new Search(graph, n);
  from.forEach((source, s) => {
    requireInteger(source, 0, 'graphDistances source', n - 1);
    const lengths = search.from(source);
    if (components === 'refuse') requireReached(lengths, source, search.reached);
    data.set(lengths, s * n);
  });
  return matrix(data, from.length, n);
}

/** Links of point i: [offsets[i], offsets[i + 1]) of the other two. */
interface Graph {
  readonly offsets: Int32Array;
  readonly ends: Int32Array;
  readonly lengths: Float32Array;
}

/** Every link in both directions; one that both points name is there twice, which changes no shortest path. */
function linked({ rows, distances }: NeighborLists, n: number): Graph {
  if (rows.length !== distances.length || rows.length % n !== 0) {
    const got = `${rows.length} rows and ${distances.length} distances`;
    throw new ShapeError(
      expectation('graphDistances', `${n} x k neighbours`, got, 'pass the lists of all points'),
    );
  }
  const k = rows.length / n;
  const offsets = new Int32Array(n + 1);
  const present = (at: number) => {
    const [end, length] = [rows[at], distances[at]];
    if (end === -1) return false;
    if (end >= 0 && end < n && length >= 0 && length < Number.POSITIVE_INFINITY) return true;
    const remedy = 'pass the neighbours as a search gives them';
    const expected = `a row below ${n} and a finite distance >= 0`;
    throw new DomainError(
      expectation(`graphDistances point ${Math.floor(at / k)}`, expected, [end, length], remedy),
    );
  };
  for (let at = 0; at < rows.length; at++) {
    if (!present(at)) continue;
    offsets[Math.floor(at / k) + 1]++;
    offsets[rows[at] + 1]++;
  }
  for (let i = 0; i < n; i++) offsets[i + 1] += offsets[i];
  const next = offsets.slice(0, n);
  const ends = new Int32Array(offsets[n]);
  const lengths = new Float32Array(offsets[n]);
  const add = (i: number, j: number, length: number) => {
    ends[next[i]] = j;
    lengths[next[i]++] = length;
  };
  for (let at = 0; at < rows.length; at++) {
    if (rows[at] === -1) continue;
    const i = Math.floor(at / k);
    add(i, rows[at], distances[at]);
    add(rows[at], i, distances[at]);
  }
  return { offsets, ends, lengths };
}

function requireReached(lengths: Float64Array, source: number, reached: number): void {
  if (reached === lengths.length) return;
  const missed = lengths.indexOf(Number.POSITIVE_INFINITY);
  const got = `none from ${source}, which reaches ${reached} of ${lengths.length} points`;
  const remedy = "raise k, or ask for components: 'infinite'";
  throw new DomainError(expectation(`graphDistances point ${missed}`, 'a path to it', got, remedy));
}

/** Searches from one source after another over the same arrays; a binary heap holds points by their length so far. */
class Search {
  reached = 0;
  private readonly lengths: Float64Array;
  private readonly heap: Int32Array;
  /** Where a point is in the heap; -1 before it comes in and after it leaves. */
  private readonly places: Int32Array;
  private size = 0;

  constructor(
    private readonly graph: Graph,
    n: number,
  ) {
    this.lengths = new Float64Array(n);
    this.heap = new Int32Array(n);
    this.places = new Int32Array(n);
  }

  from(source: number): Float64Array {
    const { lengths, places } = this;
    const { offsets, ends, lengths: links } = this.graph;
    lengths.fill(Number.POSITIVE_INFINITY);
    places.fill(-1);
    lengths[source] = 0;
    this.reached = 0;
    this.up(source, this.size++);
    while (this.size > 0) {
      const point = this.take();
      this.reached++;
      for (let link = offsets[point]; link < offsets[point + 1]; link++) {
        const end = ends[link];
        const through = lengths[point] + links[link];
        if (!(through < lengths[end])) continue;
        lengths[end] = through;
        this.up(end, places[end] < 0 ? this.size++ : places[end]);
      }
    }
    return lengths;
  }

  private take(): number {
    const { heap, lengths, places } = this;
    const top = heap[0];
    const last = heap[--this.size];
    let i = 0;
    for (let child = 1; child < this.size; child = 2 * i + 1) {
      if (child + 1 < this.size && lengths[heap[child + 1]] < lengths[heap[child]]) child++;
      if (!(lengths[heap[child]] < lengths[last])) break;
      heap[i] = heap[child];
      places[heap[i]] = i;
      i = child;
    }
    heap[i] = last;
    places[last] = i;
    places[top] = -1;
    return top;
  }

  private up(point: number, from: number): void {
    const { heap, lengths, places } = this;
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!(lengths[point] < lengths[heap[parent]])) break;
      heap[i] = heap[parent];
      places[heap[i]] = i;
      i = parent;
    }
    heap[i] = point;
    places[point] = i;
  }
}
