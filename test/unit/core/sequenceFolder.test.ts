import { rowScorer } from '../../../src/core/kernels/topK.js';
import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../src/core/artifact/readModelFolder.js';
import type { SequenceModelInput } from '../../../src/core/artifact/sequenceFiles.js';
import { queryAfter } from '../../../src/core/artifact/readSequence.js';
import { writeModelFolder } from '../../../src/core/artifact/writeModelFolder.js';
import { createCpuBackend } from '../../../src/core/kernels/topK.cpu.js';
import { createWasmBackend } from '../../../src/core/kernels/topK.wasm.js';
import { createSequenceModel } from '../../../src/core/models/sequence/createSequenceModel.js';
import { arrayRows } from '../../../src/core/models/sequence/itemRows.js';
import { recommend } from '../../../src/core/pipeline.js';
import { unavailableRows } from '../../../src/core/ranking/rowMask.js';
import { SessionTracker, currentSession } from '../../../src/core/sessionTracker.js';
import type { EventName, HistoryEntry, RecommendOptions } from '../../../src/core/types.js';
import { readFolder, sha256, smallModelInput } from '../../fixtures/smallModel.js';
import { smallSequence } from '../../fixtures/smallSequence.js';

const MINUTE_MS = 60_000;
const viewed = (itemId: string, minute: number, event: EventName = 'view_item'): HistoryEntry => ({
  timeMs: minute * MINUTE_MS,
  event,
  itemId,
  quantity: 1,
});

async function folderWith(sequence: SequenceModelInput, hasFactors: boolean): Promise<LoadedModel> {
  const input = smallModelInput();
  const folder = await writeModelFolder({ ...input, models: hasFactors ? input.models : [], sequences: [sequence] }, sha256);
  return readFolder(folder.files);
}

async function ranked(
  model: LoadedModel,
  history: HistoryEntry[],
  nowMinute: number,
  options: RecommendOptions = {},
  backend = createCpuBackend(),
) {
  const current = new SessionTracker().query(model, history, nowMinute * MINUTE_MS);
  const session = current && { current, loaded: await backend.load(model.sequence!.matrix) };
  const unavailable = unavailableRows(model.catalog, model.availableRows, model.manifest.itemCount);
  const loaded = await backend.load(model.factors.matrix);
  return recommend({ model, loaded, unavailable, history, language: 'en', session }, options, null);
}

