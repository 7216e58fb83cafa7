import { createReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline, Transform } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import type { OnRead } from '../../core/events/eventsFile.js';
import { badInput } from '../cliIo.js';

/**
 * Opens a file as a stream of UTF-8 bytes: unpacked where it is gzip, turned from UTF-16 where its mark says so (by its first bytes,
 * not its name). Throws `cli/bad-input` when it does not exist or is a folder; so fails the stream of a file that is no text.
 */
export async function openBytes(path: string, onRead: OnRead = () => {}): Promise<Readable> {
  const size = fileSize(path);
  const head = await firstBytes(path);
  const file = createReadStream(path, { highWaterMark: 2 ** 18 });
  let seen = 0;
  file.on('data', (chunk) => {
    seen += chunk.length;
    onRead(seen / Math.max(1, size));
  });
  file.pause();
  const stages = head[0] === 0x1f && head[1] === 0x8b ? [file, createGunzip(), toUtf8(path)] : [file, toUtf8(path)];
  // The reader of the last stage is told of any failure; what it leaves unread is closed with it.
  return pipeline(stages, () => {}) as unknown as Readable;
}

async function firstBytes(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    const head = Buffer.alloc(2);
    await handle.read(head, 0, 2, 0);
    return head;
  } finally {
    await handle.close();
  }
}

/** Files that are taken for text by mistake, by their first bytes. */
const NO_TEXT: readonly (readonly [bytes: readonly number[], advice: string])[] = [
  [[0x50, 0x4b, 3, 4], 'is a zip archive or an Excel workbook. Unpack it, or save the sheet as CSV in UTF-8.'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'is an Excel workbook. Save the sheet as CSV in UTF-8.'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'is compressed with zstd, and only gzip is unpacked here. Unpack it first: zstd -d FILE'],
  [[0x42, 0x5a, 0x68], 'is compressed with bzip2, and only gzip is unpacked here. Unpack it first: bunzip2 FILE'],
  [[0xfd, 0x37, 0x7a, 0x58], 'is compressed with xz, and only gzip is unpacked here. Unpack it first: unxz FILE'],
  [[0x50, 0x41, 0x52, 0x31], 'is a parquet file. Write it as CSV or JSONL: df.to_csv("events.csv", index=False)'],
];
const UTF16_MARKS = { 'utf-16le': [0xff, 0xfe], 'utf-16be': [0xfe, 0xff] } as const;

/** Passes UTF-8 on as it is, turns UTF-16 with a byte order mark into it, and refuses what is no text. */
function toUtf8(path: string): Transform {
  let decoder: TextDecoder | null | undefined;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const begins = (bytes: readonly number[]): boolean => bytes.every((byte, i) => chunk[i] === byte);
      if (decoder === undefined) {
        const wrong = NO_TEXT.find(([bytes]) => begins(bytes));
        if (wrong) return done(badInput(`${path} ${wrong[1]}`, { path }));
        const encoding = (['utf-16le', 'utf-16be'] as const).find((name) => begins(UTF16_MARKS[name]));
        decoder = encoding ? new TextDecoder(encoding) : null;
      }
      done(null, decoder ? Buffer.from(decoder.decode(chunk, { stream: true })) : chunk);
    },
    flush(done) {
      done(null, decoder ? Buffer.from(decoder.decode()) : undefined);
    },
  });
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
  if (text.includes('\u0000'))
    throw badInput(
      `${path} is not a text file (it holds zero bytes: UTF-16 without a byte order mark?). Export it as CSV, TSV or JSONL in UTF-8.`,
    );
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
