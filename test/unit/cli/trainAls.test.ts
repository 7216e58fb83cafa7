import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModel } from '../../../src/cli/evaluation/openModels.js';
import { PlainSolver } from '../../../src/cli/trainers/als/plainSolver.js';
import { toSparseRows } from '../../../src/cli/trainers/toSparseRows.js';
import { readRow } from '../../../src/core/kernels/itemMatrix.js';
import { EVENT_NAMES } from '../../../src/core/types.js';
import type { EventName, HistoryEntry } from '../../../src/core/types.js';
import { deriveUserState } from '../../../src/core/userState.js';
import { seededRandom } from '../../../src/cli/trainers/seededRandom.js';
import { cli, NOW_MS, temporaryFile, temporaryFolder } from './captureIo.js';

const newOut = (): string => join(temporaryFolder(), 'model');
const io = { now: () => NOW_MS, fetch: globalThis.fetch, env: {}, signal: new AbortController().signal } as unknown as Parameters<
  typeof openModel
>[1];

interface MadeEvent {
  readonly user: number;
  readonly item: number;
  readonly event: EventName;
  readonly timeMs: number;
}

/** Shoppers who keep to one of four groups of items, a few of them mad about one item. */
function makeEvents(userCount = 60, itemCount = 40): MadeEvent[] {
  const random = seededRandom(5);
  const kinds: EventName[] = ['view_item', 'view_item', 'add_to_cart', 'purchase', 'remove_from_cart'];
  return Array.from({ length: userCount * 12 }, (_, at) => {
    const user = Math.floor(at / 12);
    const item = at % 12 < 9 || user % 5 > 0 ? 4 * Math.floor((itemCount / 4) * random()) + (user % 4) : user % 4;
    const event = user % 5 === 0 && at % 12 >= 9 ? 'purchase' : kinds[Math.floor(kinds.length * random())]!;
    return { user, item, event, timeMs: Date.UTC(2026, 0, 1) + 60_000 * at };
  });
}

function toCsv(events: readonly MadeEvent[], hasNames = true): string {
  const lines = events.map(({ user, item, event, timeMs }) => `u${user},i${item},${timeMs}${hasNames ? `,${event}` : ''}`);
  return `user_id,item_id,timestamp${hasNames ? ',event_name' : ''}\n${lines.join('\n')}\n`;
}

const train = async (csv: string, ...args: string[]) => {
  const out = newOut();
  const figures = join(dirname(out), 'figures.json');
  const run = await cli(['train', temporaryFile('events.csv', csv), '--out', out, '--json', figures, ...args]);
  expect(run.code, run.stderr).toBe(0);
  return { out, stdout: run.stdout, figures: JSON.parse(readFileSync(figures, 'utf8')) };
};

describe('the page after shelfmate train', () => {
  it.each([true, false])('folds a shopper in as the training solved the row, events with names: %s', async (hasNames) => {
    const events = makeEvents();
    const { out } = await train(toCsv(events, hasNames), '--dtype', 'float32', '--factors', '8', '--no-evaluate');
    const { catalog, factors, manifest } = await openModel(out, io);
    const { training } = manifest.models[0]!;
    const rows = toSparseRows(
      {
        userCount: 60,
        itemCount: catalog.itemCount,
        offsets: Uint32Array.from({ length: 61 }, (_, user) => 12 * user),
        items: Uint32Array.from(events, ({ item }) => catalog.indexOf(`i${item}`)!),
        timesMs: Float64Array.from(events, ({ timeMs }) => timeMs),
        kinds: Uint8Array.from(events, ({ event }) => EVENT_NAMES.indexOf(event)),
      },
      hasNames,
    );
    expect(Math.max(...rows.values)).toBe(hasNames ? 20 : 1);
    const items = new Float32Array(catalog.itemCount * 8);
    for (let row = 0; row < catalog.itemCount; row++) readRow(factors.matrix, row, items.subarray(8 * row, 8 * row + 8));
    const solver = new PlainSolver(rows, {
      factors: 8,
      epochs: 1,
      seed: 1,
      regularization: training!['regularization']!,
      unobservedWeight: training!['unobservedWeight']!,
      nu: training!['nu']!,
    });
    solver.setItems(items);
    await solver.solve('users', () => Promise.resolve());
    const { users } = solver.factors();
    for (let user = 0; user < 60; user++) {
      // Without names in the events every event counts alike, also those that take something away.
      const history = events
        .filter((event) => event.user === user && (hasNames || event.event !== 'remove_from_cart'))
        .map(({ item, event, timeMs }): HistoryEntry => ({ itemId: `i${item}`, event, timeMs, quantity: 1 }));
      const all = new Set(events.filter((event) => event.user === user).map(({ item }) => item)).size;
      if (!hasNames && new Set(history.map(({ itemId }) => itemId)).size < all) continue;
      const vector = deriveUserState(factors, history, catalog)!.vector;
      for (let j = 0; j < 8; j++) expect(vector[j]).toBeCloseTo(users[8 * user + j]!, 5);
    }
  });
});

