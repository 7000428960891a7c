import type { StepEvent } from '../../core/records.js';
import { collapseWarning } from '../../training/monitor.js';
import { noteLine } from '../output.js';
import { Progress } from '../progress.js';

/** Shows each event on the progress bar; a collapse is warned of once. */
export function trainingReporter(title: string): (event: StepEvent) => void {
  return reporter(title, ({ parts }) => {
    return `p(x-) ${parts['pEuclidean'].toFixed(2)} / ${parts['pPoincare'].toFixed(2)}`;
  });
}

/** As trainingReporter, with the score on the validation part. */
export function vectorReporter(title: string): (event: StepEvent) => void {
  return reporter(title, ({ parts }) => `validation MAP@R ${(100 * parts['validation']).toFixed(2)} %`);
}

function reporter(title: string, remark: (event: StepEvent) => string): (event: StepEvent) => void {
  const progress = new Progress(title);
  let warned = false;
  return (event) => {
    const { step, steps, loss } = event;
    const warning = collapseWarning(event);
    if (warning && !warned) {
      warned = true;
      noteLine(`warning ${warning}`);
    }
    const lossNow = `loss ${loss.toFixed(3)}`;
    if (step < steps) progress.update(step, steps, 'steps', `${lossNow}, ${remark(event)}`);
    else progress.finish(`${steps} steps, ${lossNow}`);
  };
}
