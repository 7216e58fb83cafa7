import { readModelFolder } from '../../core/artifact/readModelFolder.js';
import type { SequenceModelInput } from '../../core/artifact/sequenceFiles.js';
import { writeModelFolder } from '../../core/artifact/writeModelFolder.js';
import { wasmScratchBytes } from '../../core/kernels/topK.wasm.js';
import { createBlendReader } from '../../core/metrics/blendScorer.js';
import type { EvaluationCase } from '../../core/metrics/eventTable.js';
import { keepUntil, toCase } from '../../core/metrics/eventTable.js';
import { leadingRows } from '../../core/metrics/scorer.js';
import { blendParts } from '../../core/ranking/blend.js';
import type { FactorDtype } from '../../core/artifact/manifest.js';
import type { CliIo } from '../cliIo.js';
import { breathe } from '../cliIo.js';
import { fastestBackend } from '../evaluation/evaluateModel.js';
import { sha256 } from '../folder/modelDirectory.js';
import type { UserEvents } from '../../core/events/interactionLog.js';
import type { Progress } from '../progress.js';
import type { AlsOptions } from './als.js';
import type { CutSessions } from './cutSessions.js';
import { fitFactorModel } from './fitFactorModel.js';
import { drawSample, seededRandom } from './seededRandom.js';
import { toSparseRows } from './toSparseRows.js';

/** How well next items of held-out sessions are found among the first 20. Shares, 0 to 1. */
export interface BlendPoint {
  /** 0: long-term taste alone; 1: the session alone. */
  readonly weight: number;
  readonly ndcg20: number;
  readonly mrr20: number;
  readonly hitRate20: number;
}

export interface BlendFit {
  /** The point with the highest NDCG@20; of equals the lowest weight. */
  readonly best: BlendPoint;
  /** From weight 0 to 1. */
  readonly curve: readonly BlendPoint[];
  readonly caseCount: number;
}

export interface BlendFitOptions {
  readonly alsOptions: AlsOptions;
  readonly dtype: FactorDtype;
  readonly isWeighted: boolean;
  readonly seed: number;
}

/** The weight where nothing was held out, or too little, to fit it on. */
export const DEFAULT_BLEND_WEIGHT = 0.6;

const STEPS = 20;
const TOP = 20;
/** More questions sharpen the curve little and cost much. */
const MAX_CASES = 5_000;
/** Under so many the best point is chance. */
const MIN_CASES = 50;
/** A page keeps no more by default. */
const MAX_HISTORY = 1_000;

/**
 * Finds the weight between the session and long-term taste under which the page's own blend ranks the next items of `heldOut` best.
 * Those sessions are not in the training of `sequence`; the factors are trained for this once more on what came before the first of
 * them. Items the shopper has met are left out, as in a page. Null where there are too few questions.
 */
export async function fitBlendWeight(
  events: UserEvents,
  heldOut: CutSessions,
  sequence: SequenceModelInput,
  options: BlendFitOptions,
  progress: Progress,
  io: CliIo,
): Promise<BlendFit | null> {
  const cases = heldOutCases(events, heldOut, seededRandom(options.seed));
  if (cases.length < MIN_CASES) return null;
  const rows = toSparseRows(eventsBefore(events, heldOut.startsMs[0]!), options.isWeighted);
  if (rows.columns.length === 0) return null;
  const factors = await fitFactorModel(
    rows,
    options.alsOptions,
    { dtype: options.dtype, hasEventNames: options.isWeighted },
    'Blend training',
    progress,
    io,
  );
  const step = progress.start('Fitting blend');
  // A folder in memory, read as a page reads it: the weight is fitted on the rows as they are stored.
  const folder = await writeModelFolder(
    {
      name: 'blend',
      producer: 'shelfmate',
      createdAtMs: 0,
      items: Array.from({ length: events.itemCount }, (_, row) => ({ itemId: String(row) })),
      popularity: null,
      models: [factors],
      sequences: [sequence],
    },
    sha256,
  );
  const bytesOf = new Map(folder.files.map(({ path, bytes }) => [path, bytes]));
  const backend = fastestBackend();
  const model = await readModelFolder(
    folder.manifest,
    async ({ path }) => bytesOf.get(path)!,
    backend.name === 'wasm' ? wasmScratchBytes : null,
  );
  const session = await backend.load(model.sequence!.matrix);
  const taste = await backend.load(model.factors.matrix);
  const read = createBlendReader({ name: 'blend', model, session, taste, rows: leadingRows(events.itemCount, events.itemCount) });
  const sums = Array.from({ length: STEPS + 1 }, () => ({ ndcg: 0, mrr: 0, hits: 0 }));
  let count = 0;
  for (const [at, question] of cases.entries()) {
    const parts = await read(question, TOP);
    if (parts) {
      count++;
      sums.forEach((sum, n) => {
        const rank = blendParts(parts, n / STEPS, TOP).findIndex(({ row }) => row === question.targets[0]);
        if (rank < 0) return;
        sum.ndcg += 1 / Math.log2(rank + 2);
        sum.mrr += 1 / (rank + 1);
        sum.hits++;
      });
    }
    if (at % 50 !== 0) continue;
    step.update(at / cases.length);
    await breathe(io.signal);
  }
  session.dispose();
  taste.dispose();
  backend.close();
  if (count < MIN_CASES) {
    step.finish('too few questions');
    return null;
  }
  const curve = sums.map(({ ndcg, mrr, hits }, n) => ({
    weight: n / STEPS,
    ndcg20: ndcg / count,
    mrr20: mrr / count,
    hitRate20: hits / count,
  }));
  const best = curve.reduce((a, b) => (b.ndcg20 > a.ndcg20 ? b : a));
  step.finish(`weight ${best.weight}`);
  return { best, curve, caseCount: count };
}

function eventsBefore(events: UserEvents, startMs: number): UserEvents {
  const ends = Uint32Array.from({ length: events.userCount }, (_, user) => {
    let end = events.offsets[user]!;
    while (end < events.offsets[user + 1]! && events.timesMs[end]! < startMs) end++;
    return end;
  });
  return keepUntil(events, ends);
}

/** Each event of the sessions but the first asks for its item, after all that the shopper did before; items met already ask nothing. */
function heldOutCases(events: UserEvents, { offsets, positions, users }: CutSessions, random: () => number): EvaluationCase[] {
  const asked: { readonly session: number; readonly at: number }[] = [];
  for (let session = 0; session + 1 < offsets.length; session++) {
    const first = events.offsets[users[session]!]!;
    for (let n = offsets[session]! + 1; n < offsets[session + 1]!; n++) {
      const at = positions[n]!;
      if (!events.items.subarray(first, at).includes(events.items[at]!)) asked.push({ session, at });
    }
  }
  return Array.from(drawSample(asked.length, MAX_CASES, random), (n) => {
    const { session, at } = asked[n]!;
    const start = Math.max(events.offsets[users[session]!]!, at - MAX_HISTORY);
    return toCase(events, session, start, at, [events.items[at]!]);
  });
}
