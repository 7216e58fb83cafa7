import { describe, expect, it } from 'vitest';
import type { GruTrainingOptions } from '../../../src/cli/trainers/gru/gruOptions.js';
import { DEFAULT_GRU_OPTIONS } from '../../../src/cli/trainers/gru/gruOptions.js';
import type { GruCheckpoint, GruProgress, TrainedGru } from '../../../src/cli/trainers/gru/trainGru.js';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/cli/trainers/gru/gruCheckpointFile.js';
import { trainGru } from '../../../src/cli/trainers/gru/trainGru.js';
import { toSequenceTensors } from '../../../src/cli/trainers/gru/toSequenceTensors.js';
import { seededRandom } from '../../../src/cli/trainers/seededRandom.js';
import { createSequenceModel } from '../../../src/core/models/sequence/createSequenceModel.js';
import { toSessions } from './toSessions.js';

const ITEMS = 24;
const SMALL: GruTrainingOptions = {
  ...DEFAULT_GRU_OPTIONS,
  units: 12,
  epochs: 4,
  batchSize: 8,
  negatives: 16,
  hiddenDropout: 0.1,
  embeddingDropout: 0.1,
};

/** Sessions that count up or down by one from anywhere: the next item needs the two before it. */
function walks(count: number, seed: number) {
  const random = seededRandom(seed);
  return toSessions(
    Array.from({ length: count }, () => {
      const start = Math.floor(random() * ITEMS);
      const pace = random() < 0.5 ? 1 : ITEMS - 1;
      return Array.from({ length: 3 + Math.floor(random() * 5) }, (_, n) => (start + n * pace) % ITEMS);
    }),
  );
}

