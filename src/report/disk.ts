import { type Path, pathRound } from 'd3';
import { element, join, type Markup } from './svg.js';

/** A circle on the page that stands for the unit disk. */
export interface DiskFrame {
  readonly cx: number;
  readonly cy: number;
  readonly radius: number;
}

/**
 * The background of a Poincaré disk: its boundary, geodesics between neighbouring ones of 4, 8, ... ideal points
 * (arcs that meet the boundary at right angles), and circles at hyperbolic distance 1, 2, 3, ... from the centre.
 * @param furthest  hyperbolic distance (curvature -1) up to which circles are drawn
 */
export function diskGrid(frame: DiskFrame, furthest: number): Markup {
  const { cx, cy, radius } = frame;
  const rings = Array.from({ length: Math.min(6, Math.floor(furthest)) }, (_, i) => i + 1);
  return element(
    'g',
    { class: 'disk' },
    element('circle', { class: 'inside', cx, cy, r: radius }),
    element('path', { class: 'net', d: net(frame, 4, 4) }),
    ...rings.map((d) => element('circle', { class: 'ring', cx, cy, r: radius * Math.tanh(d / 2) })),
    element('circle', { class: 'boundary', cx, cy, r: radius }),
  );
}

/** The numbers of the circles, on the ray upwards, to be drawn above the points. */
export function ringLabels({ cx, cy, radius }: DiskFrame, furthest: number): Markup {
  const labelled = [1, 2, 3, 4].filter((d) => d <= furthest);
  return join(
    labelled.map((d) =>
      element(
        'text',
        {
          class: 'ring-label',
          x: cx,
          y: cy - radius * Math.tanh(d / 2) + 4,
          'text-anchor': 'middle',
        },
        String(d) as Markup,
      ),
    ),
  );
}

/** Two diameters, then per level the geodesics that cut off the arcs between neighbouring ideal points. */
function net({ cx, cy, radius }: DiskFrame, points: number, levels: number): string {
  const context = pathRound(2);
  for (const [dx, dy] of [
    [1, 0],
    [0, 1],
  ]) {
    context.moveTo(cx - dx * radius, cy - dy * radius);
    context.lineTo(cx + dx * radius, cy + dy * radius);
  }
  for (let level = 0; level < levels; level++) {
    const n = points * 2 ** level;
    const half = Math.PI / n;
    for (let i = 0; i < n; i++) {
      const middle = (2 * i + 1) * half;
      geodesicArc(context, { cx, cy, radius }, middle, half);
    }
  }
  return context.toString();
}

/**
 * The geodesic whose ideal ends lie at the angles `middle` ± `half`: a circle around distance 1/cos(half) with radius
 * tan(half), which is orthogonal to the unit circle because 1/cos² = 1 + tan².
 */
function geodesicArc(context: Path, frame: DiskFrame, middle: number, half: number): void {
  const { cx, cy, radius } = frame;
  const away = radius / Math.cos(half);
  const opening = Math.PI / 2 - half;
  const towards = middle + Math.PI;
  context.moveTo(cx + radius * Math.cos(middle + half), cy + radius * Math.sin(middle + half));
  context.arc(
    cx + away * Math.cos(middle),
    cy + away * Math.sin(middle),
    radius * Math.tan(half),
    towards - opening,
    towards + opening,
  );
}