describe('shelfmate train --from', () => {
  it('goes on from the rows of the folder, says what is new and gone, and is a later revision whatever the clock says', async () => {
    const events = makeEvents();
    const first = await train(toCsv(events.filter(({ item }) => item !== 39)), '--factors', '8', '--created-at', '2026-05-01');
    const next = await train(toCsv(events.filter(({ item }) => item > 1)), '--from', first.out, '--created-at', '2026-01-01');
    expect(next.stdout).toMatch(/Going on from\s+.*37 items known, 1 new, 2 gone/);
    expect(next.figures.training).toMatchObject({ factors: 8, epochs: 3, regularization: 0.01 });
    expect(next.figures.revision > first.figures.revision).toBe(true);
  });

  it('is nearer to the end of the training after one epoch than a start at random', async () => {
    const csv = toCsv(makeEvents());
    const long = await train(csv, '--factors', '8', '--epochs', '30', '--no-evaluate', '--dtype', 'float32');
    const warm = await train(csv, '--from', long.out, '--epochs', '1', '--no-evaluate', '--dtype', 'float32');
    const cold = await train(csv, '--factors', '8', '--epochs', '1', '--no-evaluate', '--dtype', 'float32');
    const target = await cosines(long.out);
    const difference = (a: number[]): number => Math.max(...a.map((value, at) => Math.abs(value - target[at]!)));
    expect(difference(await cosines(warm.out))).toBeLessThan(0.1 * difference(await cosines(cold.out)));
  });

  it.each([
    [['--factors', '16'], 2, /--factors 16 cannot go on from .* which has 8/],
    [['--tune', '1'], 2, /choose one of them/],
    [['--model', 'gru'], 2, /--model gru does not rank/],
  ])('refuses %j', async (args, code, message) => {
    const csv = toCsv(makeEvents());
    const { out } = await train(csv, '--factors', '8', '--no-evaluate');
    const refused = await cli(['train', temporaryFile('events.csv', csv), '--out', newOut(), '--from', out, ...args]);
    expect(refused).toMatchObject({ code });
    expect(refused.stderr).toMatch(message);
  });

  it('refuses a folder that has none of the items', async () => {
    const { out } = await train(toCsv(makeEvents()), '--factors', '8', '--no-evaluate');
    const others = toCsv(makeEvents()).replaceAll(/,i(?=\d)/g, ',other-');
    const refused = await cli(['train', temporaryFile('events.csv', others), '--out', newOut(), '--from', out]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('None of the items') });
  });
});

describe('shelfmate train --tune-trials', () => {
  const args = ['--tune-trials', '12', '--factors', '8'];

  it('gives the same settings again, records them in the folder, and prints them as options', async () => {
    const csv = toCsv(makeEvents());
    const [first, again] = [await train(csv, ...args), await train(csv, ...args)];
    expect(again.figures.tuning).toEqual(first.figures.tuning);
    expect(first.figures.tuning.trials).toHaveLength(12);
    const { options } = first.figures.tuning.best;
    expect((await openModel(first.out, io)).manifest.models[0]!.training).toEqual(options);
    const flags = /--factors \d.* --nu \S+/.exec(first.stdout)![0].split(' ');
    const repeated = await train(csv, ...flags);
    expect(repeated.figures.training).toMatchObject(options);
    expect(repeated.figures.evaluation).toEqual(first.figures.evaluation);
  });

  it('never finds worse than the settings it starts from', async () => {
    const { tuning } = (await train(toCsv(makeEvents()), ...args, '--no-evaluate')).figures;
    expect(tuning.best.ndcgAt10).toBeGreaterThanOrEqual(tuning.trials[0].ndcgAt10);
  });

  it("is blind to each shopper's newest item, which is the test's", async () => {
    const events = makeEvents();
    const newest = (at: number): boolean => at % 12 === 11;
    // The last event of a shopper is on an item that the shopper has not met; which one is all that differs.
    const changed = (shift: number): string =>
      toCsv(events.map((event, at) => (newest(at) ? { ...event, event: 'view_item', item: 100 + ((event.user + shift) % 20) } : event)));
    const settings = ['--unobserved-weight', '0.1', ...args, '--no-evaluate'];
    const [one, other] = [await train(changed(0), ...settings), await train(changed(7), ...settings)];
    expect(other.figures.tuning.trials[0]).toEqual(one.figures.tuning.trials[0]);
  });

  it('says so where nobody has three items', async () => {
    const refused = await cli(['train', temporaryFile('events.csv', 'user,item\na,x\na,y\nb,x\nb,y\n'), '--out', newOut(), ...args]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing to tune on') });
  });
});

/** Cosines of the first items with all: what does not depend on the basis. Items in the order of their ids. */
async function cosines(out: string): Promise<number[]> {
  const { catalog, factors } = await openModel(out, io);
  const row = (item: number): Float32Array => readRow(factors.matrix, catalog.indexOf(`i${item}`)!, new Float32Array(8));
  const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, j) => sum + value * b[j]!, 0);
  return Array.from({ length: 160 }, (_, at) => {
    const [a, b] = [row(at % 4), row(Math.floor(at / 4))];
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  });
}
