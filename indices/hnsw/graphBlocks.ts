import type { GraphLinks, GraphPart, NativeGraph } from '../../src/native/index.js';
import { arrayBlock, type BlockSource, PIECE } from '../format/blocks.js';
import type { OpenedIndexFile } from '../format/indexFile.js';

/** A part of the graph as a block, copied piece by piece. */
function partBlock(graph: NativeGraph, name: string, part: GraphPart): BlockSource {
  const { entries, bytes } = graph.shapeOf(part);
  const step = Math.max(1, Math.floor(PIECE / Math.max(1, bytes)));
  return {
    name,
    bytes: entries * bytes,
    async *pieces() {
      for (let from = 0; bytes > 0 && from < entries; from += step) {
        const piece = new Uint8Array(Math.min(step, entries - from) * bytes);
        await graph.read(part, from, piece);
        yield piece;
      }
    },
  };
}

/** The blocks of an index file; the graph must not change until they are written. */
export function graphBlocks(graph: NativeGraph): { entry: number; blocks: BlockSource[] } {
  const { entry, twins, stragglers } = graph.remainder();
  return {
    entry,
    blocks: [
      partBlock(graph, 'ids', 'ids'),
      partBlock(graph, 'vectors', 'values'),
      partBlock(graph, 'scalars', 'scalars'),
      partBlock(graph, 'levels', 'levels'),
      partBlock(graph, 'lowest', 'lowest'),
      partBlock(graph, 'upper', 'upper'),
      arrayBlock('twins', twins),
      arrayBlock('stragglers', stragglers),
    ],
  };
}

/** The blocks that follow the vectors. @param check is given the scalars, if the file has them */
export async function readLinks(
  { header, blocks, reader }: OpenedIndexFile,
  check?: (scalars: Float64Array) => Promise<void>,
): Promise<GraphLinks> {
  if (blocks.some(({ name }) => name === 'scalars')) {
    const scalars = new Float64Array(await reader.block('scalars'));
    await check?.(scalars);
  }
  return {
    entry: header.entry,
    levels: new Int8Array(await reader.block('levels')),
    lowest: new Uint32Array(await reader.block('lowest')),
    upper: new Uint32Array(await reader.block('upper')),
    twins: new Int32Array(await reader.block('twins')),
    stragglers: new Int32Array(await reader.block('stragglers')),
  };
}