describe('a folder with a sequence model', () => {
  it.each(['tied', 'separate', 'one-hot'] as const)('gives back a model that answers as the one written: %s input', async (input) => {
    const inputDimensions = input === 'one-hot' ? 36 : 12;
    const written = { ...smallSequence(100, { input, inputDimensions }), dtype: 'float32' as const };
    const model = await folderWith(written, true);
    const rows = written.tensors.get(input === 'tied' ? 'output.rows' : 'input.rows')!;
    const original = createSequenceModel(written.config, written.tensors, arrayRows(rows.values, 100, rows.shape[1]!));
    const items = [3, 50, 7, 7];
    expect([...queryAfter(model.sequence!.model!, items)]).toEqual([...queryAfter(original, items)]);
  });

  it('cuts weights over 4 MiB into files and joins them again', async () => {
    const units = 640;
    const model = await folderWith(smallSequence(100, {}, units), true);
    expect(model.manifest.sequences[0]!.weightFiles.length).toBeGreaterThan(2);
    expect(model.sequence!.model!.dimensions).toBe(units);
  });

  it('serves neighbours and long-term taste from its own rows where there are no factors, stored once', async () => {
    const model = await folderWith(smallSequence(100), false);
    expect(model.factors.matrix).toBe(model.sequence!.matrix);
    expect(model.manifest.models[0]).toMatchObject({ name: 'gru-rows', foldIn: { kind: 'mean' } });
    const list = await ranked(model, [viewed('i4', 0)], 1);
    expect(list.strategy).toBe('session');
    expect(list.items[0]!.reasons).toMatchObject([{ kind: 'session', itemId: 'i4', share: 1, text: 'Often next after Item 4' }]);
    expect((await ranked(model, [viewed('i4', 0)], 60)).strategy).toBe('personal');
  });

  it('blends the session with long-term taste and says how much each had', async () => {
    const model = await folderWith({ ...smallSequence(100), blendWeight: 0.6 }, true);
    const history = [viewed('i20', -900), viewed('i4', 0), viewed('i5', 1)];
    const list = await ranked(model, history, 2, { limit: 10 });
    expect(list.strategy).toBe('blended');
    expect(list.items).toHaveLength(10);
    const scores = list.items.map((item) => item.score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const { reasons } of list.items)
      expect(reasons.some((reason) => reason.kind === 'session' && reason.share >= 0 && reason.share <= 1)).toBe(true);
  });

  it('blends a list of the greatest length on the WebAssembly kernel', async () => {
    const input = smallModelInput({ itemCount: 1500 });
    const folder = await writeModelFolder({ ...input, sequences: [{ ...smallSequence(1500), blendWeight: 0.6 }] }, sha256);
    const list = await ranked(await readFolder(folder.files), [viewed('i4', 0)], 1, { limit: 200 }, createWasmBackend());
    expect(list.strategy).toBe('blended');
    expect(list.items).toHaveLength(200);
  });

  it.each([true, false])('gives probabilities on request, of all items the model knows (with factors: %s)', async (hasFactors) => {
    const model = await folderWith({ ...smallSequence(100), blendWeight: 0.6 }, hasFactors);
    const history = [viewed('i20', 0), viewed('i4', 1)];
    const all = await ranked(model, history, 2, { limit: 100, excludeSeen: false, probabilities: true });
    const { sequence, catalog } = model;
    const toScore = rowScorer(sequence!.matrix, queryAfter(sequence!.model!, [catalog.indexOf('i20')!, catalog.indexOf('i4')!]), 'dot');
    const total = Array.from({ length: 100 }, (_, row) => Math.exp(toScore(row))).reduce((a, b) => a + b);
    for (const { itemId, probability } of all.items)
      expect(probability).toBeCloseTo(Math.exp(toScore(catalog.indexOf(itemId)!)) / total, 10);
    const few = await ranked(model, history, 2, { limit: 5, filter: { itemId: ['i7', 'i8'] }, probabilities: true });
    for (const { itemId, probability } of few.items)
      expect(probability).toBeCloseTo(Math.exp(toScore(catalog.indexOf(itemId)!)) / total, 10);
    const plain = await ranked(model, history, 2, { limit: 5 });
    expect(plain.items.every((item) => !('probability' in item))).toBe(true);
    expect((await ranked(model, [], 2, { probabilities: true })).items.every((item) => !('probability' in item))).toBe(true);
  });

  it('gives finite probabilities where the scores are far beyond what an exponential holds', async () => {
    const wild = smallSequence(100);
    const rows = wild.tensors.get('output.rows')!;
    const tensors = new Map(wild.tensors).set('output.rows', { ...rows, values: rows.values.map((value) => 2_000 * value) });
    const model = await folderWith({ ...wild, tensors }, false);
    const list = await ranked(model, [viewed('i4', 0)], 1, { limit: 100, excludeSeen: false, probabilities: true });
    expect(Math.max(...list.items.map(({ score }) => Math.abs(score)))).toBeGreaterThan(1_000);
    const sum = list.items.reduce((total, { probability }) => total + probability!, 0);
    expect(sum).toBeGreaterThan(0.99);
    expect(sum).toBeLessThan(1 + 1e-9);
  });

  it('takes the order of a session into account', async () => {
    const model = await folderWith(smallSequence(100), false);
    const forth = await ranked(model, [viewed('i4', 0), viewed('i30', 1)], 2);
    const back = await ranked(model, [viewed('i30', 0), viewed('i4', 1)], 2);
    expect(forth.items.map((item) => item.itemId)).not.toEqual(back.items.map((item) => item.itemId));
  });

  it('refuses rows without ids, a second sequence model, and a config that does not fit', async () => {
    const input = smallModelInput();
    const write = (sequences: SequenceModelInput[]) => writeModelFolder({ ...input, sequences }, sha256);
    await expect(write([smallSequence(101)])).rejects.toThrow(/101 rows of items for 100 item ids/);
    await expect(write([smallSequence(100), smallSequence(100)])).rejects.toThrow(/at most one/);
    const broken = smallSequence(100);
    const tensors = new Map([...broken.tensors].filter(([name]) => name !== 'layers.0.recurrent'));
    await expect(write([{ ...broken, tensors }])).rejects.toThrow(/layers\.0\.recurrent is missing/);
  });
});

describe('the session', () => {
  const events = new Set(['view_item']);

  it('reaches back to the first long pause and holds only the events the model takes in', () => {
    const history = [viewed('a', 0), viewed('b', 40), viewed('c', 50, 'add_to_cart'), viewed('d', 60)];
    const ids = (nowMinute: number) => currentSession(history, events, 30 * MINUTE_MS, nowMinute * MINUTE_MS).map((entry) => entry.itemId);
    expect(ids(61)).toEqual(['b', 'd']);
    expect(ids(91)).toEqual([]);
  });

  it('is stepped, not run again: carried on it gives what a replay gives', async () => {
    const model = await folderWith(smallSequence(100), false);
    const tracker = new SessionTracker();
    const history: HistoryEntry[] = [];
    for (const [minute, id] of ['i1', 'i8', 'unknown', 'i8', 'i99'].entries()) {
      history.push(viewed(id, minute));
      const carried = tracker.query(model, [...history], minute * MINUTE_MS);
      const replayed = new SessionTracker().query(model, [...history], minute * MINUTE_MS);
      expect(carried?.query).toEqual(replayed?.query);
    }
    const forgotten = history.filter((entry) => entry.itemId !== 'i8');
    expect(tracker.query(model, forgotten, 5 * MINUTE_MS)).toEqual(new SessionTracker().query(model, forgotten, 5 * MINUTE_MS));
  });
});
