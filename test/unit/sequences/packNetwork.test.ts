import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModel } from '../../../src/cli/evaluation/openModels.js';
import { topK } from '../../../src/core/kernels/topK.js';
import { createCpuBackend } from '../../../src/core/kernels/topK.cpu.js';
import type { SavedNetwork } from '../../fixtures/networks.js';
import { NETWORK_ITEMS, NETWORK_LENGTH, saveConvolution, saveGraph } from '../../fixtures/networks.js';
import { cli, temporaryFile, temporaryFolder } from '../cli/captureIo.js';

const IDS = Array.from({ length: NETWORK_ITEMS }, (_, i) => `n${i}`);
const HISTORIES = [[0], [39, 2], [1, 2, 3, 4, 5], [7, 7, 8, 30, 31, 32, 33]];
const idsFile = (): string => temporaryFile('ids.json', JSON.stringify(IDS));
const io = {
  stdout: { write: () => true },
  stderr: { write: () => true },
  env: {},
  now: () => 0,
  fetch: globalThis.fetch,
  signal: new AbortController().signal,
};

async function pack({ path, declaration }: SavedNetwork, changes: object = {}, ...more: string[]) {
  const out = join(temporaryFolder(), 'model');
  const network = temporaryFile('network.json', JSON.stringify({ ...declaration, ...changes }));
  return { out, result: await cli(['pack', path, '--network', network, '--ids', idsFile(), '--out', out, '--dtype', 'float32', ...more]) };
}

/** The last five items, each one row further because of the padding row. */
function padded(history: readonly number[], side: 'left' | 'right' = 'left'): number[] {
  const met = history.slice(-NETWORK_LENGTH).map((item) => item + 1);
  const padding = Array.from({ length: NETWORK_LENGTH - met.length }, () => 0);
  return side === 'left' ? [...padding, ...met] : [...met, ...padding];
}

/** Scores of all items by the folder, in the order of IDS. */
async function answers(out: string, history: readonly number[]): Promise<number[]> {
  const { sequence, catalog } = await openModel(out, io);
  const { model, matrix, scored } = sequence!;
  const state = model!.createState();
  for (const item of history) model!.step(state, catalog.indexOf(IDS[item]!)!);
  const loaded = scored ?? (await createCpuBackend().load(matrix));
  const { indexes, scores } = await topK(loaded, matrix, { query: model!.query(state), rule: 'dot', k: NETWORK_ITEMS, excluded: null });
  const byId = new Map(Array.from(indexes, (row, rank) => [catalog.itemId(row), scores[rank]!]));
  return IDS.map((id) => byId.get(id)!);
}

