import type { FileEntry, Manifest } from '../src/core/artifact/manifest.js';
import { readingOrder } from '../src/core/artifact/manifest.js';
import { verifyFile } from '../src/core/artifact/readModelFolder.js';
import { MAX_MANIFEST_BYTES, fileEntry, readManifest } from '../src/core/artifact/validateManifest.js';
import { RecommenderError } from '../src/core/errors.js';
import type { LoadProgress } from '../src/core/types.js';
import type { Database } from './database.js';

export interface ModelStoreOptions {
  /** Absolute address of the model folder, with a slash at the end. */
  readonly modelUrl: string;
  readonly database: Database | null;
  readonly fetch: typeof fetch;
  readonly nowMs: () => number;
  readonly onProgress: (progress: LoadProgress) => void;
  /** Default 10 s. */
  readonly stallMs?: number;
}

/** So much is asked for ahead of the file being decoded, which hides the network's latency; one file at least. */
const AHEAD_BYTES = 4 * 2 ** 20;
/** A connection that brings less in `stallMs` is as good as none: 1.6 kB/s, a quarter of the slowest mobile networks. */
const MIN_BYTES = 2 ** 14;
const STALL_MS = 10_000;
/** Room that most manifests fit into. */
const MANIFEST_BYTES = 2 ** 16;

/**
 * Fetches, verifies and caches one model folder. Every file's size and SHA-256 are checked before use,
 * whether it came from the network or from this device. A cached file that fails is dropped and fetched again.
 */
export class ModelStore {
  readonly manifest: Manifest;
  /** Whether every file so far came from this device. */
  fromCache = true;
  #loadedBytes = 0;
  /** Files of `#inOrder` before this one were asked for. */
  #askedAhead = 0;
  readonly #under = new Map<string, Promise<Uint8Array>>();
  readonly #inOrder: readonly FileEntry[];
  /** Bytes of the files that a page needs. */
  readonly totalBytes: number;

  constructor(
    readonly options: ModelStoreOptions,
    readonly manifestBytes: Uint8Array<ArrayBuffer>,
  ) {
    this.manifest = readManifest(manifestBytes, `${options.modelUrl}manifest.json`);
    this.#inOrder = readingOrder(this.manifest).map((path) => fileEntry(this.manifest, path));
    this.totalBytes = this.#inOrder.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  }

  /** Resolves to a file's verified bytes; starts on the next few meanwhile. */
  async read(entry: FileEntry): Promise<Uint8Array> {
    if (!this.#under.has(entry.path)) this.#start(entry);
    const at = this.#inOrder.indexOf(entry);
    if (at >= 0) this.askAhead(at + 1);
    const reading = this.#under.get(entry.path)!;
    this.#under.delete(entry.path); // Not kept: the decoded model is all the memory there should be.
    return reading;
  }

  /** Starts on the files from place `at` of the reading order, as many as are read ahead. Never on one that was handed out already. */
  askAhead(at = 0): void {
    let bytes = 0;
    for (let next = at; next < this.#inOrder.length; next++) {
      const file = this.#inOrder[next]!;
      bytes += file.sizeBytes;
      if (next > at && bytes > AHEAD_BYTES) break;
      if (next < this.#askedAhead) continue;
      this.#askedAhead = next + 1;
      if (!this.#under.has(file.path)) this.#start(file);
    }
  }

  #start(entry: FileEntry): void {
    const reading = this.#load(entry);
    this.#under.set(entry.path, reading);
    // Whoever reads the file sees the failure; one that nobody reads any more must not surface as unhandled.
    reading.catch(() => {});
  }

  async #load(entry: FileEntry): Promise<Uint8Array> {
    const cached = await this.#fromCache(entry);
    if (cached) return cached;
    this.fromCache = false;
    let bytes = await this.#fetchFile(entry, 'default');
    try {
      await verifyFile(entry, bytes, sha256);
    } catch {
      // The browser's HTTP cache may hold a cut or older copy: ask past it, once.
      this.#loadedBytes -= bytes.length;
      bytes = await this.#fetchFile(entry, 'reload');
      await verifyFile(entry, bytes, sha256);
    }
    await this.options.database?.put('files', { sha256: entry.sha256, bytes: bytes.buffer }).catch(() => {});
    return bytes;
  }

  async #fromCache(entry: FileEntry): Promise<Uint8Array | null> {
    const { database } = this.options;
    const stored = await database?.get('files', entry.sha256).catch(() => undefined);
    if (!stored) return null;
    const bytes = new Uint8Array(stored.bytes);
    try {
      await verifyFile(entry, bytes, sha256);
    } catch {
      await database?.delete('files', entry.sha256).catch(() => {});
      return null;
    }
    this.#report(entry.path, bytes.length, true);
    return bytes;
  }

  #fetchFile({ path, sizeBytes }: FileEntry, cache: RequestCache): Promise<Uint8Array<ArrayBuffer>> {
    return download(this.options, path, { cache, expectedBytes: sizeBytes, maxBytes: sizeBytes }, (bytes) =>
      this.#report(path, bytes, false),
    );
  }

