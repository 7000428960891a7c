import { writeFileSync } from 'node:fs';

/** One way to make codes, at one weight or none. */
export interface FrontierPoint {
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

export interface FrontierPanel {
  readonly title: string;
  readonly yLabel: string;
  /** Joined in this order: a penalty over its weights. */
  readonly lines: readonly { readonly name: string; readonly points: readonly FrontierPoint[] }[];
  readonly marks: readonly FrontierPoint[];
  /** What has no reconstruction: levels across the panel. */
  readonly levels: readonly { readonly name: string; readonly y: number }[];
}

const WIDTH = 360;
const HEIGHT = 300;
const EDGE = { left: 56, right: 14, top: 34, bottom: 44 };
const COLORS = ['#1f6fb2', '#c2541b', '#2e8540', '#7a4fa3'];

/** Distances against reconstruction, a panel a width and measure, `columns` beside each other: an SVG file. */
export function writeFrontier(file: string, panels: readonly FrontierPanel[], columns: number): void {
  const rows = Math.ceil(panels.length / columns);
  const names = [...new Set(panels.flatMap(({ lines }) => lines.map(({ name }) => name)))];
  const body = panels.map((panel, i) => {
    const place = `translate(${(i % columns) * WIDTH} ${Math.floor(i / columns) * HEIGHT + 24})`;
    return `<g transform="${place}">${panelMarkup(panel, names)}</g>`;
  });
  const key = names.map(
    (name, i) => `<text x="${56 + i * 150}" y="16" fill="${COLORS[i % COLORS.length]}">● ${name}</text>`,
  );
  const size = `width="${columns * WIDTH}" height="${rows * HEIGHT + 24}"`;
  writeFileSync(
    file,
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12">` +
      `<title>Distances against reconstruction</title><rect width="100%" height="100%" fill="#fff"/>` +
      `${key.join('')}${body.join('')}</svg>\n`,
  );
}

function panelMarkup(
  { title, yLabel, lines, marks, levels }: FrontierPanel,
  names: readonly string[],
): string {
  const points = [...lines.flatMap((line) => line.points), ...marks];
  const x = scale(
    points.map((p) => p.x),
    EDGE.left,
    WIDTH - EDGE.right,
  );
  const y = scale(
    [...points.map((p) => p.y), ...levels.map((level) => level.y)],
    HEIGHT - EDGE.bottom,
    EDGE.top,
  );
  const parts = [
    `<text x="${EDGE.left}" y="20" font-weight="bold">${title}</text>`,
    `<text x="${WIDTH - EDGE.right}" y="${HEIGHT - 8}" text-anchor="end">error of reconstruction (MSE)</text>`,
    `<text x="8" y="${EDGE.top}" transform="rotate(-90 8 ${EDGE.top})" text-anchor="end" dy="4">${yLabel}</text>`,
    ...x.ticks.map(
      (t) => `<text x="${x.at(t)}" y="${HEIGHT - 26}" text-anchor="middle">${t.toPrecision(2)}</text>`,
    ),
    ...y.ticks.map(
      (t) => `<text x="${EDGE.left - 6}" y="${y.at(t) + 4}" text-anchor="end">${t.toPrecision(2)}</text>`,
    ),
    `<path d="M${EDGE.left} ${EDGE.top}V${HEIGHT - EDGE.bottom}H${WIDTH - EDGE.right}" fill="none" stroke="#888"/>`,
  ];
  for (const [i, { name, y: value }] of levels.entries()) {
    // Levels may lie close together: their names stand at either end by turns.
    const [place, anchor] = i % 2 === 0 ? [EDGE.left + 4, 'start'] : [WIDTH - EDGE.right, 'end'];
    parts.push(
      `<path d="M${EDGE.left} ${y.at(value)}H${WIDTH - EDGE.right}" stroke="#888" stroke-dasharray="4 3"/>`,
      `<text x="${place}" y="${y.at(value) - 4}" text-anchor="${anchor}" fill="#555">${name}</text>`,
    );
  }
  for (const { name, points: along } of lines) {
    const color = COLORS[names.indexOf(name) % COLORS.length];
    const path = along.map((p, i) => `${i === 0 ? 'M' : 'L'}${x.at(p.x)} ${y.at(p.y)}`).join('');
    parts.push(`<path d="${path}" fill="none" stroke="${color}"/>`);
    for (const p of along) parts.push(mark(x.at(p.x), y.at(p.y), p.label, color));
  }
  for (const p of marks) parts.push(mark(x.at(p.x), y.at(p.y), p.label, '#222'));
  return parts.join('');
}

function mark(x: number, y: number, label: string, color: string): string {
  const [place, anchor] = x < 0.85 * WIDTH ? [x + 5, 'start'] : [x - 5, 'end'];
  return (
    `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3.5" fill="${color}"/>` +
    `<text x="${place.toFixed(1)}" y="${(y - 4).toFixed(1)}" text-anchor="${anchor}" font-size="10" ` +
    `fill="${color}">${label}</text>`
  );
}

/** A linear axis with a little room at both ends. */
function scale(values: readonly number[], from: number, to: number) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.06 * (high - low || 1);
  const at = (v: number) => from + ((v - low + room) / (high - low + 2 * room)) * (to - from);
  return { at, ticks: [0, 1 / 3, 2 / 3, 1].map((t) => low + t * (high - low)) };
}
