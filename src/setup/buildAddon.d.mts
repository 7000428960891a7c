export interface AddonStatus {
  readonly status: 'built' | 'current' | 'unavailable';
  /** One sentence. */
  readonly reason: string;
}

export function buildAddon(options: {
  readonly root: string;
  readonly log?: (line: string) => void;
}): Promise<AddonStatus>;
