import { createCpuBackend } from '../../src/core/kernels/topK.cpu.js';
import { sequenceRoom } from '../../worker/sequence.js';
import { deliveryRoom } from '../../worker/delivery.js';
import type { EngineEnvironment } from '../../worker/engineEnvironment.js';
import { Engine } from '../../worker/engine.js';
import { historyRoom } from '../../worker/history.js';
import { makeFolder, makeKeys } from './deliveryFolders.js';
import { MemoryDatabase } from './memoryDatabase.js';
import { between } from './scenario.js';

/** What a server does to an update. `self-test` and `non-finite` arrive whole: the folder itself is bad. */
export const DELIVERY_FAULTS = [
  'cut',
  'short-200',
  'flipped',
  'html-200',
  '404',
  '500',
  'stalled',
  'old-manifest',
  'wrong-signature',
  'self-test',
  'non-finite',
] as const;
export type DeliveryFault = (typeof DELIVERY_FAULTS)[number];

export const MODEL_URL = 'https://shop.example/model/';
const STALL_MS = 4;
const HTML = '<!doctype html><title>Not found</title>';

export interface DeliveryFigures {
  readonly updates: number;
  /** A revision served that must not. */
  readonly badActivations: number;
  /** Lists asked for, during and after each update, and after each restart; and those that were not answered whole. */
  readonly lists: number;
  readonly unserved: number;
  readonly restarts: number;
  readonly evictions: number;
  /** Good updates among the faulty ones, and how many of them were not taken. */
  readonly goodUpdates: number;
  readonly goodMissed: number;
  readonly maxRevisionsKept: number;
  readonly [outcome: string]: number;
}

/** An engine's surroundings in Node, on the plain JavaScript backend. */
export function deliveryEnvironment(database: MemoryDatabase, fetchUrl: typeof fetch, idOf: () => string): EngineEnvironment {
  const refuse = (): never => {
    throw new Error('no such backend here');
  };
  return {
    fetch: fetchUrl,
    nowMs: () => 1_800_000_000_000,
    clockMs: () => 0,
    randomId: idOf,
    openDatabase: async () => database.asDatabase(),
    backends: { wasm: refuse, webgpu: refuse, webgl: refuse, cpu: async () => createCpuBackend() },
    rooms: {
      sequence: async () => sequenceRoom,
      tuning: refuse,
      strategies: refuse,
      network: refuse,
      history: async () => historyRoom,
      delivery: async () => deliveryRoom,
      users: refuse,
      privacy: refuse,
    },
    whenIdle: () => Promise.resolve(),
    stallMs: STALL_MS,
  };
}

/**
 * Serves faulty updates to an engine, one after the other, over a store that loses files now and then and a page that is left and opened
 * again. Good updates come in between, so that there is always something new to lose.
 */
