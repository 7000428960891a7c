import type { ClassLegend } from './classes.js';
import { slotClass } from './classes.js';
import { diskGrid, ringLabels } from './disk.js';
import { drawing, element, emptyDrawing, type Markup, round, text } from './svg.js';

const SIZE = 640;
const DISK = { cx: SIZE / 2, cy: SIZE / 2, radius: SIZE / 2 - 10 };

/** Nodes of a tree as points of the unit disk. */
export interface TreePicture {
  /** [n, 2], row-major, inside the unit disk. */
  readonly coordinates: ArrayLike<number>;
  /** [n] rows, -1 for the root and for nodes whose parent is not in the picture. */
  readonly parents: Int32Array;
}

/**
 * A tree in the Poincaré disk: each edge the geodesic between its ends, each node in the colour of its branch. Nodes that
 * do not lie inside the disk are left out with their edges.
 */
export function treeDisk({ coordinates, parents }: TreePicture, legend: ClassLegend): Markup {
  const frame = { id: 'tree-disk', title: 'The tree in the Poincaré disk', width: SIZE, height: SIZE };
  const at = (i: number): Point => [coordinates[2 * i], coordinates[2 * i + 1]];
  const inside = (i: number) => Math.hypot(...at(i)) < 1;
  const nodes = Array.from(parents.keys()).filter(inside);
  if (nodes.length === 0) return emptyDrawing(frame);
  const furthest = 2 * Math.atanh(Math.max(...nodes.map((i) => Math.hypot(...at(i)))));
  const edges = nodes
    .filter((i) => parents[i] >= 0 && inside(parents[i]))
    .map((i) => geodesic(at(parents[i]), at(i)));
  const dots = nodes.map((i) => {
    const [x, y] = place(at(i));
    // A line of no length with a round cap is the shortest way to write a dot.
    return element('path', { class: slotClass(legend.slots[i] ?? -1), d: `M${round(x)} ${round(y)}h0` });
  });
  const roots = nodes.filter((i) => parents[i] < 0).map((i) => place(at(i)));
  return drawing(
    {
      ...frame,
      description: `${nodes.length} nodes up to ${furthest.toFixed(1)} from the centre, with ${edges.length} edges.`,
    },
    diskGrid(DISK, Math.max(furthest, 2)),
    element('path', { class: 'rule', fill: 'none', 'stroke-width': 0.7, opacity: 0.6, d: edges.join('') }),
    element('g', { class: 'dots' }, ...dots),
    ...roots.map(([cx, cy]) => element('circle', { class: 'boundary', cx, cy, r: 5 })),
    ringLabels(DISK, Math.max(furthest, 2)),
    element('text', { class: 'note', x: 8, y: SIZE - 8 }, text(roots.length > 0 ? '○ root' : '')),
  );
}

type Point = readonly [number, number];

function place([x, y]: Point): Point {
  return [DISK.cx + DISK.radius * x, DISK.cy - DISK.radius * y];
}

/**
 * Path of the geodesic between two points of the unit disk: the circle through both that meets the boundary at right
 * angles has its centre c where c·p = (1 + |p|²)/2 for both; near a diameter it is drawn as a line.
 */
export function geodesic(p: Point, q: Point): string {
  const [from, to] = [place(p), place(q)].map(([x, y]) => `${round(x)} ${round(y)}`);
  const cross = p[0] * q[1] - p[1] * q[0];
  const a = (1 + p[0] ** 2 + p[1] ** 2) / 2;
  const b = (1 + q[0] ** 2 + q[1] ** 2) / 2;
  const [cx, cy] = [(a * q[1] - b * p[1]) / cross, (b * p[0] - a * q[0]) / cross];
  const radius = Math.sqrt(cx * cx + cy * cy - 1);
  if (!(radius < STRAIGHT)) return `M${from}L${to}`;
  // The page's y points down: an arc that turns left in the disk has the sweep flag 0 there.
  const turnsLeft = (p[0] - cx) * (q[1] - cy) - (p[1] - cy) * (q[0] - cx) > 0;
  const r = round(DISK.radius * radius);
  return `M${from}A${r} ${r} 0 0 ${turnsLeft ? 0 : 1} ${to}`;
}

/** Arcs of a larger radius, in radii of the disk, are lines to the eye. */
const STRAIGHT = 40;
