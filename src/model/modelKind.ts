/** What a model takes; `kind` of its config, but that of images, which has none. */
export type ModelKind = 'images' | 'vectors' | 'pointSets';

/** The kind of model that a config describes; `images` too for what is no config of any kind: their schema refuses it. */
export function modelKind(config: unknown): ModelKind {
  const kind = (config as { readonly kind?: unknown } | null)?.kind;
  return kind === 'vectors' || kind === 'pointSets' ? kind : 'images';
}