export async function runDelivery(updates: number, random: () => number, onProgress: (done: number) => void): Promise<DeliveryFigures> {
  const keys = await makeKeys();
  const strangers = await makeKeys();
  const database = new MemoryDatabase();
  const counts: Record<string, number> = {};
  const total = {
    updates: 0,
    badActivations: 0,
    lists: 0,
    unserved: 0,
    restarts: 0,
    evictions: 0,
    goodUpdates: 0,
    goodMissed: 0,
    maxRevisionsKept: 0,
  };
  let second = 1;
  let good = await makeFolder(second);
  let older = await keys.sign(good);
  let offered = older;
  let answer: (path: string, signal: AbortSignal) => Promise<Response> = async (path) => respond(offered.get(path));
  const fetchUrl: typeof fetch = (url, init) => answer(String(url).slice(MODEL_URL.length), init!.signal!);
  let ids = 0;
  const open = async (): Promise<Engine> => {
    const engine = new Engine(deliveryEnvironment(database, fetchUrl, () => `id${ids++}`));
    await engine.open(
      {
        modelUrl: MODEL_URL,
        backend: 'cpu',
        history: { mode: 'memory', maxEntries: 10, maxAgeDays: 10 },
        language: 'en',
        update: 'manual',
        publicKey: keys.publicKey,
      },
      () => {},
    );
    return engine;
  };
  let engine = await open();
  await engine.call(0, 'changeModel', { kind: 'update' });
  let allowed = new Set([good.manifest.revision]);
  const list = async (): Promise<void> => {
    total.lists++;
    const answered = await engine.call(1, 'recommend', { limit: 5 }).catch(() => null);
    if (answered?.items.length !== 5) total.unserved++;
    if (answered && !allowed.has(answered.modelRevision)) total.badActivations++;
  };
  for (; total.updates < updates; total.updates++) {
    second++;
    const fault = DELIVERY_FAULTS[Math.floor(random() * DELIVERY_FAULTS.length)]!;
    const isBroken = fault === 'self-test' || fault === 'non-finite' ? fault : null;
    const next = await makeFolder(second, isBroken);
    const files = await (fault === 'wrong-signature' ? strangers : keys).sign(next);
    const paths = [...files.keys()];
    const target = random() < 0.3 ? 'manifest.json' : paths[Math.floor(random() * (paths.length - 1))]!;
    offered = fault === 'old-manifest' ? older : files;
    answer = async (path, signal) => (path === target ? spoil(fault, offered.get(path), signal, random) : respond(offered.get(path)));
    // Gone from the server, as after a new upload: only the device has the active one.
    const updating = engine.call(2, 'changeModel', { kind: 'update' });
    await list();
    const { outcome } = await updating;
    counts[`${fault}: ${outcome}`] = (counts[`${fault}: ${outcome}`] ?? 0) + 1;
    await list();
    if (random() < 0.1) {
      await engine.close();
      engine = await open();
      total.restarts++;
      await list();
    }
    if (random() < 0.1) {
      second++;
      const fresh = await makeFolder(second);
      offered = await keys.sign(fresh);
      answer = async (path) => respond(offered.get(path));
      // The store may lose a file while the update is under way.
      if (random() < 0.5) {
        database.evict(random);
        total.evictions++;
      }
      total.goodUpdates++;
      allowed = new Set([good.manifest.revision, fresh.manifest.revision]);
      const updatingWell = engine.call(2, 'changeModel', { kind: 'update' });
      await list();
      if ((await updatingWell).outcome !== 'updated') total.goodMissed++;
      older = await keys.sign(good);
      good = fresh;
      allowed = new Set([good.manifest.revision]);
      await list();
      total.maxRevisionsKept = Math.max(total.maxRevisionsKept, revisionsKept(database));
    }
    if (total.updates % 500 === 0) onProgress(total.updates);
  }
  await engine.close();
  return { ...total, ...counts };
}

function respond(bytes: Uint8Array | undefined): Response {
  return bytes ? new Response(bytes.slice()) : new Response(HTML, { status: 404 });
}

function spoil(fault: DeliveryFault, bytes: Uint8Array | undefined, signal: AbortSignal, random: () => number): Response {
  if (!bytes) return respond(bytes);
  const part = bytes.slice(0, between(random, 0, bytes.length));
  switch (fault) {
    case 'cut':
      return new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            if (part.length > 0) controller.enqueue(part);
          },
          pull: (controller) => controller.error(new TypeError('network error')),
        }),
      );
    case 'stalled':
      return new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            if (part.length > 0) controller.enqueue(part);
            signal.addEventListener('abort', () => controller.error(signal.reason));
          },
        }),
      );
    case 'short-200':
      return new Response(part);
    case 'flipped': {
      const flipped = bytes.slice();
      flipped[between(random, 0, flipped.length)]! ^= 1 << between(random, 0, 8);
      return new Response(flipped);
    }
    case 'html-200':
      return new Response(HTML);
    case '404':
    case '500':
      return new Response(HTML, { status: Number(fault) });
    default:
      return respond(bytes);
  }
}

/** Revisions that are on the device whole. */
function revisionsKept(database: MemoryDatabase): number {
  const row = database.stores.get('models')?.get(MODEL_URL);
  return [row?.['manifest'], row?.['previous']].filter(Boolean).length;
}
