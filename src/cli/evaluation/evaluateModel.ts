import type { FactorModelEntry } from '../../core/artifact/manifest.js';
import type { FactorModelInput } from '../../core/artifact/writeModelFolder.js';
import { fillMatrix, gramMatrix } from '../../core/artifact/writeModelFolder.js';
import { Catalog } from '../../core/catalog.js';
import type { Backend, LoadedMatrix } from '../../core/kernels/topK.js';
import { topK } from '../../core/kernels/topK.js';
import { createCpuBackend } from '../../core/kernels/topK.cpu.js';
import { createWasmBackend } from '../../core/kernels/topK.wasm.js';
import { FactorModel } from '../../core/models/factorModel.js';
import type { HistoryEntry } from '../../core/types.js';
import { EVENT_NAMES } from '../../core/types.js';
import { deriveUserState } from '../../core/userState.js';
import type { UserEvents } from '../interactionLog.js';
import type { HeldOutCase } from './leaveLastOut.js';
import type { RankingMetrics } from './rankingMetrics.js';
import { rankingMetrics } from './rankingMetrics.js';

export interface Evaluation {
  readonly caseCount: number;
  readonly model: RankingMetrics;
  readonly popularity: RankingMetrics;
}

const TOP = 20;
const CASES_BETWEEN_PAUSES = 64;

/**
 * Ranks all items for every case the way a page does: factors as the folder stores them, history weighed and folded in, the
 * compiled kernel, seen items left out. Beside it the ranking by `popularity` (u32, per item), seen items left out too.
 */
export async function evaluateModel(
  input: FactorModelInput,
  itemIds: readonly string[],
  events: UserEvents,
  cases: readonly HeldOutCase[],
  popularity: Uint32Array,
  hooks: { readonly onProgress: (done: number) => void; readonly pause: () => Promise<void> },
): Promise<Evaluation> {
  const matrix = fillMatrix(input, Uint32Array.from(itemIds.keys()));
  const entry: FactorModelEntry = {
    ...input,
    family: 'factors',
    hasBiases: input.biases !== null,
    shards: [],
    stateFile: null,
    users: null,
    selfTests: [],
  };
  const model = new FactorModel(entry, matrix, gramMatrix(matrix));
  const catalog = Catalog.fromShards([{ itemIds, columns: new Map() }], []);
  const loaded = await fastestBackend().load(matrix);
  const popularityRanks = rankByPopularity(popularity);
  const excluded = new Uint32Array(Math.ceil(itemIds.length / 32));
  const ranks: number[] = [];
  const baselineRanks: number[] = [];
  for (const [number, heldOut] of cases.entries()) {
    const seen = new Set(events.items.subarray(heldOut.historyStart, heldOut.historyEnd));
    for (const item of seen) excluded[item >> 5]! |= 1 << (item & 31);
    ranks.push(await rankOfTarget(model, catalog, loaded, events, heldOut, excluded));
    for (const item of seen) excluded[item >> 5] = 0;
    let rank = popularityRanks[heldOut.target]! + 1;
    for (const item of seen) if (popularityRanks[item]! < popularityRanks[heldOut.target]!) rank--;
    baselineRanks.push(rank);
    if (number % CASES_BETWEEN_PAUSES === 0) {
      hooks.onProgress(number / cases.length);
      await hooks.pause();
    }
  }
  loaded.dispose();
  return { caseCount: cases.length, model: rankingMetrics(ranks), popularity: rankingMetrics(baselineRanks) };
}

/** The compiled kernel where it runs, else plain JavaScript: both give the same lists. */
export function fastestBackend(): Backend {
  try {
    return createWasmBackend();
  } catch {
    return createCpuBackend();
  }
}

async function rankOfTarget(
  model: FactorModel,
  catalog: Catalog,
  loaded: LoadedMatrix,
  events: UserEvents,
  { target, historyStart, historyEnd }: HeldOutCase,
  excluded: Uint32Array,
): Promise<number> {
  const history: HistoryEntry[] = [];
  for (let at = historyStart; at < historyEnd; at++) {
    history.push({
      timeMs: events.timesMs[at]!,
      event: EVENT_NAMES[events.kinds[at]!]!,
      itemId: catalog.itemId(events.items[at]!),
      quantity: 1,
    });
  }
  const state = deriveUserState(model, history, catalog);
  if (!state) return Infinity;
  const { indexes } = await topK(loaded, model.matrix, { query: state.vector, rule: model.entry.userRule, k: TOP, excluded });
  const at = indexes.indexOf(target);
  return at < 0 ? Infinity : at + 1;
}

/** u32: position of each item in the order of falling popularity, ties by lower row. */
function rankByPopularity(popularity: Uint32Array): Uint32Array {
  const order = Uint32Array.from(popularity.keys()).sort((a, b) => popularity[b]! - popularity[a]! || a - b);
  const ranks = new Uint32Array(popularity.length);
  order.forEach((item, rank) => (ranks[item] = rank));
  return ranks;
}
