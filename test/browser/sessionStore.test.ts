import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SequenceReader } from '../../src/core/artifact/readSequence.js';
import type { ModelFolder } from '../../src/core/artifact/writeModelFolder.js';
import type { RecommendationList } from '../../src/core/types.js';
import { Database } from '../../worker/database.js';
import type { EngineEnvironment } from '../../worker/engineEnvironment.js';
import { Engine } from '../../worker/engine.js';
import { browserEnvironment } from '../../worker/engineEnvironment.js';
import { commit } from '../../worker/historyRows.js';
import type { StoredSession } from '../../worker/sessionStore.js';
import { putSession } from '../../worker/sessionStore.js';
import { clearStorage } from '../fixtures/clearStorage.js';
import { smallSequenceFolder } from '../fixtures/smallSequence.js';

const MODEL_URL = 'https://shop.example/model/';
/** Longer than a write rests and takes, on a busy machine too. */
const LONG_MS = 1_000;
const BOUNDS = { maxEntries: 100, oldestMs: 0 };

const closing: { close(): unknown }[] = [];

/** A page: an engine that counts the steps its sequence model runs. */
interface Page {
  readonly engine: Engine;
  readonly steps: () => number;
  readonly view: (...itemIds: string[]) => Promise<void>;
  readonly recommend: () => Promise<RecommendationList>;
}

async function openPage(folder: ModelFolder, mode: 'persistent' | 'memory' = 'persistent'): Promise<Page> {
  let steps = 0;
  const given = browserEnvironment();
  const sequence: EngineEnvironment['rooms']['sequence'] = async () => {
    const room = await given.rooms.sequence();
    return {
      ...room,
      allocate: (...described) => {
        const parts = room.allocate(...described);
        const reader = parts.reader as SequenceReader;
        const finish = reader.finish.bind(reader);
        reader.finish = (rows) => {
          const model = finish(rows);
          const step = model.step.bind(model);
          model.step = (state, item) => {
            steps++;
            return step(state, item);
          };
          return model;
        };
        return parts;
      },
    };
  };
  const fetch = async (input: RequestInfo | URL): Promise<Response> => {
    const file = folder.files.find(({ path }) => String(input) === MODEL_URL + path);
    return file ? new Response(new Uint8Array(file.bytes)) : new Response('', { status: 404 });
  };
  const engine = new Engine({ ...given, fetch, rooms: { ...given.rooms, sequence } });
  closing.push(engine);
  await engine.open(
    { modelUrl: MODEL_URL, backend: 'cpu', history: { mode, maxEntries: 1000, maxAgeDays: 180 }, language: 'en' },
    () => {},
  );
  const opened = steps; // The folder's known answers.
  return {
    engine,
    steps: () => steps - opened,
    view: async (...itemIds) => {
      for (const item_id of itemIds) await engine.call(1, 'record', { event: 'view_item', items: [{ item_id }] });
    },
    recommend: () => engine.call(2, 'recommend', { limit: 20 }),
  };
}

function openDatabase(): Database {
  const database = new Database();
  closing.push(database);
  return database;
}

const stored = (database: Database): Promise<StoredSession | undefined> => database.get('sessions', MODEL_URL);
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LONG_MS));

beforeEach(clearStorage);
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close();
});

