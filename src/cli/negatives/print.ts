import { orderVerdict } from '../../evaluation/negatives/orderVerdict.js';
import type { NegativesSummary } from '../../evaluation/negatives/records.js';
import { counted } from '../../report/format.js';
import type { Sweep } from '../../report/negatives/input.js';
import { orderSentence, sweepSentence } from '../../report/negatives/sentences.js';
import { falseNegativeRows, pairRows, weightRows } from '../../report/negatives/tables.js';
import { formatTable } from '../../report/table.js';
import { printLine } from '../output.js';
import type { Measured } from './measure.js';

const READING = `p(x-): probability of all negatives; top k: share of the k hardest in it; nearer: than the nearest positive;
false at most: how many could be positives without the label. Intervals, 95 % over classes: --json or --out.`;

/** Tables of one scope, and in blocks what two arms have to agree on. */
export function printStatistics(summary: NegativesSummary): void {
  const { scope, anchors, negatives, blockSize, pairs } = summary;
  const where = scope === 'blocks' ? `in blocks of ${blockSize}` : 'among all items';
  printLine(`\n${where}: ${counted(anchors, 'anchor')}, ${Math.round(negatives)} negatives each\n`);
  printLine(formatTable(weightRows(summary, false)));
  if (pairs.length > 0) printLine(`\n${formatTable(pairRows(summary))}`);
  printLine(`\n${formatTable(falseNegativeRows(summary))}`);
  if (scope === 'whole') return;
  printLine(`\n${READING}`);
  for (const pair of pairs) printLine(`\n${orderSentence(summary, pair)}`);
}

export function printSweep(sweep: Sweep): void {
  printLine(`\nother curvatures: ${sweepSentence(sweep)}`);
}

/** What --json prints: summaries without the values of single anchors. */
export function negativesJson(
  data: string,
  { blocks, whole, sweep }: Measured,
  page: string | undefined,
): object {
  const { arms, pairs } = blocks.summary;
  return {
    data,
    arms: arms.map(({ name }) => name),
    blocks: blocks.summary,
    whole: whole?.summary ?? null,
    orders: pairs.map((pair) => ({ arms: pair.arms, verdict: orderVerdict(blocks.summary, pair) })),
    sweep: sweep ?? null,
    page: page ?? null,
  };
}
