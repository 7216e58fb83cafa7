import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ModelChange } from '../../../src/core/protocol.js';
import type { ModelUpdate } from '../../../src/core/types.js';
import { Engine } from '../../../worker/engine.js';
import { makeFolder } from '../../faults/deliveryFolders.js';
import { MODEL_URL, deliveryEnvironment } from '../../faults/deliveryRun.js';
import { MemoryDatabase } from '../../faults/memoryDatabase.js';

type Files = ReadonlyMap<string, Uint8Array>;
interface Published {
  readonly revision: string;
  readonly files: Files;
}

let first: Published;
let second: Published;
let third: Published;
let offered: Files | null;
let database: MemoryDatabase;
let calls = 0;

beforeAll(async () => {
  [first, second, third] = (await Promise.all([1, 2, 3].map(publish))) as [Published, Published, Published];
});
beforeEach(() => {
  database = new MemoryDatabase();
  offered = first.files;
});

async function publish(at: number): Promise<Published> {
  const { manifest, files } = await makeFolder(at);
  return { revision: manifest.revision, files: new Map(files.map(({ path, bytes }) => [path, bytes])) };
}

/** A page: an engine on the device's database. */
async function open(): Promise<Engine> {
  const fetchUrl: typeof fetch = async (url) => {
    if (!offered) throw new TypeError('no network');
    const bytes = offered.get(String(url).slice(MODEL_URL.length));
    return new Response(bytes?.slice(), { status: bytes ? 200 : 404 });
  };
  const engine = new Engine(deliveryEnvironment(database, fetchUrl, () => `id${calls++}`));
  const history = { mode: 'memory', maxEntries: 10, maxAgeDays: 10 } as const;
  await engine.open({ modelUrl: MODEL_URL, backend: 'cpu', history, language: 'en', update: 'manual' }, () => {});
  return engine;
}

function change(engine: Engine, to: ModelChange, eventId = `00000000${calls++}-a`): Promise<ModelUpdate> {
  return engine.call(calls++, 'changeModel', to, null, eventId);
}

const serving = (engine: Engine): string | null => engine.status().delivery.active;

describe('revisions of the model', () => {
  it('do not come back by themselves once they were rolled back by hand, but by name, or with the next one', async () => {
    const engine = await open();
    offered = second.files;
    expect(await change(engine, { kind: 'update' })).toMatchObject({ outcome: 'updated' });
    expect(await change(engine, { kind: 'rollback' })).toMatchObject({ outcome: 'rolled-back', revision: first.revision });
    expect(await change(engine, { kind: 'update' })).toMatchObject({ outcome: 'refused', revision: second.revision });
    await change(engine, { kind: 'pin', revision: second.revision });
    expect(serving(engine)).toBe(second.revision);
    await change(engine, { kind: 'pin', revision: null });
    offered = third.files;
    expect(await change(engine, { kind: 'update' })).toMatchObject({ outcome: 'updated' });
    expect(serving(engine)).toBe(third.revision);
  });

  it('come back after a pin of the one before is let go', async () => {
    const engine = await open();
    offered = second.files;
    await change(engine, { kind: 'update' });
    await change(engine, { kind: 'pin', revision: first.revision });
    expect(await change(engine, { kind: 'update' })).toMatchObject({ outcome: 'held' });
    await change(engine, { kind: 'pin', revision: null });
    expect(await change(engine, { kind: 'update' })).toMatchObject({ outcome: 'updated', revision: second.revision });
  });

  it('are not condemned for a file that the browser dropped while the network was away', async () => {
    const before = await open();
    offered = second.files;
    await change(before, { kind: 'update' });
    await before.close();
    const { manifest } = await makeFolder(2);
    const shard = manifest.files.find(({ path }) => path === manifest.models[0]!.shards[0]!.path)!;
    expect(database.stores.get('files')!.delete(shard.sha256)).toBe(true);
    offered = null;
    const away = await open();
    expect(serving(away)).toBe(first.revision);
    offered = second.files;
    expect(await change(away, { kind: 'update' })).toMatchObject({ outcome: 'updated', revision: second.revision });
  });

  it('change once for a call that comes again', async () => {
    const engine = await open();
    offered = second.files;
    await change(engine, { kind: 'update' });
    const told = await change(engine, { kind: 'rollback' }, '000000001-again');
    expect(await change(engine, { kind: 'rollback' }, '000000001-again')).toEqual(told);
    expect(serving(engine)).toBe(first.revision);
  });

  it('stay pinned when another tab that did not hear of it looks for an update', async () => {
    const [one, other] = [await open(), await open()];
    await change(one, { kind: 'pin', revision: first.revision });
    offered = second.files;
    expect(await change(other, { kind: 'update' })).toMatchObject({ outcome: 'held' });
    expect(other.status().delivery.pinned).toBe(first.revision);
  });
});
