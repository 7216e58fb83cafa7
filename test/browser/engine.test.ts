import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ModelFolder } from '../../src/core/artifact/writeModelFolder.js';
import { writeModelFolder } from '../../src/core/artifact/writeModelFolder.js';
import { RecommenderError, isRecommenderError } from '../../src/core/errors.js';
import type { Backend, LoadedMatrix } from '../../src/core/kernels/topK.js';
import { createWasmBackend } from '../../src/core/kernels/topK.wasm.js';
import type { EngineConfig, EngineNotice } from '../../src/core/protocol.js';
import type { BackendName, EventName, LoadProgress, RecommendationList } from '../../src/core/types.js';
import { backendLoaders } from '../../worker/backends/chunks.js';
import { createWebGlBackend } from '../../worker/backends/webgl.js';
import { createWebGpuBackend } from '../../worker/backends/webgpu.js';
import { openDatabase } from '../../worker/database.js';
import type { EngineEnvironment } from '../../worker/engineEnvironment.js';
import { Engine } from '../../worker/engine.js';
import { browserEnvironment } from '../../worker/engineEnvironment.js';
import { clearStorage } from '../fixtures/clearStorage.js';
import type { SmallModelOptions } from '../fixtures/smallModel.js';
import { sha256, smallFolder, smallModelInput } from '../fixtures/smallModel.js';
import { smallSequence } from '../fixtures/smallSequence.js';

const MODEL_URL = 'https://shop.example/model/';
const DAY_MS = 86_400_000;

/** A web server for one model folder, with the faults of the road. */
class FolderServer {
  requests: string[] = [];
  isOnline = true;
  status = 200;
  readonly replies = new Map<string, (bytes: Uint8Array) => BodyInit>();

  constructor(public folder: ModelFolder) {}

  readonly fetch: typeof fetch = async (input) => {
    const path = String(input).replace(MODEL_URL, '');
    if (!this.isOnline) throw new TypeError('Failed to fetch');
    this.requests.push(path);
    const file = this.folder.files.find((one) => one.path === path);
    if (this.status !== 200 || !file) return new Response('<!doctype html>', { status: file ? this.status : 404 });
    return new Response(this.replies.get(path)?.(file.bytes) ?? file.bytes);
  };
}

const engines: Engine[] = [];

interface OpenOptions {
  readonly config?: Partial<EngineConfig>;
  readonly environment?: Partial<EngineEnvironment>;
  readonly notices?: EngineNotice[];
}

async function openEngine(server: FolderServer, { config = {}, environment = {}, notices = [] }: OpenOptions = {}): Promise<Engine> {
  const engine = new Engine({ ...browserEnvironment(), fetch: server.fetch, ...environment });
  engines.push(engine);
  await engine.open(
    {
      modelUrl: MODEL_URL,
      backend: 'auto',
      history: { mode: 'persistent', maxEntries: 1000, maxAgeDays: 180 },
      language: 'en',
      update: 'manual',
      ...config,
    },
    (notice) => notices.push(notice),
  );
  return engine;
}

async function serve(options: SmallModelOptions = {}): Promise<FolderServer> {
  return new FolderServer(await smallFolder({ itemCount: 500, ...options }));
}

const record = (engine: Engine, itemId: string, event: EventName = 'view_item', timestampMs?: number) =>
  engine.call(1, 'record', { event, items: [{ item_id: itemId }], ...(timestampMs && { timestampMs }) });
const recommend = (engine: Engine): Promise<RecommendationList> => engine.call(2, 'recommend', { limit: 20 });
const historyIds = async (engine: Engine): Promise<string[]> =>
  (await engine.call(3, 'listHistory', { limit: null })).map((entry) => entry.itemId);
const ids = (list: RecommendationList): string[] => list.items.map((item) => item.itemId);

async function errorOf(work: Promise<unknown>): Promise<RecommenderError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RecommenderError);
  return error as RecommenderError;
}

beforeEach(clearStorage);
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

