/** How much of its full weight a penalty has over a training; shares of the training are 0..1. */
export type WeightSchedule =
  | { readonly kind: 'constant' }
  /** In a line from 0 to the full weight at `until`: the task comes first. */
  | { readonly kind: 'warmUp'; readonly until: number }
  /** Along half a cosine from `from` to `to`, factors >= 0 of the weight. */
  | { readonly kind: 'cosine'; readonly from: number; readonly to: number };

/** The factor of the weight where a share `progress` of the training is done. */
export function weightAt(schedule: WeightSchedule, progress: number): number {
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'warmUp':
      return schedule.until > 0 ? Math.min(1, progress / schedule.until) : 1;
    case 'cosine':
      return schedule.from + ((schedule.to - schedule.from) * (1 - Math.cos(Math.PI * progress))) / 2;
  }
}
