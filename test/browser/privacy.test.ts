import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryExport, ImportResult } from '../../src/core/privacy/historyExport.js';
import type { PrivacyRequest } from '../../src/core/privacy/privacyRequests.js';
import type { EngineConfig, EngineNotice } from '../../src/core/protocol.js';
import { Engine } from '../../worker/engine.js';
import { browserEnvironment } from '../../worker/engineEnvironment.js';
import { clearStorage, clearStorageOf } from '../fixtures/clearStorage.js';
import { smallFolder } from '../fixtures/smallModel.js';

const MODEL_URL = 'https://shop.example/model/';
const engines: Engine[] = [];

async function openEngine(config: Partial<EngineConfig> = {}, notices: EngineNotice[] = []): Promise<Engine> {
  const folder = await smallFolder({ itemCount: 500 });
  const engine = new Engine({
    ...browserEnvironment(),
    fetch: async (input) => new Response(folder.files.find(({ path }) => String(input) === MODEL_URL + path)?.bytes ?? null),
  });
  engines.push(engine);
  await engine.open(
    { modelUrl: MODEL_URL, backend: 'wasm', history: { mode: 'persistent', maxEntries: 1000, maxAgeDays: 180 }, language: 'en', ...config },
    (notice) => notices.push(notice),
  );
  return engine;
}

const record = (engine: Engine, itemId: string) => engine.call(1, 'record', { event: 'view_item', items: [{ item_id: itemId }] });
const ask = <T = null>(engine: Engine, request: PrivacyRequest) => engine.call(2, 'privacy', request) as Promise<T>;
const itemIds = async (engine: Engine): Promise<string[]> =>
  (await engine.call(3, 'listHistory', { limit: null })).map(({ itemId }) => itemId);
/** A list without what differs from call to call: its id and its time. */
const listText = async (engine: Engine): Promise<string> =>
  JSON.stringify({ ...(await engine.call(4, 'recommend', { limit: 50 })), recommId: '', tookMs: 0 });

/** Names of everything of ours on this origin. */
async function stored(): Promise<string[]> {
  const names = (await indexedDB.databases()).map(({ name }) => `database ${name}`);
  const root = (await navigator.storage.getDirectory()) as FileSystemDirectoryHandle & { keys(): AsyncIterable<string> };
  for await (const name of root.keys()) names.push(`folder ${name}`);
  for (const name of Object.keys(localStorage)) names.push(`localStorage ${name}`);
  return names.filter((name) => name.includes('shelfmate')).sort();
}

async function clearAll(): Promise<void> {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  await clearStorage();
  for (const name of ['shelfmate-ana', 'shelfmate-ben']) await clearStorageOf(name);
}
beforeEach(clearAll);
afterEach(clearAll);

describe('consent', () => {
  it('pending: nothing is stored, and events are used', async () => {
    const engine = await openEngine({ consent: 'pending' });
    const cold = await listText(engine);
    expect(await record(engine, 'i7')).toEqual({ storage: 'memory', entries: 1 });
    expect(await itemIds(engine)).toEqual(['i7']);
    expect(await listText(engine)).not.toBe(cold);
    expect(await stored()).toEqual([]);
  });

  it('granted: what was recorded while it was pending is stored', async () => {
    const engine = await openEngine({ consent: 'pending' });
    await record(engine, 'i7');
    const recording = record(engine, 'i8');
    await ask(engine, { kind: 'consent', consent: 'granted' });
    await recording;
    expect((await record(engine, 'i9')).storage).not.toBe('memory');
    expect(await itemIds(await openEngine())).toEqual(['i9', 'i8', 'i7']);
  });

  it('denied: what is pending is dropped, what is stored is deleted, nothing is recorded', async () => {
    const engine = await openEngine();
    const cold = await listText(engine);
    await record(engine, 'i7');
    expect(await stored()).toEqual(['database shelfmate']); // Pages have no mirror, workers do: test/e2e.
    await ask(engine, { kind: 'consent', consent: 'denied' });
    expect(await stored()).toEqual([]);
    expect(await record(engine, 'i8')).toEqual({ storage: 'memory', entries: 0 });
    expect(await itemIds(engine)).toEqual([]);
    expect(await listText(engine)).toBe(cold);
    expect(engine.status().history.mode).toBe('off');
    const pending = await openEngine({ consent: 'pending' });
    await record(pending, 'i9');
    await ask(pending, { kind: 'consent', consent: 'denied' });
    await ask(pending, { kind: 'consent', consent: 'granted' });
    expect(await itemIds(pending)).toEqual([]);
  });

  it('reaches other tabs', async () => {
    const [one, notices] = [await openEngine(), [] as EngineNotice[]];
    const other = await openEngine({}, notices);
    await record(other, 'i7');
    await ask(one, { kind: 'consent', consent: 'denied' });
    await expect
      .poll(() => notices.findLast(({ kind }) => kind === 'privacy'))
      .toEqual({ kind: 'privacy', consent: 'denied', profile: '' });
    expect(await itemIds(other)).toEqual([]);
    expect(await record(other, 'i8')).toEqual({ storage: 'memory', entries: 0 });
    expect(await stored()).toEqual([]);
  });
});