describe('the state of a session, kept with the history', () => {
  it('is used after a reload: no step is run again, and the list is that of a replay', async () => {
    const folder = await smallSequenceFolder({ itemCount: 500 });
    const database = openDatabase();
    const first = await openPage(folder);
    await first.view('i7', 'i40', 'unknown', 'i41');
    const before = await first.recommend();
    expect(first.steps()).toBe(3);
    await expect.poll(async () => (await stored(database))?.entryCount).toBe(4);
    await first.engine.close();

    const reloaded = await openPage(folder);
    const after = await reloaded.recommend();
    expect(reloaded.steps()).toBe(0);
    expect(after).toMatchObject({ strategy: 'blended', items: before.items });

    await database.delete('sessions', MODEL_URL);
    const replayed = await openPage(folder);
    expect((await replayed.recommend()).items).toEqual(after.items);
    expect(replayed.steps()).toBe(3);

    await reloaded.view('i9');
    await replayed.view('i9');
    expect((await reloaded.recommend()).items.map(({ itemId }) => itemId)).not.toContain('i9');
    expect(reloaded.steps()).toBe(1);
  });

  it('is replayed after a reload with another model', async () => {
    const database = openDatabase();
    const first = await openPage(await smallSequenceFolder({ itemCount: 500 }));
    await first.view('i7', 'i40');
    await first.recommend();
    await expect.poll(() => stored(database)).toBeDefined();
    await first.engine.close();
    // The model on the device would serve; without it, the other one does.
    await database.delete('models', MODEL_URL);
    const replaced = await openPage(await smallSequenceFolder({ itemCount: 500, seed: 2 }));
    await replaced.recommend();
    expect(replaced.steps()).toBe(2);
  });

  it.each(['forget', 'clearHistory'] as const)('is gone when %s resolves, and no write under way brings it back', async (name) => {
    const database = openDatabase();
    const { engine, view, recommend } = await openPage(await smallSequenceFolder({ itemCount: 500 }));
    await view('i7', 'i40');
    await recommend();
    await expect.poll(() => stored(database)).toBeDefined();
    await view('i41');
    await recommend(); // A write is to come.
    if (name === 'forget') await engine.call(3, 'forget', { itemId: 'i40' });
    else await engine.call(3, 'clearHistory', null);
    expect(await database.count('sessions')).toBe(0);
    await rest();
    expect(await database.count('sessions')).toBe(0);
    await recommend(); // Of what is left, it is made anew.
    if (name === 'forget') await expect.poll(async () => (await stored(database))?.entryCount).toBe(2);
  });

  it('is gone when another tab forgets', async () => {
    const folder = await smallSequenceFolder({ itemCount: 500 });
    const database = openDatabase();
    const [here, there] = [await openPage(folder), await openPage(folder)];
    await here.view('i7', 'i40');
    await here.recommend();
    await expect.poll(() => stored(database)).toBeDefined();
    await here.view('i41');
    await here.recommend();
    await there.engine.call(3, 'forget', { itemId: 'i7' });
    expect(await database.count('sessions')).toBe(0);
    await rest();
    expect(await database.count('sessions')).toBe(0);
  });

  it('is stored by no page that keeps its history in memory', async () => {
    const database = openDatabase();
    const { view, recommend } = await openPage(await smallSequenceFolder({ itemCount: 500 }), 'memory');
    await view('i7');
    await recommend();
    await rest();
    expect(await database.count('sessions')).toBe(0);
  });
});

describe('putSession', () => {
  const entry = (n: number) => ({ id: `e${n}`, timeMs: n, event: 'view_item' as const, itemId: `i${n}`, quantity: 1 });
  const session = (modelUrl: string): StoredSession => ({
    modelUrl,
    revision: 'r',
    entryCount: 1,
    fingerprint: 1,
    state: { events: 1, values: Float32Array.of(0.5, Math.fround(0.1)), items: Int32Array.of(-1, 3) },
    savedAtMs: 5,
  });

  it('stores what comes back to the bit, and refuses a state of entries that are not on disk', async () => {
    const database = openDatabase();
    await commit(database, [{ add: [entry(1), entry(2)] }], BOUNDS, () => true);
    expect(await putSession(database, session(MODEL_URL), ['e1', 'e2'])).toBe(true);
    expect(await stored(database)).toEqual(session(MODEL_URL));
    await commit(database, [{ remove: { itemId: 'i1' } }], BOUNDS, () => true);
    expect(await putSession(database, session(MODEL_URL), ['e1', 'e2'])).toBe(false);
    expect(await stored(database)).toBeUndefined();
  });

  it('goes with an entry that is dropped for its age', async () => {
    const database = openDatabase();
    await commit(database, [{ add: [entry(1)] }], BOUNDS, () => true);
    await putSession(database, session(MODEL_URL), ['e1']);
    await commit(database, [{ add: [entry(9)] }], { ...BOUNDS, oldestMs: 5 }, () => true);
    expect(await database.count('sessions')).toBe(0);
  });

  it('keeps eight models at most', async () => {
    const database = openDatabase();
    for (let n = 0; n < 30; n++) {
      await putSession(database, session(`${MODEL_URL}${n}/`), []);
      expect(await database.count('sessions')).toBeLessThanOrEqual(8);
    }
    expect(await database.get('sessions', `${MODEL_URL}29/`)).toBeDefined();
  });
});
