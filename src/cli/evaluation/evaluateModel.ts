import type { FactorModelEntry } from '../../core/artifact/manifest.js';
import type { NeighborTableInput } from '../../core/artifact/tables/neighborTable.js';
import { reorder } from '../../core/artifact/tables/sparseShards.js';
import type { FactorModelInput } from '../../core/artifact/writeModelFolder.js';
import { fillMatrix } from '../../core/artifact/rowShards.js';
import { gramMatrix } from '../../core/artifact/writeModelFolder.js';
import { Catalog } from '../../core/catalog.js';
import type { Backend } from '../../core/kernels/topK.js';
import { createCpuBackend } from '../../core/kernels/topK.cpu.js';
import { createWasmBackend } from '../../core/kernels/topK.wasm.js';
import { createBaselines } from '../../core/metrics/baselines.js';
import { evaluate } from '../../core/metrics/evaluate.js';
import type { EvaluationSplit } from '../../core/metrics/eventTable.js';
import { countUsersPerItem } from '../../core/metrics/eventTable.js';
import { createFactorScorer } from '../../core/metrics/factorScorer.js';
import { metricNames } from '../../core/metrics/rankingMetrics.js';
import type { Scorer } from '../../core/metrics/scorer.js';
import { leadingRows } from '../../core/metrics/scorer.js';
import { createHistoryScorer } from '../../core/metrics/tableScorers.js';
import { headItems } from '../../core/metrics/summarizeEvaluation.js';
import { NeighborModel } from '../../core/models/neighborModel.js';
import { FactorModel } from '../../core/models/factorModel.js';

/** Means over the cases of a test with one right answer each. */
export interface RankingMetrics {
  readonly hitRateAt20: number;
  readonly ndcgAt10: number;
}

export interface Evaluation {
  readonly caseCount: number;
  readonly model: RankingMetrics;
  readonly popularity: RankingMetrics;
}

const CUTOFFS = [10, 20];

/**
 * Tests a model that is not written yet: factors as the folder would store them, all items ranked, seen ones left out; beside it the
 * ranking by popularity.
 */
export async function evaluateModel(
  input: FactorModelInput | NeighborTableInput,
  itemIds: readonly string[],
  { train, cases }: EvaluationSplit,
  hooks: { readonly onProgress: (done: number) => void; readonly pause: () => Promise<void> },
): Promise<Evaluation> {
  const userCounts = countUsersPerItem(train);
  const scorer = await createInputScorer(input, itemIds);
  const popularity = createBaselines({ train, isCandidate: new Uint8Array(itemIds.length).fill(1), hasRepeats: false })[0]!;
  const [ours, theirs] = await evaluate(cases, [scorer, popularity], {
    ...hooks,
    cutoffs: CUTOFFS,
    excludeSeen: true,
    facts: { userCounts, userCount: train.userCount, candidateCount: itemIds.length, categories: null, similarity: null },
    isHead: headItems(userCounts),
  });
  scorer.dispose?.();
  return { caseCount: cases.length, model: means(ours!.all), popularity: means(theirs!.all) };
}

async function createInputScorer(input: FactorModelInput | NeighborTableInput, itemIds: readonly string[]): Promise<Scorer> {
  const catalog = Catalog.fromShards([{ itemIds, columns: new Map() }], []);
  const rows = leadingRows(itemIds.length, itemIds.length);
  const order = Uint32Array.from(itemIds.keys());
  if ('table' in input) {
    const { table, itemBaskets } = input;
    const entry = { ...input.entry, maxNeighbors: 0, shards: [] };
    const model = new NeighborModel({ ...reorder(table, order, order), entry, itemBaskets });
    return createHistoryScorer({ name: entry.name, catalog, rows }, model, entry.eventWeights);
  }
  const matrix = fillMatrix(input, order);
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
  return createFactorScorer({ name: input.name, model, catalog, loaded: await fastestBackend().load(matrix), rows });
}

/** The compiled kernel where it runs, else plain JavaScript: both give the same lists. */
export function fastestBackend(): Backend {
  try {
    return createWasmBackend();
  } catch {
    return createCpuBackend();
  }
}

function means(scores: Float32Array): RankingMetrics {
  const names = metricNames(CUTOFFS);
  const mean = (name: string): number => {
    let sum = 0;
    for (let at = names.indexOf(name); at < scores.length; at += names.length) sum += scores[at]!;
    return sum / Math.max(1, scores.length / names.length);
  };
  return { hitRateAt20: mean('hr@20'), ndcgAt10: mean('ndcg@10') };
}