describe('a tfjs network of any architecture', () => {
  it.each([false, true])('gives the scores that tfjs gives, layers-model, rows sorted by popularity: %s', async (isSorted) => {
    const network = await saveConvolution(temporaryFolder());
    const counts = temporaryFile('counts.csv', ['item_id,count', ...IDS.map((id, n) => `${id},${(n * 17) % 41}`)].join('\n'));
    const { out, result } = await pack(network, {}, ...(isSorted ? ['--popularity', counts] : []));
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(result.stdout).toContain('a score for each item');
    for (const history of HISTORIES) {
      const expected = network.predict(padded(history)).slice(1);
      const seen = await answers(out, history);
      const largest = Math.max(...expected);
      seen.forEach((score, item) => expect(Math.abs(score - expected[item]!) / largest).toBeLessThanOrEqual(1e-5));
      expect(seen.indexOf(Math.max(...seen))).toBe(expected.indexOf(largest));
    }
    expect(await cli(['verify', out])).toMatchObject({ code: 0 });
    expect((await cli(['inspect', out])).stdout).toContain('a network of its own (tfjs layers-model)');
    for (const file of readdirSync(out)) expect(statSync(join(out, file)).size).toBeLessThanOrEqual(4 * 2 ** 20);
  });

  it('multiplies the vector of a graph-model with the item rows', async () => {
    const network = saveGraph(temporaryFolder());
    const { out, result } = await pack(network);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    const data = readFileSync(join(network.path, 'group1-shard1of1.bin'));
    const rows = new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.length));
    for (const history of HISTORIES) {
      const vector = network.predict(padded(history));
      const seen = await answers(out, history);
      seen.forEach((score, item) => {
        const expected = vector.reduce((sum, value, j) => sum + value * rows[(item + 1) * vector.length + j]!, 0);
        expect(Math.abs(score - expected)).toBeLessThanOrEqual(1e-5);
      });
    }
  });

  it('takes padding from the right where that is declared', async () => {
    const network = await saveConvolution(temporaryFolder());
    const { out } = await pack(network, { padSide: 'right' });
    const [seen, expected] = [await answers(out, [3, 9]), network.predict(padded([3, 9], 'right')).slice(1)];
    seen.forEach((score, item) => expect(score).toBeCloseTo(expected[item]!, 6));
  });

  it('is held against answers of the original', async () => {
    const network = await saveConvolution(temporaryFolder());
    const cases = HISTORIES.map((history) => {
      const scores = network.predict(padded(history)).slice(1);
      const top = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, 20);
      return { items: history.map((item) => IDS[item]), top: top.map((item) => IDS[item]), scores: top.map((item) => scores[item]) };
    });
    const selfTest = temporaryFile('self-test.json', JSON.stringify({ cases }));
    const right = await pack(network, {}, '--self-test', selfTest);
    expect(right.result, right.result.stderr).toMatchObject({ code: 0 });
    expect(right.result.stdout).toMatch(/answers alike: 4 cases/);
    for (const wrong of [{ padSide: 'right' }, { indexOffset: 0 }, { outputOffset: 0 }]) {
      const { result } = await pack(network, wrong, '--self-test', selfTest);
      expect([result.code, result.stderr]).toEqual([1, expect.stringContaining('The self-test fails')]);
    }
  });

  it('is refused by name where the declaration does not fit', async () => {
    const network = await saveConvolution(temporaryFolder());
    const graph = saveGraph(temporaryFolder());
    const refused = async (of: SavedNetwork, changes: object): Promise<string> => {
      const { result } = await pack(of, changes);
      expect(result.code).toBe(1);
      return result.stderr;
    };
    expect(await refused(network, { length: 7 })).toMatch(/input items_input\w* has shape \[null,5\]; expected \[1, 7\]/);
    expect(await refused(network, { outputOffset: 2 })).toMatch(/output has shape \[1, 41\]; expected \[1, 42\] or wider/);
    expect(await refused(network, { gives: 'vector' })).toMatch(/output has shape \[1, 41\]; expected \[1, 6\]/);
    expect(await refused(network, { output: 'nothing' })).toMatch(/no output "nothing"; it has \["next"\]/);
    expect(await refused(network, { itemRows: 'next/bias' })).toMatch(
      /itemRows is "next\/bias"; expected the name of a weight of at least 41 rows/,
    );
    expect(await refused(network, { lenght: 5 })).toMatch(/declares lenght; there are: length, /);
    expect(await refused(network, { gives: 'logits' })).toMatch(/gives is "logits"; expected one of scores, vector/);
    expect(await refused(network, { length: 0 })).toMatch(/length is 0; expected a whole number of at least 1/);
    expect(await refused(graph, { input: 'nothing' })).toMatch(/no input "nothing"; it has \["history"\]/);
    writeFileSync(join(graph.path, 'group1-shard1of1.bin'), 'short');
    expect(await refused(graph, {})).toMatch(/A shard is cut or missing/);
  });

  it('cannot be quantised, and the plain reader says how it can be packed', async () => {
    const network = await saveConvolution(temporaryFolder());
    const { out } = await pack(network);
    const quantized = await cli(['quantize', out, '--dtype', 'int8', '--out', join(temporaryFolder(), 'x')]);
    expect([quantized.code, quantized.stderr]).toEqual([1, expect.stringContaining('is a network for tfjs')]);
    const graph = saveGraph(temporaryFolder());
    const plain = await cli(['pack', graph.path, '--ids', idsFile(), '--out', join(temporaryFolder(), 'x')]);
    expect([plain.code, plain.stderr]).toEqual([1, expect.stringContaining('--network FILE')]);
  });
});
