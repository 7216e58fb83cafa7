import { createReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import type { OnRead } from '../../core/events/eventsFile.js';
import { badInput } from '../cliIo.js';

const GZIP_MAGIC = [0x1f, 0x8b];

/**
 * Opens a file as a stream of bytes, unpacked where it is gzip (by its first bytes, not its name).
 * Throws `cli/bad-input` when it does not exist or is a folder.
 */
export async function openBytes(path: string, onRead: OnRead = () => {}): Promise<Readable> {
  const size = fileSize(path);
  const handle = await open(path);
  const head = Buffer.alloc(2);
  await handle.read(head, 0, 2, 0);
  await handle.close();
  const file = createReadStream(path, { highWaterMark: 2 ** 18 });
  let seen = 0;
  file.on('data', (chunk) => {
    seen += chunk.length;
    onRead(seen / Math.max(1, size));
  });
  file.pause();
  if (head[0] !== GZIP_MAGIC[0] || head[1] !== GZIP_MAGIC[1]) return file;
  const unpacked = createGunzip();
  file.on('error', (error) => unpacked.destroy(error));
  unpacked.on('close', () => file.destroy());
  return file.pipe(unpacked);
}

/** Yields the lines of a text file without their ends; blank lines too. Throws `cli/bad-input` when it is cut or not text. */
export async function* readLines(path: string, onRead?: OnRead): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let isFirst = true;
  for await (const chunk of openChunks(path, onRead)) {
    let text = rest + decoder.write(chunk);
    if (isFirst) text = text.replace(/^\uFEFF/, '');
    isFirst = false;
    const lines = text.split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decoder.end();
  if (rest !== '') yield rest.endsWith('\r') ? rest.slice(0, -1) : rest;
}

/** Reads the first characters of a text file. */
export async function peekText(path: string, length = 65_536): Promise<string> {
  let text = '';
  const decoder = new StringDecoder('utf8');
  for await (const chunk of openChunks(path)) {
    text += decoder.write(chunk);
    if (text.length >= length) break;
  }
  text = text.replace(/^\uFEFF/, '');
  if (text.includes('\u0000')) throw badInput(`${path} is not a text file (it holds zero bytes). Export it as CSV, TSV or JSONL in UTF-8.`);
  return text.slice(0, length);
}

/** Reads a whole text file. For catalogues and id lists; events are streamed. */
export async function readText(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of openChunks(path)) chunks.push(chunk);
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}

async function* openChunks(path: string, onRead?: OnRead): AsyncGenerator<Buffer> {
  const stream = await openBytes(path, onRead);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    stream.destroy();
  }
}

/** Says in words why a file could not be read. */
export function unreadable(path: string, cause: unknown): Error {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (code.startsWith('Z_'))
    return badInput(`${path} cannot be unpacked (${code}): it is cut or damaged. Copy or export it again.`, { path }, cause);
  if (code === 'EACCES' || code === 'EPERM') return badInput(`${path} may not be read. Check its permissions.`, { path }, cause);
  return cause as Error;
}

/** Bytes of a file. Throws `cli/bad-input` when there is none. */
export function fileSize(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw badInput(`There is no file ${path}. Check the path.`, { path });
  if (stats.isDirectory()) throw badInput(`${path} is a folder; a file is needed here.`, { path });
  return stats.size;
}
