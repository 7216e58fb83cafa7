import { RecommenderError } from '../../src/core/errors.js';
import type { FileSource } from '../../src/core/evaluation/evaluationProtocol.js';
import type { EventsFile, OnRead } from '../../src/core/events/eventsFile.js';
import { badInput } from '../../src/core/events/inputErrors.js';
import { readCsvRecords } from './readCsvRecords.js';

const HEAD_CHARACTERS = 65_536;

/** A file of events that the person dropped, or one behind an address, which is fetched once. */
export async function openBlobEvents(source: FileSource): Promise<EventsFile> {
  const { name } = source;
  const blob = 'blob' in source ? source.blob : await fetchBlob(source.url);
  return {
    name,
    head: async () => {
      let text = '';
      for await (const part of readTexts(name, blob)) {
        text += part;
        if (text.length >= HEAD_CHARACTERS) break;
      }
      if (text.includes('\u0000'))
        throw badInput(`${name} is not a text file (it holds zero bytes). Export it as CSV, TSV or JSONL in UTF-8.`);
      return text.slice(0, HEAD_CHARACTERS);
    },
    lines: (onRead) => readLines(name, blob, onRead),
    records: (delimiter, onRead) => readCsvRecords(name, delimiter, readTexts(name, blob, onRead)),
  };
}

async function fetchBlob(url: string): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new RecommenderError(
      'input/bad-file',
      `${url} could not be fetched: no network, or blocked by CORS. Check the address.`,
      { url },
      cause,
    );
  }
  if (!response.ok) throw badInput(`${url} answered with status ${response.status}. Check the address.`, { url, status: response.status });
  return response.blob();
}

async function* readLines(name: string, blob: Blob, onRead?: OnRead): AsyncGenerator<string> {
  let rest = '';
  for await (const text of readTexts(name, blob, onRead)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest.endsWith('\r') ? rest.slice(0, -1) : rest;
}

/** Decodes UTF-8, without a byte order mark. */
async function* readTexts(name: string, blob: Blob, onRead?: OnRead): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of readChunks(name, blob, onRead)) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** The bytes, unpacked where they are gzip (by the first two, not by the name). */
async function* readChunks(name: string, blob: Blob, onRead?: OnRead): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let seen = 0;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (chunk, controller) => {
      seen += chunk.length;
      onRead?.(seen / Math.max(1, blob.size));
      controller.enqueue(chunk);
    },
  });
  let isPacked = false;
  let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | null = null;
  try {
    const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
    isPacked = first === 0x1f && second === 0x8b;
    const bytes = blob.stream().pipeThrough(counter);
    reader = (isPacked ? bytes.pipeThrough(new DecompressionStream('gzip')) : bytes).getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) yield chunk.value;
  } catch (cause) {
    if (isPacked && cause instanceof TypeError)
      throw badInput(`${name} cannot be unpacked: it is cut or damaged. Export it again, or unpack it first.`, { name }, cause);
    throw badInput(`${name} cannot be read: it was changed or moved since it was chosen. Choose it again.`, { name }, cause);
  } finally {
    // A reader that stops early (the head of a file) leaves the rest unread.
    reader?.cancel().catch(() => {});
  }
}
