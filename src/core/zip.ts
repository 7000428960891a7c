import { crc32 } from 'node:zlib';
import { unzipSync } from 'fflate';
import { expectation, FormatError } from './errors.js';

/** What an entry of a zip's directory takes at least, besides the entry's content. */
const ENTRY_BYTES = 46;
/** Deflate makes no more of one byte. */
const MAX_RATIO = 1032;

/**
 * The entries of a zip whose names `keep` wants, by name, each checked against its checksum.
 * @param kind what the file should be, for the message
 * @throws FormatError for anything but a zip, or one that claims more content than its size allows, or a damaged entry
 */
export function readZip(
  bytes: Uint8Array,
  who: string,
  keep: (name: string) => boolean,
  kind = 'a zip file',
  remedy = 'restore it from a copy',
): Record<string, Uint8Array> {
  let files: Record<string, Uint8Array>;
  try {
    let claimed = 0;
    files = unzipSync(bytes, {
      // A damaged directory may claim billions of entries, or gigabytes for one: hours and memory for nothing.
      filter: ({ name, size, originalSize }) => {
        claimed += ENTRY_BYTES + size;
        if (claimed > bytes.byteLength || originalSize > MAX_RATIO * size)
          throw new Error('sizes beyond the file');
        return keep(name);
      },
    });
  } catch (cause) {
    throw new FormatError(expectation(who, kind, `${bytes.byteLength} bytes`, remedy), { cause });
  }
  const checksums = checksumsOf(bytes);
  for (const [name, content] of Object.entries(files)) {
    const expected = checksums.get(name);
    if (expected === undefined || crc32(content) === expected) continue;
    const whole = 'the content that its checksum sums up';
    throw new FormatError(expectation(`${who} ${name}`, whole, 'another', 'restore it from a copy'));
  }
  return files;
}

/**
 * CRC-32 of each entry's content, which fflate does not look at; from the zip's directory. An archive beyond 4 GiB has
 * its directory elsewhere and gives none.
 * @source PKWARE, APPNOTE.TXT, sections 4.3.12 and 4.3.16
 */
function checksumsOf(bytes: Uint8Array): Map<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, number>();
  let end = bytes.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) return found;
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== 0x02014b50) break;
    const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const start = at + ENTRY_BYTES;
    found.set(new TextDecoder().decode(bytes.subarray(start, start + name)), view.getUint32(at + 16, true));
    at = start + name + extra + comment;
  }
  return found;
}