describe('engine: model delivery', () => {
  it('loads a folder with progress that ends at the total', async () => {
    const notices: EngineNotice[] = [];
    const server = await serve({ itemCount: 9000 });
    const engine = await openEngine(server, { notices });
    const progress = notices.flatMap((notice) => (notice.kind === 'progress' ? [notice.progress] : []));
    const bytes = server.folder.manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
    expect(progress.map((p) => p.phase)).toEqual(expect.arrayContaining<LoadProgress['phase']>(['manifest', 'files', 'backend', 'ready']));
    expect(progress.at(-1)).toMatchObject({ phase: 'ready', loadedBytes: bytes, totalBytes: bytes });
    expect(engine.status()).toMatchObject({
      state: 'ready',
      backend: 'wasm',
      itemCount: 9000,
      dimensions: 16,
      fromCache: false,
      modelBytes: bytes,
    });
    expect(new Set(server.requests).size).toBe(server.requests.length);
  });

  it('asks the network for nothing on a second start, and for the manifest alone when it looks for an update', async () => {
    const server = await serve();
    await openEngine(server);
    server.requests = [];
    const engine = await openEngine(server);
    expect(server.requests).toEqual([]);
    expect(await engine.call(9, 'changeModel', { kind: 'update' })).toMatchObject({ outcome: 'current' });
    expect(server.requests).toEqual(['manifest.json']);
    expect(engine.status().fromCache).toBe(true);
  });

  it('recommends offline what it recommended online', async () => {
    const server = await serve();
    const online = await openEngine(server);
    await record(online, 'i7');
    const before = await recommend(online);
    server.isOnline = false;
    const after = await recommend(await openEngine(server));
    expect(after.strategy).toBe('personal');
    expect(after.items).toEqual(before.items);
  });

  it('serves the last good folder while the server answers 503', async () => {
    const server = await serve();
    await openEngine(server);
    server.status = 503;
    expect((await openEngine(server)).status()).toMatchObject({ state: 'ready', fromCache: true });
  });

  it('fetches a cached file again when it was damaged on the device', async () => {
    const server = await serve();
    await openEngine(server);
    const database = (await openDatabase())!;
    const shard = server.folder.manifest.files.find((file) => file.path.startsWith('als-000'))!;
    await database.put('files', { sha256: shard.sha256, bytes: new ArrayBuffer(shard.sizeBytes) });
    database.close();
    server.requests = [];
    const engine = await openEngine(server);
    expect(server.requests).toEqual([shard.path]);
    expect(ids(await recommend(engine))).toHaveLength(20);
  });

  it('keeps the active revision and the one before on the device, and no third', async () => {
    const server = await serve();
    await openEngine(server);
    const engine = await openEngine(server);
    const folders = [server.folder];
    for (const seed of [9, 10]) {
      folders.push((server.folder = await smallFolder({ itemCount: 300, seed, createdAtMs: Date.UTC(2027, 0, seed) })));
      expect(await engine.call(9, 'changeModel', { kind: 'update' })).toMatchObject({ outcome: 'updated' });
      expect((await recommend(engine)).modelRevision).toBe(server.folder.manifest.revision);
    }
    const database = (await openDatabase())!;
    const kept = new Set(folders.slice(1).flatMap(({ manifest }) => manifest.files.map((file) => file.sha256)));
    expect((await database.getAllKeys('files')).sort()).toEqual([...kept].sort());
    database.close();
    const [, before, active] = folders.map(({ manifest }) => manifest.revision);
    expect(engine.status().delivery).toMatchObject({ active, previous: before, pinned: null });
    expect(await engine.call(9, 'changeModel', { kind: 'rollback' })).toMatchObject({ outcome: 'rolled-back', revision: before });
    expect((await recommend(engine)).modelRevision).toBe(before);
    server.isOnline = false;
    expect((await recommend(await openEngine(server))).modelRevision).toBe(before);
    server.isOnline = true;
    expect(await engine.call(9, 'changeModel', { kind: 'update' })).toMatchObject({ outcome: 'refused' });
    expect(await engine.call(9, 'changeModel', { kind: 'pin', revision: active! })).toMatchObject({
      outcome: 'rolled-back',
      revision: active,
    });
    expect((await recommend(engine)).modelRevision).toBe(active);
  });

  it('looks for an update by itself when the worker is idle, and serves from the old revision meanwhile', async () => {
    const server = await serve();
    await openEngine(server);
    const old = server.folder.manifest.revision;
    server.folder = await smallFolder({ itemCount: 300, seed: 9, createdAtMs: Date.UTC(2027, 0, 9) });
    const changed: EngineNotice[] = [];
    let isIdle!: () => void;
    // One for all who wait for it: the history does too.
    const idle = new Promise<void>((resolve) => (isIdle = resolve));
    const engine = await openEngine(server, { config: { update: 'auto' }, environment: { whenIdle: () => idle }, notices: changed });
    expect((await recommend(engine)).modelRevision).toBe(old);
    isIdle();
    await expect.poll(() => changed.some(({ kind }) => kind === 'model'), { timeout: 20_000 }).toBe(true);
    expect((await recommend(engine)).modelRevision).toBe(server.folder.manifest.revision);
  });

  it('fetches no file twice when an update broke off and is tried again', async () => {
    const server = await serve();
    const engine = await openEngine(server);
    server.folder = await smallFolder({ itemCount: 9000, seed: 9, createdAtMs: Date.UTC(2027, 0, 9) });
    const last = server.folder.manifest.models[0]!.shards.at(-1)!.path;
    server.replies.set(last, () => 'cut');
    expect(await engine.call(9, 'changeModel', { kind: 'update' })).toMatchObject({ outcome: 'failed' });
    server.replies.clear();
    server.requests = [];
    expect(await engine.call(9, 'changeModel', { kind: 'update' })).toMatchObject({ outcome: 'updated' });
    expect(server.requests).toEqual(['manifest.json', last]);
  });

  it.each<[string, (bytes: Uint8Array) => BodyInit]>([
    ['cut', (bytes) => new Uint8Array(bytes.slice(0, bytes.length / 2))],
    ['flipped', (bytes) => Uint8Array.from(bytes, (byte, i) => (i === 100 ? byte ^ 1 : byte))],
    ['longer', (bytes) => new Blob([new Uint8Array(bytes), 'more'])],
    ['HTML', () => '<!doctype html><title>Shop</title>'],
  ])('refuses a shard that arrives %s, keeps the history and stores no wrong file', async (_, reply) => {
    const server = await serve();
    const shard = server.folder.manifest.files.find((file) => file.path.startsWith('als-000'))!;
    server.replies.set(shard.path, reply);
    const engine = new Engine({ ...browserEnvironment(), fetch: server.fetch });
    engines.push(engine);
    const opening = engine.open(
      {
        modelUrl: MODEL_URL,
        backend: 'auto',
        history: { mode: 'persistent', maxEntries: 9, maxAgeDays: 9 },
        language: 'en',
        update: 'manual',
      },
      () => {},
    );
    const recorded = record(engine, 'i1');
    const error = await errorOf(opening);
    expect(error).toMatchObject({ code: 'artifact/bad-checksum', details: { file: shard.path } });
    expect(engine.status()).toMatchObject({ state: 'error', error: { code: 'artifact/bad-checksum' } });
    expect((await errorOf(recommend(engine))).code).toBe('artifact/bad-checksum');
    expect(await recorded).toEqual({ storage: 'stored', entries: 1 });
    const database = (await openDatabase())!;
    expect(await database.get('files', shard.sha256)).toBeUndefined();
    expect(await database.count('entries')).toBe(1);
    database.close();
  });

  it.each([
    [
      'the folder is not there',
      (server: FolderServer) => (server.folder = { ...server.folder, files: [] }),
      'model/not-found',
      /status 404/,
    ],
    ['there is no network', (server: FolderServer) => (server.isOnline = false), 'model/unreachable', /no network/],
    [
      'the manifest is an HTML page',
      (server: FolderServer) => server.replies.set('manifest.json', () => '<!doctype html>'),
      'artifact/bad-manifest',
      /HTML page/,
    ],
  ])('says so when %s', async (_, fault, code, message) => {
    const server = await serve();
    fault(server);
    const error = await errorOf(openEngine(server));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});

describe('engine: backends', () => {
  it.each<BackendName>(['wasm', 'cpu'])('gives the same list on %s, status says why', async (backend) => {
    const server = await serve({ itemCount: 3000, dimensions: 60 });
    const engine = await openEngine(server, { config: { backend } });
    await record(engine, 'i7');
    const reference = await openEngine(server, { config: { backend: 'cpu' } });
    const [list, expected] = [await recommend(engine), await recommend(reference)];
    expect(list.backend).toBe(backend);
    expect(engine.status()).toMatchObject({ backend, backendReason: expect.stringContaining('asked for') as string });
    expect(list.items).toEqual(expected.items);
  });
});

describe('engine: history', () => {
  it('survives a restart and personalises at once', async () => {
    const server = await serve();
    const first = await openEngine(server);
    expect((await recommend(first)).strategy).toBe('popular');
    expect(await record(first, 'i7', 'purchase')).toEqual({ storage: 'stored', entries: 1 });
    expect((await recommend(first)).strategy).toBe('personal');
    const second = await openEngine(server);
    expect(await historyIds(second)).toEqual(['i7']);
    expect((await recommend(second)).strategy).toBe('personal');
  });

  it('reflects an event in a list asked for without waiting', async () => {
    const engine = await openEngine(await serve());
    const recorded = record(engine, 'i7');
    expect((await recommend(engine)).strategy).toBe('personal');
    await recorded;
  });

  it('reaches the other tab, forgetting too', async () => {
    const server = await serve();
    const notices: EngineNotice[] = [];
    const [here, there] = [await openEngine(server), await openEngine(server, { notices })];
    await record(here, 'i7');
    await expect.poll(() => historyIds(there)).toEqual(['i7']);
    expect(notices.some((notice) => notice.kind === 'history')).toBe(true);
    await record(there, 'i8');
    await expect.poll(() => historyIds(here)).toEqual(['i8', 'i7']);
    expect(await here.call(1, 'forget', { itemId: 'i7' })).toBe(1);
    await expect.poll(() => historyIds(there)).toEqual(['i8']);
    await there.call(1, 'clearHistory', null);
    await expect.poll(() => historyIds(here)).toEqual([]);
  });

  it('keeps the newest entries up to the limit, on disk too', async () => {
    const server = await serve();
    const config = { history: { mode: 'persistent', maxEntries: 3, maxAgeDays: 180 } as const };
    const engine = await openEngine(server, { config });
    for (let i = 0; i < 6; i++) await record(engine, `i${i}`, 'view_item', Date.now() - 1000 + i);
    expect(await historyIds(engine)).toEqual(['i5', 'i4', 'i3']);
    expect(await historyIds(await openEngine(server, { config }))).toEqual(['i5', 'i4', 'i3']);
  });

  it('drops entries past their age, unread and unscored', async () => {
    const server = await serve();
    let nowMs = Date.UTC(2026, 0, 1);
    const environment = { nowMs: () => nowMs };
    const engine = await openEngine(server, { environment });
    await record(engine, 'i1');
    nowMs += 181 * DAY_MS;
    expect(await historyIds(engine)).toEqual([]);
    expect((await recommend(engine)).strategy).toBe('popular');
    await record(engine, 'i2');
    const database = (await openDatabase())!;
    expect((await database.getAll('entries')).map((entry) => entry.itemId)).toEqual(['i2']);
    database.close();
  });

  it('forgets by time', async () => {
    const engine = await openEngine(await serve());
    await record(engine, 'i1', 'view_item', 1_000 + Date.now() - DAY_MS);
    await record(engine, 'i2');
    expect(await engine.call(1, 'forget', { beforeMs: Date.now() - DAY_MS / 2 })).toBe(1);
    expect(await historyIds(engine)).toEqual(['i2']);
  });

  it('stays in memory where IndexedDB is not to be had, and recommends', async () => {
    const engine = await openEngine(await serve(), { environment: { openDatabase: async () => null } });
    expect(await record(engine, 'i7')).toEqual({ storage: 'memory', entries: 1 });
    expect(engine.status().history).toEqual({ mode: 'memory', entries: 1, restored: 0 });
    expect((await recommend(engine)).strategy).toBe('personal');
  });

  it('goes on in memory when a write fails, keeping what it had', async () => {
    const engine = await openEngine(await serve());
    await record(engine, 'i7');
    const original = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    try {
      expect(await record(engine, 'i8')).toEqual({ storage: 'memory', entries: 1 });
    } finally {
      IDBObjectStore.prototype.put = original;
    }
    expect(await historyIds(engine)).toEqual(['i8', 'i7']);
    expect(engine.status().history.mode).toBe('memory');
  });

  it('records nothing in mode off', async () => {
    const engine = await openEngine(await serve(), { config: { history: { mode: 'off', maxEntries: 9, maxAgeDays: 9 } } });
    expect(await record(engine, 'i7')).toEqual({ storage: 'memory', entries: 0 });
    expect((await recommend(engine)).strategy).toBe('popular');
    expect(engine.status().history).toEqual({ mode: 'off', entries: 0, restored: 0 });
  });
});

describe('engine: users', () => {
  it('ranks for a packed user row and for a vector alike', async () => {
    const users = { ids: ['ann', 'bob'], factors: Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)) };
    const engine = await openEngine(await serve({ users, dtype: 'float32' }));
    const byId = await engine.call(1, 'recommend', { user: { id: 'bob' } });
    const byVector = await engine.call(1, 'recommend', { user: { vector: users.factors.slice(16) } });
    expect(byId.strategy).toBe('personal');
    expect(byId.items).toEqual(byVector.items);
    expect((await errorOf(engine.call(1, 'recommend', { user: { id: 'eve' } }))).code).toBe('input/unknown-user');
  });
});

