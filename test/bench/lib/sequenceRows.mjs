/** The rows about sequence models: a step of a session in the page, and a step of their training in Node. */
import { median, progress } from './report.mjs';

const STEP = { itemCount: 100_000, units: 128, steps: 20, count: 20 };
const TRAIN = { itemCount: 10_000, units: 100, batchSize: 64, negatives: 256 };
const STEP_NAME = `sequence step N=${STEP.itemCount} units=${STEP.units}`;
const TRAIN_NAME = `train step B=${TRAIN.batchSize} units=${TRAIN.units} items=${TRAIN.itemCount} negatives=${TRAIN.negatives}`;

/** [{name, run(page, report)}] of the rows measured in a page. */
export function stepRows(options) {
  return [{ name: STEP_NAME, run: (page, report) => measureStep(page, report, options) }].filter(({ name }) => options.wants(name));
}

/** [{name, run(report)}] of the rows measured in Node. */
export function gruTrainRows(options) {
  return [{ name: TRAIN_NAME, run: (report) => measureTraining(report, options) }].filter(({ name }) => options.wants(name));
}

async function measureStep(page, report, { budgetMs }) {
  progress(STEP_NAME);
  const results = await page.evaluate(async (given) => (await import('/bench/stepArena.js')).contest(given), { ...STEP, budgetMs });
  const [ours, ...peers] = results;
  if (ours.error) throw new Error(ours.error);
  for (const { peer, times, error } of peers) {
    if (error) report.skip(STEP_NAME, peer, error);
    else
      report.add({
        name: STEP_NAME,
        peer,
        ours: median(ours.times),
        theirs: median(times),
        backend: 'wasm',
        oursMin: Math.min(...ours.times),
        theirsMin: Math.min(...times),
        rounds: times.length,
      });
  }
}

/** The same step in turn: ours on one thread, then tfjs on each of its backends that Node has. */
async function measureTraining(report, { budgetMs }) {
  progress(TRAIN_NAME);
  const { createOurs, createTfjs } = await import('./trainStep.mjs');
  const ours = await createOurs(TRAIN);
  try {
    for (const backend of ['wasm', 'cpu']) {
      const peer = `tfjs-${backend}`;
      progress(`${TRAIN_NAME}: ${peer}`);
      let theirs;
      let isSlow = false;
      try {
        theirs = await createTfjs(backend, TRAIN);
        isSlow = timeOf(theirs.step, 1) > 5_000;
      } catch (error) {
        report.skip(TRAIN_NAME, peer, error.message.split('\n')[0]);
        continue;
      }
      for (let n = 0; n < 200; n++) ours.step();
      const times = { ours: [], theirs: [] };
      const endMs = performance.now() + 2 * budgetMs;
      const [least, most] = isSlow ? [1, 1] : [3, 50];
      for (let round = 0; round < most && (round < least || performance.now() < endMs); round++) {
        times.ours.push(timeOf(ours.step, 20));
        times.theirs.push(timeOf(theirs.step, 1));
      }
      report.add({
        name: TRAIN_NAME,
        peer,
        ours: median(times.ours),
        theirs: median(times.theirs),
        backend: 'wasm, one thread',
        loss: ours.step(),
        theirLoss: theirs.step(),
        rounds: times.theirs.length,
      });
    }
  } finally {
    await ours.close();
  }
}

function timeOf(step, repeats) {
  const startMs = performance.now();
  for (let n = 0; n < repeats; n++) step();
  return (performance.now() - startMs) / repeats;
}
