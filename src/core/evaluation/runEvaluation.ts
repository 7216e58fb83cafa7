import type { LoadedModel, ReadFile } from '../artifact/readModelFolder.js';
import { badUsage } from '../events/inputErrors.js';
import type { Backend } from '../kernels/topK.js';
import { createBaselines } from '../metrics/baselines.js';
import { evaluate } from '../metrics/evaluate.js';
import { countUsersPerItem } from '../metrics/eventTable.js';
import type { ItemFacts } from '../metrics/listStatistics.js';
import type { Scorer } from '../metrics/scorer.js';
import { headItems, summarizeEvaluation } from '../metrics/summarizeEvaluation.js';
import { formatCount, plural } from '../plainWords.js';
import type { EvaluationTest, TestOptions } from './buildTest.js';
import type { EvaluationHost } from './evaluationHost.js';
import type { EvaluationReport } from './evaluationReport.js';
import type { RerankChoice } from './folderScorers.js';
import { cosineOfRows, createFolderScorers } from './folderScorers.js';

export interface RunOptions extends TestOptions {
  /** List lengths, ascending, each once. */
  readonly at: readonly number[];
  /** Only these models and baselines; null: all. */
  readonly models: readonly string[] | null;
  readonly resamples: number;
  /** Measures factor models a second time with lists made more different. */
  readonly reranked?: RerankChoice | null;
}

/** A folder to measure, as its person calls it, or a second one on the same questions. */
export interface MeasuredFolder {
  readonly name: string;
  readonly model: LoadedModel;
  /** Stands before the names of its models. */
  readonly prefix: string;
  /** Reads a file of the folder, for its tables; absent: they are not measured. */
  readonly read?: ReadFile;
}

/** Ranks all items for every question of a test with every model of the folders, and with the baselines. */
export async function runEvaluation(
  folders: readonly MeasuredFolder[],
  test: EvaluationTest,
  options: RunOptions,
  backend: Backend,
  startMs: number,
  host: EvaluationHost,
): Promise<EvaluationReport> {
  const { model: first, name } = folders[0]!;
  const isCandidate = new Uint8Array(test.rows.ids.length).fill(1, 0, first.catalog.itemCount);
  const own = await Promise.all(
    folders.map(({ model, prefix, read }) =>
      createFolderScorers(model, backend, test.rows.mapOf(model.catalog.column('itemId') as string[]), prefix, read, options.reranked),
    ),
  );
  const baselines = createBaselines({ train: test.train, isCandidate, hasRepeats: !test.excludeSeen });
  const scorers = chooseScorers([...own.flat(), ...baselines], options.models);
  const userCounts = countUsersPerItem(test.train);
  const ranking = host.start('ranking');
  const scores = await evaluate(test.cases, scorers, {
    cutoffs: options.at,
    excludeSeen: test.excludeSeen,
    facts: itemFacts(first, test, userCounts),
    isHead: headItems(userCounts),
    onProgress: (done, scorer) => ranking.update(done, scorer),
    pause: () => host.pause(),
    now: host.now,
  });
  ranking.finish(plural(test.cases.length, 'question'));
  for (const scorer of own.flat()) scorer.dispose?.();
  const intervals = host.start('intervals');
  await host.pause();
  const summary = summarizeEvaluation(test.cases, scores, {
    cutoffs: options.at,
    resamples: options.resamples,
    seed: options.seed,
    pairs: pairsOf(
      own.map((of) => of.map(({ name: model }) => model)),
      scorers,
    ),
  });
  intervals.finish(`${formatCount(options.resamples)} resamples`);
  return {
    protocol: options.protocol,
    folder: name,
    compared: folders[1]?.name ?? null,
    eventsPath: options.events.name,
    testPath: options.test?.name ?? null,
    eventsFormat: test.events.format,
    manifest: first.manifest,
    cutoffs: options.at,
    excludeSeen: test.excludeSeen,
    eligibleCount: test.eligibleCount,
    settings: { ...protocolSettings(options), ...options.reranked },
    trainEvents: test.train.items.length,
    resamples: options.resamples,
    seed: options.seed,
    summary,
    scores,
    notes: test.notes,
    totalMs: host.now() - startMs,
  };
}

function protocolSettings({ protocol, test, targets, testDays, testShare }: TestOptions): Record<string, unknown> {
  if (test !== undefined) return {};
  if (protocol === 'temporal') return { targets, testDays };
  return protocol === 'session-prefixes' ? { testShare } : {};
}

function chooseScorers(scorers: readonly Scorer[], names: readonly string[] | null): Scorer[] {
  if (names === null) return [...scorers];
  const unknown = names.filter((name) => !scorers.some((scorer) => scorer.name === name));
  if (unknown.length > 0) throw badUsage(`--models names ${unknown.join(', ')}; there are: ${scorers.map(({ name }) => name).join(', ')}.`);
  return scorers.filter(({ name }) => names.includes(name));
}

/** Every model of the first folder against that of the same place in the second, and against each baseline; a reranked one against the plain. */
function pairsOf(own: readonly (readonly string[])[], scorers: readonly Scorer[]): [string, string][] {
  const isThere = new Set(scorers.map(({ name }) => name));
  const baselines = scorers.filter(({ kind }) => kind === 'baseline').map(({ name }) => name);
  const first = own[0]!.filter((name) => isThere.has(name));
  const across =
    own[1]?.flatMap((name, at): [string, string][] => (isThere.has(name) && isThere.has(own[0]![at]!) ? [[own[0]![at]!, name]] : [])) ?? [];
  // "als+spread" is held against "als": what does the variety cost?
  const plain = first.flatMap((name): [string, string][] => {
    const base = name.slice(0, Math.max(0, name.lastIndexOf('+')));
    return first.includes(base) ? [[name, base]] : [];
  });
  return [...plain, ...across, ...first.flatMap((name) => baselines.map((baseline): [string, string] => [name, baseline]))];
}

/** Category and cosine come from the first folder; items it does not know have neither. */
function itemFacts({ catalog, factors }: LoadedModel, { rows, train }: EvaluationTest, userCounts: Uint32Array): ItemFacts {
  const column = catalog.column('category');
  const isKnown = (row: number): boolean => row < catalog.itemCount;
  const cosine = cosineOfRows(factors.matrix);
  const userCount = train.offsets.reduce((sum, end, user) => sum + (user > 0 && end > train.offsets[user - 1]! ? 1 : 0), 0);
  return {
    userCounts,
    userCount,
    candidateCount: catalog.itemCount,
    categories: column ? rows.ids.map((_, row) => (typeof column[row] === 'string' ? column[row] : null)) : null,
    similarity: (a, b) => (isKnown(a) && isKnown(b) ? cosine(a, b) : 0),
  };
}
