import { describe, expect, it } from 'vitest';
import { RecommenderError } from '../../../src/core/errors.js';
import type { RecommendationList } from '../../../src/core/types.js';
import type { FallibleCall } from '../../../src/fallbackLists.js';
import { FallbackLists, kindOf } from '../../../src/fallbackLists.js';

const list = (...itemIds: string[]): RecommendationList => ({
  recommId: 'r',
  scenario: 'default',
  strategy: 'popular',
  modelRevision: '1',
  isPartial: false,
  backend: 'cpu',
  tookMs: 0,
  items: itemIds.map((itemId) => ({ itemId, score: 1, reasons: [], item: { itemId } })),
});
const ids = ({ items }: RecommendationList): string[] => items.map(({ itemId }) => itemId);
const never = (): Promise<never> => new Promise(() => {});
const failing = (code: 'worker/failed' | 'input/invalid' | 'call/closed') => () => Promise.reject(new RecommenderError(code, 'x'));

function withPopular(): FallbackLists {
  const lists = new FallbackLists();
  lists.popular = list('a', 'b', 'c', 'd');
  return lists;
}

const call = (options: Partial<FallibleCall> = {}): FallibleCall => ({ key: 'k', kind: '', ...options });

describe('fallback lists', () => {
  it('answers with the popular items, less what is excluded, when the worker is late', async () => {
    const late = await withPopular().answer(call({ limit: 2, exclude: ['a'], scenario: 'home' }), { timeoutMs: 1 }, never);
    expect(ids(late)).toEqual(['b', 'c']);
    expect(late).toMatchObject({ scenario: 'home', degraded: { reason: 'call/timeout' } });
    expect((await withPopular().answer(call(), {}, never)).degraded).toEqual({ reason: 'call/timeout' });
  });

  it('prefers the last answer of the same call, also one that came late', async () => {
    const lists = withPopular();
    let answerLate!: (late: RecommendationList) => void;
    const first = lists.answer(call(), { timeoutMs: 1 }, () => new Promise((resolve) => (answerLate = resolve)));
    expect(ids(await first)).toEqual(['a', 'b', 'c', 'd']);
    answerLate(list('mine'));
    await Promise.resolve();
    expect(ids(await lists.answer(call(), {}, failing('worker/failed')))).toEqual(['mine']);
    expect(ids(await lists.answer(call({ key: 'other' }), {}, failing('worker/failed')))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps nothing made from a history that was forgotten, nor what is still on its way then', async () => {
    const lists = withPopular();
    await lists.answer(call(), {}, async () => list('mine'));
    let answerLate!: (late: RecommendationList) => void;
    const underWay = lists.answer(call(), { timeoutMs: 1_000 }, () => new Promise((resolve) => (answerLate = resolve)));
    lists.forget();
    answerLate(list('mine'));
    await underWay;
    expect(ids(await lists.answer(call(), {}, failing('worker/failed')))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives the first list of a kind the time to load what it needs, and every later one its deadline', async () => {
    const lists = withPopular();
    const trending = call({ kind: 'trending' });
    const inTime = await Promise.race([lists.answer(trending, {}, never), new Promise((resolve) => setTimeout(resolve, 400, 'waits'))]);
    expect(inTime).toBe('waits');
    expect(ids(await lists.answer(trending, {}, async () => list('moving')))).toEqual(['moving']);
    expect(ids(await lists.answer({ ...trending, key: 'other' }, {}, never))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('shows nothing in place of what the shopper viewed', async () => {
    const late = await withPopular().answer(call({ kind: 'recentlyViewed' }), { timeoutMs: 1 }, never);
    expect(late).toMatchObject({ items: [], degraded: { reason: 'call/timeout' } });
  });

  it('keeps no list made with a filter function', async () => {
    const lists = withPopular();
    await lists.answer(call({ key: null, kind: 'rules' }), {}, async () => list('mine'));
    await expect(lists.answer(call({ key: null, kind: 'rules' }), {}, failing('worker/failed'))).rejects.toMatchObject({
      code: 'worker/failed',
    });
  });

  it.each(['input/invalid', 'call/closed'] as const)('does not hide %s', async (code) => {
    await expect(withPopular().answer(call(), {}, failing(code))).rejects.toMatchObject({ code });
  });

  it('gives the error where nothing may stand in', async () => {
    const fail = failing('worker/failed');
    for (const conditions of [{ filter: { brand: 'X' } }, { category: 'Cameras' }])
      await expect(withPopular().answer(call(conditions), {}, fail)).rejects.toMatchObject({ code: 'worker/failed' });
    await expect(new FallbackLists().answer(call(), { timeoutMs: 1 }, never)).rejects.toMatchObject({ code: 'call/timeout' });
  });
});

describe('the kind of a call', () => {
  it('is empty for what the model alone can answer', () => {
    expect(kindOf({ limit: 3, exclude: [], excludeSeen: true, scenario: 'x' })).toBe('');
    expect(kindOf({ limit: 3, caps: [] })).toBe('rules');
  });
});
