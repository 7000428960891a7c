import { execFileSync } from 'node:child_process';

const setLimit = (bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`], { stdio: 'ignore' });

/** Linux with util-linux, and no limit set already. */
export function canLimitFileSize(): boolean {
  try {
    setLimit('unlimited');
    return true;
  } catch {
    return false;
  }
}

/** Runs synchronous `work` while this process can write no file beyond `bytes`: a disk that fills up half way. */
export function withFileSizeLimit(bytes: number, work: () => void): void {
  setLimit(bytes);
  try {
    work();
  } finally {
    setLimit('unlimited');
  }
}
