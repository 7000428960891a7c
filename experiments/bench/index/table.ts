import { quantile } from '../bench.js';
import { EFS, type Measurement } from './measure.js';
import { medianAt, reached, speedsAt, TARGETS } from './rows.js';
import { CORES } from './sides.js';

/** What a side makes, then how fast: a line a side, medians over rounds. Memory is in bytes a vector. */
export function tablesOf(title: string, sides: readonly Measurement[]): string {
  const quality = ['build s (threads)', ...EFS.map((ef) => `recall ef ${ef}`)];
  const costs = ['distances ef 10', 'ef 50', 'memory grown', 'stated'];
  const speed = [
    ...EFS.map((ef) => `q/s ef ${ef}`),
    ...(CORES > 1 ? EFS.map((ef) => `ef ${ef}, threads ${CORES}`) : []),
    ...TARGETS.map((target) => `at recall ${target}`),
  ];
  return [
    aligned([[title, ...quality, ...costs], ...sides.map((side) => [side.version, ...qualityOf(side)])]),
    aligned([[title, ...speed], ...sides.map((side) => [side.version, ...speedOf(side)])]),
  ].join('\n\n');
}

function qualityOf({ build, recall, distances, resident, stated }: Measurement): string[] {
  return [
    [...build].map(([threads, seconds]) => `${quantile(seconds, 0.5).toFixed(1)} (${threads})`).join(', '),
    ...EFS.map((ef) => medianAt(recall, ef).toFixed(4)),
    ...[distances.get(10), distances.get(50), resident, stated].map((value) => value?.toFixed(0) ?? '-'),
  ];
}

function speedOf(side: Measurement): string[] {
  const { parallel, oneThread, allCores } = side;
  return [
    ...EFS.map((ef) => thousands(medianAt(oneThread, ef))),
    ...(CORES > 1 ? EFS.map((ef) => (parallel ? thousands(medianAt(allCores, ef)) : '-')) : []),
    ...TARGETS.map((target) => {
      const speeds = speedsAt(side, target);
      return reached(speeds) ? thousands(quantile(speeds, 0.5)) : 'not reached';
    }),
  ];
}

/** @param lines of as many cells each, the first line the head */
export function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function thousands(perSecond: number): string {
  return `${(perSecond / 1000).toFixed(1)}k`;
}