describe('engine: streaming', () => {
  /** Lets through the first shard of rows, and the rest when told to. */
  async function serveInParts(): Promise<{ server: FolderServer; release: () => void }> {
    const server = await serve({ itemCount: 9000, dimensions: 20 });
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const serveAll = server.fetch;
    const parted: typeof fetch = async (input, init) => {
      if (/als-00[1-9]/.test(String(input))) await released;
      return serveAll(input, init);
    };
    return { server: Object.assign(server, { fetch: parted }), release };
  }

  it('recommends from the first, most popular shard, and from the whole once it is there', async () => {
    const { server, release } = await serveInParts();
    const engine = new Engine({ ...browserEnvironment(), fetch: server.fetch });
    engines.push(engine);
    const config = {
      modelUrl: MODEL_URL,
      backend: 'auto',
      history: { mode: 'memory', maxEntries: 9, maxAgeDays: 9 },
      language: 'en',
      update: 'manual',
    } as const;
    const opening = engine.open(config, () => {});
    await record(engine, 'i7');
    const early = await recommend(engine);
    expect(early).toMatchObject({ isPartial: true, strategy: 'personal', backend: 'wasm' });
    expect(early.items).toHaveLength(20);
    expect(engine.status()).toMatchObject({ state: 'loading', availableItems: 4096, itemCount: 9000 });
    const tail = engine.call(1, 'similarItems', { itemId: 'i8990', options: { limit: 5 } });
    const rare = engine.call(1, 'recommend', { limit: 5, filter: { price: { min: 8000 } } });
    release();
    await opening;
    expect((await tail).isPartial).toBe(false);
    expect((await rare).items).toHaveLength(5);
    const whole = await recommend(engine);
    expect(whole.isPartial).toBe(false);
    expect(engine.status()).toMatchObject({ state: 'ready', availableItems: 9000 });
    const reference = await openEngine(await serve({ itemCount: 9000, dimensions: 20 }), {
      config: { backend: 'cpu', history: config.history },
    });
    await record(reference, 'i7');
    expect(whole.items).toEqual((await recommend(reference)).items);
  });
});

