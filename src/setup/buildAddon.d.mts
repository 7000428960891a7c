export interface AddonStatus {
  readonly status: 'built' | 'current' | 'unavailable';
  /** One sentence. */
  readonly reason: string;
}

/** Builds the addon if its sources, flags or headers changed since the last time, or if it is damaged. */
export function buildAddon(options: {
  readonly root: string;
  readonly log?: (line: string) => void;
}): Promise<AddonStatus>;

/** Whether the addon of the package in `root` is whole and that of its sources. Nothing is compiled or fetched. */
export function isAddonCurrent(root: string): boolean;