describe('trainGru', () => {
  it.each([
    ['cross-entropy', 0.1],
    ['bpr-max', 0.1],
  ] as const)('learns with %s a rule that needs the state', async (loss, learningRate) => {
    const options = { ...SMALL, loss, learningRate, epochs: 40, units: 32, hiddenDropout: 0, embeddingDropout: 0 };
    const { weights, epochs } = await trainGru(walks(400, 1), ITEMS, options);
    expect(epochs[39]!.loss).toBeLessThan(epochs[0]!.loss);
    const { config, tensors } = toSequenceTensors(weights);
    const model = createSequenceModel(config, tensors);
    let right = 0;
    for (let start = 0; start < ITEMS; start++) {
      for (const pace of [1, ITEMS - 1]) {
        const state = model.createState();
        model.step(model.step(state, start), (start + pace) % ITEMS);
        const query = model.query(state);
        const scores = Array.from({ length: ITEMS }, (_, item) =>
          query.reduce((sum, value, j) => sum + value * weights.embedding[item * 32 + j]!, weights.biases[item]!),
        );
        if (scores.indexOf(Math.max(...scores)) === (start + 2 * pace) % ITEMS) right++;
      }
    }
    expect(right).toBeGreaterThan(0.9 * 2 * ITEMS);
  });

  it('validates as the sequence model does that comes out of it', async () => {
    const validation = walks(30, 9);
    const { weights, epochs } = await trainGru(walks(100, 1), ITEMS, SMALL, { validation, patience: 9 });
    const { config, tensors } = toSequenceTensors(weights);
    const model = createSequenceModel(config, tensors);
    const { items, offsets } = validation;
    let reciprocal = 0;
    let count = 0;
    for (let s = 0; s + 1 < offsets.length; s++) {
      const state = model.createState();
      for (let at = offsets[s]!; at + 1 < offsets[s + 1]!; at++, count++) {
        const query = model.query(model.step(state, items[at]!));
        const scores = Array.from({ length: ITEMS }, (_, item) =>
          query.reduce((sum, value, j) => sum + value * weights.embedding[item * SMALL.units + j]!, weights.biases[item]!),
        );
        const rank = scores.filter((score) => score > scores[items[at + 1]!]!).length;
        if (rank < 20) reciprocal += 1 / (rank + 1);
      }
    }
    const best = Math.max(...epochs.map(({ validation }) => validation!.mrr20));
    expect(reciprocal / count).toBeCloseTo(best, 4);
    expect(epochs[0]!.validation!.count).toBe(count);
  });

  it('gives the same bits for the same seed, on one thread or two, and others for another seed', async () => {
    const sessions = walks(60, 2);
    const first = await trainGru(sessions, ITEMS, SMALL);
    const again = await trainGru(sessions, ITEMS, SMALL, { threads: 2 });
    const other = await trainGru(sessions, ITEMS, { ...SMALL, seed: 2 });
    expect(again.weights).toEqual(first.weights);
    expect(other.weights.embedding).not.toEqual(first.weights.embedding);
  });

  it.each(['time', 'shuffled'] as const)('goes on from a checkpoint as if it had not stopped (%s)', async (order) => {
    const sessions = walks(60, 3);
    const validation = walks(20, 4);
    const options = { ...SMALL, order, finalLearningRate: order === 'time' ? 1 : 0.1 };
    const kept: GruCheckpoint[] = [];
    const onEpoch = (_: unknown, checkpoint: () => GruCheckpoint) => void kept.push(checkpoint());
    const whole = await trainGru(sessions, ITEMS, options, { validation, patience: 9, onEpoch });
    const resumed = await trainGru(sessions, ITEMS, options, {
      validation,
      patience: 9,
      resume: decodeCheckpoint(encodeCheckpoint(kept[1]!), 'kept'),
    });
    expect(resumed).toEqual(whole);
  });

  it('goes on for more epochs while the learning rate does not fall', async () => {
    const kept: GruCheckpoint[] = [];
    const sessions = walks(40, 3);
    const options = { ...SMALL, finalLearningRate: 1 };
    await trainGru(sessions, ITEMS, { ...options, epochs: 1 }, { onEpoch: (_, checkpoint) => void kept.push(checkpoint()) });
    const resumed = await trainGru(sessions, ITEMS, options, { resume: kept[0]! });
    expect(resumed).toEqual(await trainGru(sessions, ITEMS, options));
    const falling = trainGru(sessions, ITEMS, { ...options, finalLearningRate: 0.5 }, { resume: kept[0]! });
    await expect(falling).rejects.toThrow('the checkpoint was trained with');
  });

  it('does not go on from a checkpoint of another recipe', async () => {
    const kept: GruCheckpoint[] = [];
    await trainGru(walks(20, 3), ITEMS, { ...SMALL, epochs: 1 }, { onEpoch: (_, checkpoint) => void kept.push(checkpoint()) });
    const resume = trainGru(walks(20, 3), ITEMS, { ...SMALL, epochs: 1, momentum: 0.5 }, { resume: kept[0]! });
    await expect(resume).rejects.toThrow('momentum is 0.5; the checkpoint was trained with 0.2.');
  });

  it('refuses a file that is no checkpoint', async () => {
    const kept: GruCheckpoint[] = [];
    await trainGru(walks(20, 3), ITEMS, { ...SMALL, epochs: 1 }, { onEpoch: (_, checkpoint) => void kept.push(checkpoint()) });
    const broken = { ...kept[0]!, squares: { ...kept[0]!.squares, units: 13, bias: new Float32Array(78) } };
    expect(() => decodeCheckpoint(encodeCheckpoint(broken), 'a.safetensors')).toThrow(/a.safetensors: .*squares/);
    expect(() => decodeCheckpoint(new Uint8Array(4), 'b.safetensors')).toThrow(/b.safetensors/);
  });

  it('keeps the weights of the best epoch and stops when none follows', async () => {
    const seen: { mrr: number; weights: TrainedGru['weights'] }[] = [];
    // With random sessions there is nothing to learn: validation gets worse sooner or later.
    const random = seededRandom(5);
    const noise = () => toSessions(Array.from({ length: 40 }, () => Array.from({ length: 4 }, () => Math.floor(random() * ITEMS))));
    const trained = await trainGru(
      noise(),
      ITEMS,
      { ...SMALL, epochs: 60 },
      {
        validation: noise(),
        patience: 2,
        onEpoch: ({ validation }, checkpoint) => void seen.push({ mrr: validation!.mrr20, weights: checkpoint().weights }),
      },
    );
    const mrrs = seen.map(({ mrr }) => mrr);
    expect(trained.bestEpoch).toBe(1 + mrrs.indexOf(Math.max(...mrrs)));
    expect(trained.epochs).toHaveLength(trained.bestEpoch + 2);
    expect(trained.weights).toEqual(seen[trained.bestEpoch - 1]!.weights);
  });

  it('reports progress, rate and remaining time', async () => {
    const reports: GruProgress[] = [];
    let clockMs = 0;
    const sessions = walks(500, 6);
    const trained = await trainGru(
      sessions,
      ITEMS,
      { ...SMALL, epochs: 2 },
      { now: () => (clockMs += 10), onProgress: (p) => reports.push(p) },
    );
    const last = reports[reports.length - 1]!;
    expect(reports.length).toBeGreaterThan(4);
    expect(last).toMatchObject({ epoch: 2, epochs: 2, done: 1, remainingMs: 0, loss: trained.epochs[1]!.loss });
    expect(last.eventsPerSecond).toBeGreaterThan(0);
    reports.slice(1).forEach(({ done }, i) => expect(done).toBeGreaterThanOrEqual(reports[i]!.done));
  });

  it('stops when the signal fires', async () => {
    const controller = new AbortController();
    const training = trainGru(walks(500, 7), ITEMS, SMALL, { signal: controller.signal, pause: async () => controller.abort() });
    await expect(training).rejects.toMatchObject({ code: 'call/aborted' });
  });

  it.each<[Partial<GruTrainingOptions>, string]>([
    [{ units: 0 }, 'units is 0; it must be a whole number of at least 1.'],
    [{ hiddenDropout: 1 }, 'hiddenDropout is 1; it must be at least 0 and below 1.'],
    [{ loss: 'top1' as 'bpr-max' }, 'loss is "top1"; it must be one of cross-entropy, bpr-max.'],
    [{ learningRate: Number.NaN }, 'learningRate is NaN; it must be above 0.'],
    [{ logQ: 2 }, 'logQ is 2; it must be 0 to 1.'],
    [{ negatives: 0, batchSize: 1 }, 'negatives is 0; it must be above 0 when batchSize is 1'],
  ])('refuses %o', async (change, message) => {
    await expect(trainGru(walks(5, 8), ITEMS, { ...SMALL, ...change })).rejects.toThrow(message);
  });

  it('refuses sessions in which nothing follows', async () => {
    await expect(trainGru(toSessions([[1], [2]]), ITEMS, SMALL)).rejects.toThrow('No session has two events');
  });
});