describe('engine: a GPU beside the processor', () => {
  const BIG = { itemCount: 70_000, dimensions: 240, foldIn: { kind: 'mean' } } as const; // Over 16 MiB of rows.

  /** A backend named webgpu that is the reference, as fast as `delayMs`, and can be lost. */
  function fakeGpu(delayMs: number, adapter = 'acme gpu'): { load: () => Promise<Backend>; starts: number; lose: () => void } {
    let isLost = false;
    const fake = {
      starts: 0,
      lose: () => void (isLost = true),
      load: async (): Promise<Backend> => {
        fake.starts++;
        const cpu = createWasmBackend();
        return {
          ...cpu,
          name: 'webgpu',
          adapter,
          load: async (matrix) => {
            const loaded = await cpu.load(matrix);
            const findCandidates: LoadedMatrix['findCandidates'] = async (request) => {
              if (isLost) throw new RecommenderError('backend/failed', 'The device was lost.');
              fakeMs += delayMs;
              return loaded.findCandidates(request);
            };
            return { ...loaded, findCandidates };
          },
          close: () => {},
        };
      },
    };
    return fake;
  }

  let fakeMs = 0;
  let folder: ModelFolder;
  beforeAll(async () => {
    folder = await smallFolder(BIG);
  });
  /** Every look at the clock takes a millisecond; a fake GPU adds its own. */
  const environmentWith = (gpu: { load: () => Promise<Backend> }): Partial<EngineEnvironment> => ({
    backends: { ...backendLoaders, webgpu: gpu.load },
    whenIdle: async () => {},
    clockMs: () => (fakeMs += 1),
  });

  it('is adopted when it was faster, and remembered', async () => {
    const gpu = fakeGpu(-0.9);
    const engine = await openEngine(new FolderServer(folder), { environment: environmentWith(gpu) });
    await expect.poll(() => engine.status().backend).toBe('webgpu');
    expect(engine.status().backendReason).toMatch(/Measured on this device/);
    expect((await recommend(engine)).backend).toBe('webgpu');
  });

  it('is closed when it was slower, and not tried a second time', async () => {
    const gpu = fakeGpu(5);
    const server = new FolderServer(folder);
    await openEngine(server, { environment: environmentWith(gpu) });
    const database = (await openDatabase())!;
    await expect.poll(() => database.count('calibrations')).toBe(1);
    expect((await database.getAll('calibrations'))[0]).toMatchObject({ chosen: 'wasm' });
    database.close();
    const second = await openEngine(server, { environment: environmentWith(gpu) });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(second.status().backend).toBe('wasm');
    expect(gpu.starts).toBe(1);
  });

  it('is never adopted when it is software', async () => {
    const gpu = fakeGpu(-0.9, 'google swiftshader, software');
    await openEngine(new FolderServer(folder), { environment: environmentWith(gpu) });
    const database = (await openDatabase())!;
    await expect.poll(() => database.getAll('calibrations')).toMatchObject([{ chosen: 'wasm', gpuMs: null }]);
    database.close();
  });

  it('is not tried for a catalogue that fits the processor', async () => {
    const gpu = fakeGpu(-0.9);
    await openEngine(await serve(), { environment: environmentWith(gpu) });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(gpu.starts).toBe(0);
  });

  it('hands its call to the processor when it is lost', async () => {
    const gpu = fakeGpu(-0.9);
    const environment = environmentWith(gpu);
    let processorStarts = 0;
    const startWasm = async (): Promise<Backend> => {
      processorStarts++;
      return createWasmBackend();
    };
    const engine = await openEngine(new FolderServer(folder), {
      environment: { ...environment, backends: { ...environment.backends!, wasm: startWasm } },
    });
    await expect.poll(() => engine.status().backend).toBe('webgpu');
    await record(engine, 'i7');
    const before = await recommend(engine);
    gpu.lose();
    const after = await recommend(engine);
    expect(after.backend).toBe('wasm');
    expect(after.items).toEqual(before.items);
    expect(engine.status().backendReason).toMatch(/webgpu was lost/);
    expect(processorStarts).toBe(1); // The one that had stayed open beside the GPU.
  });
});

