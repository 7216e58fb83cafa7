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
}

/** So much is asked for ahead of the file being decoded, which hides the network's latency; one file at least. */
const AHEAD_BYTES = 4 * 2 ** 20;
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

  private constructor(
    readonly options: ModelStoreOptions,
    readonly manifestBytes: Uint8Array<ArrayBuffer>,
  ) {
    this.manifest = readManifest(manifestBytes, `${options.modelUrl}manifest.json`);
    this.#inOrder = readingOrder(this.manifest).map((path) => fileEntry(this.manifest, path));
    this.totalBytes = this.#inOrder.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  }

  /** Asks the network for the manifest; this device's last good one stands in when the network is not to be had. */
  static async open(options: ModelStoreOptions): Promise<ModelStore> {
    const url = `${options.modelUrl}manifest.json`;
    options.onProgress({ phase: 'manifest', file: 'manifest.json', loadedBytes: 0, totalBytes: 0, fromCache: false });
    try {
      return new ModelStore(
        options,
        await readBody(
          await request(options.fetch, url, 'no-cache'),
          url,
          { expectedBytes: MANIFEST_BYTES, maxBytes: MAX_MANIFEST_BYTES },
          () => {},
        ),
      );
    } catch (error) {
      const isAway = error instanceof RecommenderError && error.code === 'model/unreachable';
      const saved = isAway ? await options.database?.get('models', options.modelUrl).catch(() => undefined) : undefined;
      if (!saved) throw error;
      return new ModelStore(options, saved.manifest as Uint8Array<ArrayBuffer>);
    }
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

  /** Remembers this manifest as the last good one and drops files that no manifest names. Failing is no error: the cache is a convenience. */
  async keep(): Promise<void> {
    const { database, modelUrl, nowMs } = this.options;
    try {
      await database?.put('models', { modelUrl, manifest: this.manifestBytes, savedAtMs: nowMs() });
      await this.#dropUnused();
    } catch {
      // Full or closed: the next start asks the network.
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
    this.#report(entry, bytes.length, true);
    return bytes;
  }

  async #fetchFile(entry: FileEntry, cache: RequestCache): Promise<Uint8Array<ArrayBuffer>> {
    const url = this.options.modelUrl + entry.path;
    const response = await request(this.options.fetch, url, cache);
    return readBody(response, url, { expectedBytes: entry.sizeBytes, maxBytes: entry.sizeBytes }, (bytes) =>
      this.#report(entry, bytes, false),
    );
  }

  #report(entry: FileEntry, bytes: number, fromCache: boolean): void {
    this.#loadedBytes += bytes;
    this.options.onProgress({ phase: 'files', file: entry.path, loadedBytes: this.#loadedBytes, totalBytes: this.totalBytes, fromCache });
  }

  async #dropUnused(): Promise<void> {
    const { database } = this.options;
    if (!database) return;
    const used = new Set<string>();
    for (const { manifest } of await database.getAll('models')) for (const file of readManifest(manifest).files) used.add(file.sha256);
    for (const key of await database.getAllKeys('files')) if (!used.has(key)) await database.delete('files', key);
  }
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

async function request(fetchUrl: typeof fetch, url: string, cache: RequestCache): Promise<Response> {
  let response: Response;
  try {
    response = await fetchUrl(url, { cache, credentials: 'same-origin' });
  } catch (cause) {
    throw new RecommenderError(
      'model/unreachable',
      `${url} could not be fetched: no network, blocked by CORS, or by the page's Content-Security-Policy (connect-src).`,
      { url },
      cause,
    );
  }
  if (response.status >= 500) {
    throw new RecommenderError('model/unreachable', `${url} answered with status ${response.status}. Try again later.`, {
      url,
      status: response.status,
    });
  }
  if (!response.ok) {
    throw new RecommenderError(
      'model/not-found',
      `${url} answered with status ${response.status}. Check the address and that the folder was uploaded.`,
      {
        url,
        status: response.status,
      },
    );
  }
  return response;
}

/**
 * Gives memory back at once instead of at some garbage collection: a model is read as many buffers in a row, and
 * together they would be several times its size. The bytes cannot be used afterwards.
 */
export function freeBytes(bytes: Uint8Array): void {
  const buffer = bytes.buffer as ArrayBuffer & { transfer?: (length: number) => ArrayBuffer };
  buffer.transfer?.(0);
}

/**
 * Reads a body into one buffer, chunk by chunk, and stops as soon as it grows past `maxBytes`. `expectedBytes`: room made at once, so that
 * no file lies in memory twice.
 */
async function readBody(
  response: Response,
  url: string,
  { expectedBytes, maxBytes }: { readonly expectedBytes: number; readonly maxBytes: number },
  onBytes: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(expectedBytes);
  let length = 0;
  try {
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
  } catch (cause) {
    throw new RecommenderError(
      'model/unreachable',
      `${url} broke off after ${length} bytes. Check the connection.`,
      { url, seen: length },
      cause,
    );
  }
  return length === bytes.length ? bytes : bytes.slice(0, length);
}
