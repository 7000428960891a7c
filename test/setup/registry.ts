import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Registry {
  readonly url: string;
  /** Of the tarball, in base64. */
  readonly sha512: string;
  close(): Promise<void>;
}

/** A package registry on this machine with one package of one version. */
export async function serveRegistry(options: {
  readonly name: string;
  readonly version: string;
  readonly tarball: Buffer;
}): Promise<Registry> {
  const { name, version, tarball } = options;
  const sha512 = createHash('sha512').update(tarball).digest('base64');
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) response.end(tarball);
    else response.end(JSON.stringify(packument()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const packument = () => ({
    name,
    'dist-tags': { latest: version },
    versions: {
      [version]: { name, version, dist: { tarball: `${url}package.tgz`, integrity: `sha512-${sha512}` } },
    },
  });
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url, sha512, close };
}
