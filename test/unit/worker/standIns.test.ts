import { expect, it } from 'vitest';
import { writeModelFolder } from '../../../src/core/artifact/writeModelFolder.js';
import type { EngineNotice } from '../../../src/core/protocol.js';
import type { RecommendationList } from '../../../src/core/types.js';
import type { EngineOnFolder } from '../../fixtures/openEngine.js';
import { openEngine } from '../../fixtures/openEngine.js';
import { sha256, smallModelInput } from '../../fixtures/smallModel.js';

const folder = await writeModelFolder(smallModelInput({ itemCount: 120 }), sha256);
const NOW_MS = Date.UTC(2026, 1, 2);
const eventId = (at: number): string => `${NOW_MS.toString(36).padStart(9, '0')}00000${at}-page`;

const popularOf = (notices: readonly EngineNotice[]): RecommendationList =>
  (notices.findLast(({ kind }) => kind === 'popular') as Extract<EngineNotice, { kind: 'popular' }>).list;
const ids = ({ items }: RecommendationList): string[] => items.map(({ itemId }) => itemId);
const dismiss = ({ engine }: EngineOnFolder, itemId: string) =>
  engine.call(1, 'record', { event: 'dismiss', items: [{ item_id: itemId }] });

it('the page has the popular list when the model is ready, the same whatever the shopper did', async () => {
  const opened = await openEngine(folder);
  const before = popularOf(opened.notices);
  expect(before).toMatchObject({ strategy: 'popular', scenario: 'default' });
  expect(before.items).toHaveLength(50);
  await opened.engine.call(1, 'record', { event: 'view_item', items: [{ item_id: before.items[0]!.itemId }] });
  expect(opened.notices.filter(({ kind }) => kind === 'changed')).toEqual([]);
  await opened.engine.call(2, 'forget', { itemId: before.items[0]!.itemId });
  expect(ids(popularOf(opened.notices))).toEqual(ids(before));
});

it('what was dismissed, or is sold out, stands in for nothing, until it is taken back', async () => {
  const opened = await openEngine(folder);
  const [first, second] = ids(popularOf(opened.notices)) as [string, string];
  await dismiss(opened, first);
  expect(ids(popularOf(opened.notices))).not.toContain(first);
  await opened.engine.call(2, 'strategies', { method: 'updateItems', items: [{ itemId: second, inStock: false }] });
  expect(ids(popularOf(opened.notices))).not.toContain(second);
  await opened.engine.call(3, 'forget', { itemId: first, event: 'dismiss' });
  expect(ids(popularOf(opened.notices))[0]).toBe(first);
  // Each time the page is told first to drop what it has kept.
  const kinds = opened.notices.map(({ kind }) => kind).filter((kind) => kind === 'changed' || kind === 'popular');
  expect(kinds).toEqual(['popular', 'changed', 'popular', 'changed', 'popular', 'changed', 'popular']);
});

it('the popular list speaks in the shop’s own words, and comes when the room that every list needs is there', async () => {
  const opened = await openEngine(folder, { texts: { popular: 'Beliebt' } });
  await expect.poll(() => opened.notices.some(({ kind }) => kind === 'popular')).toBe(true);
  expect(opened.roomsOpened()).toBe(1);
  expect(popularOf(opened.notices).items[0]!.reasons).toMatchObject([{ text: 'Beliebt' }]);
});

it('lists asked for after a change of the catalogue see it, though nobody waits for it', async () => {
  const { engine } = await openEngine(folder);
  const adding = engine.call(1, 'strategies', { method: 'addItems', items: [{ itemId: 'new', title: 'New' }] });
  const updating = engine.call(2, 'strategies', { method: 'updateItems', items: [{ itemId: 'new', price: 7 }] });
  const list = engine.call(3, 'recommend', { filter: { itemId: 'new' } });
  expect((await list).items.map(({ item }) => item.price)).toEqual([7]);
  expect(await Promise.all([adding, updating])).toEqual([
    { items: 1, ignored: [] },
    { items: 1, ignored: [] },
  ]);
});

it('a call that comes again under its name writes once', async () => {
  const { engine } = await openEngine(folder, {}, NOW_MS);
  const view = { event: 'view_item', items: [{ item_id: 'i7' }] } as const;
  for (let time = 0; time < 2; time++) {
    await engine.call(1, 'record', view, null, eventId(1));
    await engine.call(2, 'strategies', { method: 'recordImpressions', itemIds: ['i1', 'i2'] }, null, eventId(2));
  }
  const entries = await engine.call(3, 'listHistory', { limit: null });
  expect(entries.map(({ itemId, quantity }) => [itemId, quantity]).toSorted()).toEqual([
    ['i1', 1],
    ['i2', 1],
    ['i7', 1],
  ]);
});

it('the id that experiments drew stays when another worker takes over, and goes with the history', async () => {
  const experiments = [{ name: 'row', salt: '', arms: { a: { share: 1 }, b: { share: 1 } } }] as never;
  const first = await openEngine(folder, { experiments });
  await first.engine.call(1, 'recommend', {});
  const drawn = first.notices.find(({ kind }) => kind === 'device') as { deviceId: string };
  const next = await openEngine(folder, { experiments, deviceId: drawn.deviceId });
  await next.engine.call(1, 'recommend', {});
  expect(next.notices).toContainEqual(drawn);
  await next.engine.call(2, 'clearHistory', null);
  await next.engine.call(3, 'recommend', {});
  const later = next.notices.filter(({ kind }) => kind === 'device');
  expect(later).toHaveLength(2);
  expect(later[1]).not.toEqual(drawn);
});

it.each([
  ['no list', { method: 'list', strategy: 'popular', itemIds: 'i1', options: {} }],
  ['no such method', { method: 'constructor' }],
  ['no method', {}],
  ['a page of numbers', { method: 'page', shelves: [1], context: {} }],
  ['an item that is none', { method: 'explain', itemId: 7, strategy: null, itemIds: [], options: {} }],
])('the room refuses %s', async (_, request) => {
  const { engine } = await openEngine(folder);
  await expect(engine.call(1, 'strategies', request as never)).rejects.toMatchObject({ code: 'input/invalid' });
});