describe('profiles', () => {
  it('never mix, in memory, on disk or between tabs', async () => {
    const [ana, ben, guest] = [await openEngine({ profile: 'ana' }), await openEngine({ profile: 'ben' }), await openEngine()];
    await Promise.all([record(ana, 'i1'), record(ben, 'i2'), record(guest, 'i3')]);
    expect([await itemIds(ana), await itemIds(ben), await itemIds(guest)]).toEqual([['i1'], ['i2'], ['i3']]);
    await guest.call(5, 'forget', 'all');
    expect([await itemIds(ana), await itemIds(ben), await itemIds(guest)]).toEqual([['i1'], ['i2'], []]);
    expect(await itemIds(await openEngine({ profile: 'ana' }))).toEqual(['i1']);
  });

  it('leave no residue in memory on logout, and come back on login', async () => {
    const engine = await openEngine();
    const cold = await listText(engine);
    await ask(engine, { kind: 'profile', profile: 'ana' });
    await record(engine, 'i1');
    expect(await listText(engine)).not.toBe(cold);
    await ask(engine, { kind: 'profile', profile: '' });
    expect(await itemIds(engine)).toEqual([]);
    expect(await listText(engine)).toBe(cold);
    await ask(engine, { kind: 'profile', profile: 'ana' });
    expect(await itemIds(engine)).toEqual(['i1']);
  });
});

describe('export and import', () => {
  it('are a round trip, and importing twice adds nothing', async () => {
    const engine = await openEngine();
    for (const id of ['i1', 'i2', 'i3']) await record(engine, id);
    const warm = await listText(engine);
    const file = await ask<HistoryExport>(engine, { kind: 'export' });
    await ask(engine, { kind: 'erase' });
    expect(await itemIds(engine)).toEqual([]);
    expect(await ask<ImportResult>(engine, { kind: 'import', file: JSON.stringify(file) })).toEqual({ added: 3, skipped: 0 });
    expect(await ask<ImportResult>(engine, { kind: 'import', file })).toEqual({ added: 0, skipped: 3 });
    expect(await listText(engine)).toBe(warm);
    expect((await ask<HistoryExport>(await openEngine(), { kind: 'export' })).history).toEqual(file.history);
  });

  it('keep what is too old out, and refuse what is no export with a typed error', async () => {
    const engine = await openEngine();
    const entry = { id: 'a', timeMs: 5, event: 'view_item', itemId: 'i1', quantity: 1 };
    const file = {
      format: 'shelfmate-export',
      version: 1,
      exportedAtMs: 7,
      profile: 'x',
      history: [entry, { ...entry, id: 'b', timeMs: 8e15 }],
    };
    const before = Date.now();
    expect(await ask<ImportResult>(engine, { kind: 'import', file })).toEqual({ added: 1, skipped: 1 });
    const [kept] = await engine.call(3, 'listHistory', { limit: null });
    expect(kept!.timeMs).toBeGreaterThanOrEqual(before);
    expect(kept!.timeMs).toBeLessThanOrEqual(Date.now());
    await expect(ask(engine, { kind: 'import', file: '<!doctype html>' })).rejects.toMatchObject({ code: 'input/bad-file' });
  });
});

describe('erase', () => {
  it('leaves every tab with the lists of a cold start, byte for byte', async () => {
    const engineOf = async (profile: string) => {
      const engine = await openEngine({ profile });
      return { engine, cold: await listText(engine) };
    };
    const tabs = [await engineOf(''), await engineOf(''), await engineOf('ana')];
    for (const [at, { engine }] of tabs.entries()) await record(engine, `i${at + 1}`);
    await expect.poll(() => itemIds(tabs[0]!.engine)).toHaveLength(2);
    for (const { engine, cold } of tabs) expect(await listText(engine)).not.toBe(cold);
    await ask(tabs[0]!.engine, { kind: 'erase' });
    for (const { engine, cold } of tabs) await expect.poll(() => listText(engine)).toBe(cold);
    for (const profile of ['', 'ana']) expect(await listText(await openEngine({ profile }))).toBe(tabs[0]!.cold);
    for (const { engine } of tabs) expect(await itemIds(engine)).toEqual([]);
  });

  it('holds against events that are being written in another tab', async () => {
    const [one, other] = [await openEngine(), await openEngine()];
    for (const id of ['i1', 'i2', 'i3', 'i4']) void record(other, id);
    await ask(one, { kind: 'erase' });
    await record(one, 'i9');
    await expect.poll(() => itemIds(other)).toEqual(['i9']);
    expect(await itemIds(one)).toEqual(['i9']);
    expect(await itemIds(await openEngine())).toEqual(['i9']);
  });
});
