import type { FactorModelEntry } from '../../core/artifact/manifest.js';
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
import { leadingRows } from '../../core/metrics/scorer.js';
import { headItems } from '../../core/metrics/summarizeEvaluation.js';
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
  input: FactorModelInput,
  itemIds: readonly string[],
  { train, cases }: EvaluationSplit,
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
  const userCounts = countUsersPerItem(train);
  const scorer = createFactorScorer({ name: input.name, model, catalog, loaded, rows: leadingRows(itemIds.length, itemIds.length) });
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