describe('engine: the kernel on relaxed SIMD', () => {
  let folder: ModelFolder;
  beforeAll(async () => {
    folder = await smallFolder({ itemCount: 70_000, dimensions: 64, foldIn: { kind: 'mean' } }); // Over 4 MiB of rows.
  });

  /** Every look at the clock takes a millisecond, a scan on the plain kernel `plainMs` more. */
  async function openWith(plainMs: number, rooms: Partial<EngineEnvironment['rooms']> = {}): Promise<Engine> {
    let fakeMs = 0;
    const wasm = async (): Promise<Backend> => {
      const plain = createWasmBackend();
      return {
        ...plain,
        load: async (matrix) => {
          const loaded = await plain.load(matrix);
          return { ...loaded, findCandidates: (request) => ((fakeMs += plainMs), loaded.findCandidates(request)) };
        },
      };
    };
    const environment: Partial<EngineEnvironment> = {
      backends: { ...backendLoaders, wasm },
      rooms: { ...browserEnvironment().rooms, ...rooms },
      whenIdle: async () => {},
      clockMs: () => (fakeMs += 1),
    };
    return openEngine(new FolderServer(folder), { environment, config: { backend: 'wasm' } });
  }

  it('takes over where it was measured to be faster, and gives the same lists', async () => {
    const engine = await openWith(5);
    await record(engine, 'i7');
    const before = await recommend(engine);
    await expect.poll(() => engine.status().backendReason).toMatch(/Kernel: relaxed SIMD, because 1\.00 ms a scan .* 6\.00 ms with SIMD/);
    expect((await recommend(engine)).items).toEqual(before.items);
  });

  it('is left where it was not, and where it computes wrongly, and the status says so', async () => {
    const even = await openWith(0);
    await expect.poll(() => even.status().backendReason).toMatch(/Kernel: SIMD, because 1\.00 ms a scan with relaxed SIMD/);
    const room = await browserEnvironment().rooms.tuning();
    const relaxed = { ...room.relaxed, check: () => 'row 3 gives 7 instead of 8' };
    const wrong = await openWith(5, { tuning: async () => ({ ...room, relaxed }) });
    await expect.poll(() => wrong.status().backendReason).toMatch(/Kernel: SIMD, because row 3 gives 7 instead of 8/);
  });

  it('is no error when its file is missing', async () => {
    const engine = await openWith(5, { tuning: () => Promise.reject(new RecommenderError('worker/failed', 'not there')) });
    expect((await recommend(engine)).backend).toBe('wasm');
    expect(engine.status()).toMatchObject({ state: 'ready', error: null });
  });
});