  #report(file: string, bytes: number, fromCache: boolean): void {
    this.#loadedBytes += bytes;
    this.options.onProgress({ phase: 'files', file, loadedBytes: this.#loadedBytes, totalBytes: this.totalBytes, fromCache });
  }
}

/** Asks the network for the manifest, past what the browser keeps. */
export function fetchManifest(options: ModelStoreOptions): Promise<Uint8Array<ArrayBuffer>> {
  options.onProgress({ phase: 'manifest', file: 'manifest.json', loadedBytes: 0, totalBytes: 0, fromCache: false });
  const request = { cache: 'no-cache', expectedBytes: MANIFEST_BYTES, maxBytes: MAX_MANIFEST_BYTES } as const;
  return download(options, 'manifest.json', request, () => {});
}

/** SHA-256 by the platform. Throws `storage/failed` on pages that are no secure context, which have none. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  if (!globalThis.crypto?.subtle) {
    throw new RecommenderError(
      'storage/failed',
      'This page cannot verify the model: SHA-256 is only there on https:// pages and on localhost. Serve the page over https.',
      {},
    );
  }
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Gives memory back at once instead of at some garbage collection: a model is read as many buffers in a row, and
 * together they would be several times its size. The bytes cannot be used afterwards.
 */
export function freeBytes(bytes: Uint8Array): void {
  const buffer = bytes.buffer as ArrayBuffer & { transfer?: (length: number) => ArrayBuffer };
  buffer.transfer?.(0);
}

interface BodyRequest {
  readonly cache: RequestCache;
  readonly expectedBytes: number;
  readonly maxBytes: number;
}

/**
 * Fetches one file of the folder. A server that stalls, or drips fewer than {@link MIN_BYTES} in `stallMs`, is left with `model/unreachable`.
 */
async function download(
  { fetch: fetchUrl, modelUrl, stallMs = STALL_MS }: ModelStoreOptions,
  path: string,
  request: BodyRequest,
  onBytes: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const url = modelUrl + path;
  const stall = new AbortController();
  let length = 0;
  let before = 0;
  const timer = setInterval(() => {
    if (length - before < MIN_BYTES) stall.abort();
    before = length;
  }, stallMs);
  let response: Response | null = null;
  try {
    response = await fetchUrl(url, { cache: request.cache, credentials: 'same-origin', signal: stall.signal });
    if (response.ok)
      return await readBody(response, request, (bytes) => {
        length += bytes;
        onBytes(bytes);
      });
  } catch (cause) {
    throw new RecommenderError(
      'model/unreachable',
      response
        ? `${url} broke off after ${length} bytes. Check the connection.`
        : `${url} could not be fetched: no network, no answer, blocked by CORS, or by the page's Content-Security-Policy (connect-src).`,
      { url, seen: length },
      cause,
    );
  } finally {
    clearInterval(timer);
  }
  const { status } = response;
  throw new RecommenderError(
    status >= 500 ? 'model/unreachable' : 'model/not-found',
    `${url} answered with status ${status}. Check the address and that the folder was uploaded.`,
    { url, status },
  );
}

/**
 * Reads a body into one buffer, chunk by chunk, and stops as soon as it grows past `maxBytes`. `expectedBytes`: room made at once, so that
 * no file lies in memory twice.
 */
async function readBody(
  response: Response,
  { expectedBytes, maxBytes }: BodyRequest,
  onBytes: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(expectedBytes);
  let length = 0;
  const reader = response.body!.getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    const { value } = chunk;
    const end = length + value.length;
    onBytes(value.length);
    if (end > bytes.length) {
      const grown = new Uint8Array(end > maxBytes ? end : Math.min(maxBytes, Math.max(end, 2 * length)));
      grown.set(bytes.subarray(0, length));
      bytes = grown;
    }
    bytes.set(value, length);
    length = end;
    freeBytes(value);
    if (length > maxBytes) {
      await reader.cancel();
      break;
    }
  }
  return length === bytes.length ? bytes : bytes.slice(0, length);
}
