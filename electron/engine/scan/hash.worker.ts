import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { errnoOf, sourceReadCode } from '../platform/failures.ts';
import { platformOf } from '../platform/platform.ts';
import type { HashAnswer, HashOrder, HashSettings } from './hasher.ts';
import { sourcePath } from './source-path.ts';

/** Reads files and hashes them. Each batch of orders gets one batch of answers, in any order of orders. */
const settings = workerData as HashSettings;
const port = parentPort;
if (port === null) throw new Error('hash.worker.ts runs as a worker');
const platform = platformOf(settings.platform);
const buffer = Buffer.allocUnsafe(1024 * 1024);

/** The small files of a batch, one after the other: handed over in one piece, they cost neither side a piece of memory each. */
const kept = new Uint8Array(1024 * 1024);
let keptBytes = 0;

port.on('message', (orders: readonly HashOrder[]) => {
  keptBytes = 0;
  const answers = orders.map(answer);
  const together = kept.slice(0, keptBytes).buffer;
  port.postMessage(
    answers.map((given) =>
      'bytes' in given && given.bytes?.buffer === kept.buffer
        ? { ...given, bytes: new Uint8Array(together, given.bytes.byteOffset, given.bytes.length) }
        : given,
    ),
    [together],
  );
});

function keep(bytes: Uint8Array): Uint8Array {
  if (bytes.length > kept.length - keptBytes) return Uint8Array.from(bytes);
  const place = kept.subarray(keptBytes, keptBytes + bytes.length);
  place.set(bytes);
  keptBytes += bytes.length;
  return place;
}

function answer(order: HashOrder): HashAnswer {
  try {
    return hash(order);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return { id: order.id, failed: sourceReadCode(errno, platform), errno };
  }
}

function hash(order: HashOrder): HashAnswer {
  // Not through a link: what was a file when the folder was read may be one now. Not blocking: nor a pipe.
  const flags = fs.constants.O_RDONLY | (platform === 'win32' ? 0 : fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  const file = fs.openSync(sourcePath(settings.root, order.path), flags);
  try {
    const before = fs.fstatSync(file, { bigint: true });
    if (!before.isFile()) return { id: order.id, failed: 'file-vanished', errno: 'not a file' };
    const digest = createHash('sha256');
    let bytes: Uint8Array | undefined;
    let size = 0;
    for (;;) {
      const count = fs.readSync(file, buffer, 0, buffer.length, null);
      if (count === 0) break;
      digest.update(buffer.subarray(0, count));
      if (size === 0 && BigInt(count) === before.size && count <= order.keepBytes)
        bytes = keep(buffer.subarray(0, count));
      size += count;
    }
    const after = fs.fstatSync(file, { bigint: true });
    // Half of an old file and half of a new one is no version: both looks must agree, and with what was read.
    if (after.mtimeNs !== before.mtimeNs || after.size !== before.size || BigInt(size) !== after.size) {
      return { id: order.id, failed: 'file-changing', errno: 'changed' };
    }
    return {
      id: order.id,
      sha256: digest.digest('hex'),
      bytes,
      mtimeNs: after.mtimeNs,
      stat: {
        size,
        mtimeUs: Number(after.mtimeNs / 1000n),
        ctimeUs: Number(after.ctimeNs / 1000n),
        inode: Number(after.ino),
        mode: Number(after.mode) & 0o7777,
      },
    };
  } finally {
    fs.closeSync(file);
  }
}
