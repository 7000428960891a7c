import { join } from 'node:path';
import type { Context, Row } from '../experiment.js';
import { gains, measureCoders } from './coderArms.js';
import { curves } from './curves.js';
import { measureFloors } from './floorArms.js';
import { writeFrontier } from './frontier.js';
import { geometries } from './geometries.js';
import { panelsOf } from './panels.js';
import { retrieval } from './retrieval.js';
import { rowsOf } from './rows.js';
import { workOf } from './work.js';

export async function run(context: Context): Promise<Row[]> {
  const work = workOf(context);
  const { codes } = work.sizes;
  const floors = await measureFloors(work);
  const trained = await measureCoders(work);
  const rows = [
    ...floors.flatMap(({ arm, result }) => rowsOf(arm, [result])),
    ...trained.rows.flatMap(({ arm, results }) => rowsOf(arm, results)),
    ...gains(trained.rows, floors, codes),
    ...(await curves(work)),
    ...(await geometries(work)),
    ...(await retrieval(work)),
  ];
  if (context.out) {
    const file = join(context.out, `frontier-${context.scale}-${context.seed}.svg`);
    writeFrontier(file, panelsOf(codes, floors, trained.tried), 2);
  }
  return rows;
}
