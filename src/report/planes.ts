import { extent, median } from 'd3';
import { axisBottom, axisLeft, squareAxis } from './axes.js';
import { type ClassLegend, slotClass } from './classes.js';
import { diskGrid, ringLabels } from './disk.js';
import { isDrawable } from './format.js';
import type { Plane } from './input.js';
import { drawing, element, emptyDrawing, type Markup, round, text } from './svg.js';

const SIZE = 440;
const DISK = { cx: SIZE / 2, cy: SIZE / 2, radius: SIZE / 2 - 10 };

type Point = readonly [number, number];

/** The codes in the Poincaré disk. Points that are not inside the unit disk are left out. */
export function poincareFigure(plane: Plane, legend: ClassLegend): Markup {
  const frame = {
    id: 'poincare-plane',
    title: 'Hyperbolic codes in the Poincaré disk',
    width: SIZE,
    height: SIZE,
  };
  const points = pointsOf(plane, (x, y) => Math.hypot(x, y) < 1);
  if (points.size === 0) return emptyDrawing(frame);
  const furthest = hyperbolicRadius(Math.max(...[...points.values()].map(([x, y]) => Math.hypot(x, y))));
  const place = ([x, y]: Point): Point => [DISK.cx + DISK.radius * x, DISK.cy - DISK.radius * y];
  return drawing(
    { ...frame, description: describe(points.size, legend, `up to ${furthest.toFixed(1)} from the centre`) },
    diskGrid(DISK, Math.max(furthest, 2)),
    ...dotsAndNames(points, legend, place),
    ringLabels(DISK, Math.max(furthest, 2)),
  );
}

/** Distance of a point at Euclidean radius r < 1 from the centre of the disk of curvature -1. */
function hyperbolicRadius(r: number): number {
  return 2 * Math.atanh(r);
}

/** The codes in the Euclidean plane, both axes at the same scale. */
export function euclideanFigure(plane: Plane, legend: ClassLegend): Markup {
  const frame = { id: 'euclidean-plane', title: 'Euclidean codes in the plane', width: SIZE, height: SIZE };
  const points = pointsOf(plane, () => true);
  if (points.size === 0) return emptyDrawing(frame);
  const [x0, x1] = extent(points.values(), (p) => p[0]) as [number, number];
  const [y0, y1] = extent(points.values(), (p) => p[1]) as [number, number];
  const half = (Math.max(x1 - x0, y1 - y0) / 2) * 1.04;
  const area = { left: 36, right: SIZE - 8, top: 8, bottom: SIZE - 36 };
  const axis = (low: number, high: number) => squareAxis((low + high) / 2, half);
  const x = axis(x0, x1).range([area.left, area.right]);
  const y = axis(y0, y1).range([area.bottom, area.top]);
  return drawing(
    { ...frame, description: describe(points.size, legend, 'in the two directions of largest spread') },
    element('rect', {
      class: 'inside',
      x: area.left,
      y: area.top,
      width: area.right - area.left,
      height: area.bottom - area.top,
    }),
    axisBottom(x, area, ''),
    axisLeft(y, area, ''),
    ...dotsAndNames(points, legend, ([px, py]) => [x(px), y(py)]),
  );
}

/** Drawable points of the plane by row. */
function pointsOf({ coordinates }: Plane, keep: (x: number, y: number) => boolean): Map<number, Point> {
  const points = new Map<number, Point>();
  for (let i = 0; 2 * i + 1 < coordinates.length; i++) {
    const [x, y] = [coordinates[2 * i], coordinates[2 * i + 1]];
    if (isDrawable(x) && isDrawable(y) && keep(x, y)) points.set(i, [x, y]);
  }
  return points;
}

/** Dots in the order of the items, so that no class lies on top of all others, and above them the class names. */
function dotsAndNames(points: Map<number, Point>, legend: ClassLegend, place: (p: Point) => Point): Markup[] {
  const dots: Markup[] = [];
  const members = legend.keys.map((): Point[] => []);
  for (const [i, point] of points) {
    const [x, y] = place(point);
    const slot = legend.slots[i] ?? -1;
    // A line of no length with a round cap is the shortest way to write a dot.
    dots.push(element('path', { class: slotClass(slot), d: `M${round(x)} ${round(y)}h0` }));
    members[slot]?.push([x, y]);
  }
  const names = namePlaces(members).map(({ slot, x, y }) =>
    element(
      'text',
      { class: slotClass(slot), x, y: y + 6, 'text-anchor': 'middle' },
      text(legend.keys[slot].name.slice(0, 14)),
    ),
  );
  return [element('g', { class: 'dots' }, ...dots), element('g', { class: 'names' }, ...names)];
}

/** The median of each class, pushed apart until no two names cover each other. */
function namePlaces(members: readonly Point[][]): { slot: number; x: number; y: number }[] {
  const places = members.flatMap((points, slot) =>
    points.length === 0 ? [] : [{ slot, x: median(points, (p) => p[0])!, y: median(points, (p) => p[1])! }],
  );
  const apart = 24;
  for (let round = 0; round < 60; round++) {
    for (const a of places) {
      for (const b of places) {
        if (a.slot >= b.slot) continue;
        // Names at the very same place start off in different directions.
        const [dx, dy] = [b.x - a.x || 0.01 * (b.slot - a.slot), b.y - a.y || 0.01];
        const distance = Math.hypot(dx, dy);
        const push = Math.max(0, apart - distance) / (2 * distance);
        a.x = inside(a.x - push * dx);
        a.y = inside(a.y - push * dy);
        b.x = inside(b.x + push * dx);
        b.y = inside(b.y + push * dy);
      }
    }
  }
  return places;
}

function inside(v: number): number {
  return Math.min(SIZE - 14, Math.max(14, v));
}

function describe(points: number, { keys, rest }: ClassLegend, where: string): string {
  const classes = keys.length + rest;
  return `${points} points ${where}, coloured by ${classes === 1 ? 'one class' : `${classes} classes`}.`;
}
