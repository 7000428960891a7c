import { fetchCatalogues } from './debianPackage.mjs';
import { cacheFolder } from './places.mjs';
import { log } from './progress.mjs';
import { SetupError } from './setupError.mjs';

/**
 * Data that no npm package carries: name -> how it comes into the cache.
 * @type {Record<string, (options: {cache: string, log: (line: string) => void}) => Promise<string>>}
 */
const FETCHED = {
  furniture: (options) =>
    fetchCatalogues(
      {
        name: 'sweethome3d-furniture',
        version: '1.8-1',
        sha256: '3ccb90c63f9525e887a767b9cd5c8b6933b8b6b2973a615a5359ee68a2118668',
        folder: 'usr/share/sweethome3d/furniture',
        to: 'furniture-1.8',
      },
      options,
    ),
};

const name = process.argv[2];
const fetchData = FETCHED[/** @type {keyof typeof FETCHED} */ (name)];
if (!fetchData) {
  log(
    `error fetch: expected one of ${Object.keys(FETCHED).join(', ')}, got ${name}; try npm run fetch -- furniture`,
  );
  process.exitCode = 2;
} else {
  try {
    log(`${name}: in ${await fetchData({ cache: cacheFolder(), log })}`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    log(`error ${error.message}`);
    process.exitCode = 1;
  }
}
