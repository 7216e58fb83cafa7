import { eligibleUsers, leaveLastOut } from '../../core/metrics/leaveLastOut.js';
import type { CliIo } from '../cliIo.js';
import { breathe } from '../cliIo.js';
import type { Evaluation } from '../evaluation/evaluateModel.js';
import { evaluateModel } from '../evaluation/evaluateModel.js';
import type { Progress } from '../progress.js';
import { formatCount } from '../terminal.js';
import type { AlsOptions } from '../trainers/als.js';
import { drawSample, seededRandom } from '../trainers/seededRandom.js';
import { toSparseRows } from '../trainers/toSparseRows.js';
import { fitFactors } from './fitFactors.js';
import { fitNeighbors } from './fitNeighbors.js';
import type { TrainingInput } from './readTraining.js';
import type { TrainOptions } from './trainOptions.js';

/** More test users than this sharpen the figures little and cost much. */
const MAX_TEST_USERS = 20_000;

export type FactorTest = Evaluation & { readonly eligibleCount: number };

/** Trains without each shopper's newest item and tests on it. Null where too little is left to learn from. */
export async function testFactors(
  { events, joined, log }: TrainingInput,
  alsOptions: AlsOptions,
  options: TrainOptions,
  progress: Progress,
  io: CliIo,
): Promise<FactorTest | null> {
  const eligible = eligibleUsers(events);
  const users = drawSample(eligible.length, MAX_TEST_USERS, seededRandom(options.seed)).map((at) => eligible[at]!);
  const split = leaveLastOut(events, users);
  const rows = toSparseRows(split.train, log.hasEventNames);
  if (split.cases.length === 0 || rows.columns.length === 0) return null;
  const { model: kind } = options;
  const model =
    kind === 'knn' || kind === 'ease'
      ? await fitNeighbors(kind, split.train, rows, options, 'Test training', progress, io)
      : await fitFactors(rows, alsOptions, { ...options, hasEventNames: log.hasEventNames }, 'Test training', progress, io);
  const step = progress.start('Testing');
  const itemIds = joined.items.map((item) => item.itemId);
  const evaluation = await evaluateModel(model, itemIds, split, {
    onProgress: (done) => step.update(done),
    pause: () => breathe(io.signal),
  });
  step.finish(`${formatCount(evaluation.caseCount)} shoppers`);
  return { ...evaluation, eligibleCount: eligible.length };
}