describe('engine: a sequence model beside the factors', () => {
  it.each<BackendName>(['wasm', 'webgpu', 'webgl'])('gives the list of the reference on %s, step by step', async (backend) => {
    const input = smallModelInput({ itemCount: 500 });
    const folder = await writeModelFolder({ ...input, sequences: [{ ...smallSequence(500), blendWeight: 0.6 }] }, sha256);
    const backends = { ...backendLoaders, webgpu: createWebGpuBackend, webgl: createWebGlBackend };
    const open = async (name: BackendName): Promise<Engine> => {
      await clearStorage();
      return openEngine(new FolderServer(folder), {
        config: { backend: name, history: { mode: 'memory', maxEntries: 99, maxAgeDays: 9 } },
        environment: { backends },
      });
    };
    const [engine, reference] = [await open(backend), await open('cpu')];
    for (const id of ['i7', 'i40', 'i41']) {
      await record(engine, id);
      await record(reference, id);
      const [list, expected] = [await recommend(engine), await recommend(reference)];
      expect(list).toMatchObject({ backend, strategy: 'blended' });
      expect(list.items).toEqual(expected.items);
    }
  });

  it('asks for the code of sequence models beside the first files, and only for a folder that has one', async () => {
    const input = smallModelInput({ itemCount: 500 });
    const withSequence = new FolderServer(await writeModelFolder({ ...input, sequences: [smallSequence(500)] }, sha256));
    const asked: string[][] = [];
    const { rooms: given } = browserEnvironment();
    const rooms = {
      ...given,
      sequence: () => {
        asked.push([...withSequence.requests]);
        return given.sequence();
      },
    };
    await openEngine(await serve(), { environment: { rooms } });
    expect(asked).toEqual([]);
    await clearStorage();
    await openEngine(withSequence, { environment: { rooms } });
    expect(asked).toEqual([['manifest.json']]);
  });

  it('says what is wrong with a sequence model that cannot be', async () => {
    const input = smallModelInput({ itemCount: 500 });
    const folder = await writeModelFolder({ ...input, sequences: [smallSequence(500)] }, sha256);
    const server = new FolderServer(folder);
    const edit = (change: (config: { itemCount: number; input: string }) => void) =>
      server.replies.set('manifest.json', (bytes) => {
        const manifest = JSON.parse(new TextDecoder().decode(bytes)) as { sequences: [{ config: { itemCount: number; input: string } }] };
        change(manifest.sequences[0].config);
        return JSON.stringify(manifest);
      });
    edit((config) => (config.itemCount = 501));
    expect(await errorCodeOf(openEngine(server))).toEqual(['artifact/bad-manifest', 'sequences[0].config.itemCount']);
    edit((config) => (config.input = 'separate'));
    expect(await errorCodeOf(openEngine(server))).toEqual(['artifact/bad-manifest', 'sequences[0].inputShards']);
  });
});

/** Code and field, whichever of the worker's files the error comes from. */
async function errorCodeOf(work: Promise<unknown>): Promise<unknown[]> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  return isRecommenderError(error) ? [error.code, error.details.field] : [error];
}
