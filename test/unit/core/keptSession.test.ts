import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../src/core/artifact/readModelFolder.js';
import type { SequenceModelInput } from '../../../src/core/artifact/sequenceFiles.js';
import { writeModelFolder } from '../../../src/core/artifact/writeModelFolder.js';
import type { AttentionConfig } from '../../../src/core/models/sequence/sequenceConfig.js';
import { expectedShapes } from '../../../src/core/models/sequence/sequenceTensors.js';
import type { KeptSession } from '../../../src/core/sessionTracker.js';
import { SessionTracker, fingerprint } from '../../../src/core/sessionTracker.js';
import type { HistoryEntry } from '../../../src/core/types.js';
import { createRandom, randomVector } from '../../fixtures/random.js';
import { readFolder, sha256, smallModelInput } from '../../fixtures/smallModel.js';
import { smallSequence } from '../../fixtures/smallSequence.js';

const MINUTE_MS = 60_000;
const NOW_MS = 20 * MINUTE_MS;
const viewed = (itemId: string, minute: number): HistoryEntry => ({ timeMs: minute * MINUTE_MS, event: 'view_item', itemId, quantity: 1 });
const HISTORY = ['i1', 'i8', 'unknown', 'i8', 'i99'].map(viewed);

const attention: AttentionConfig = {
  kind: 'attention',
  itemCount: 100,
  dimensions: 8,
  maxLength: 6,
  blockCount: 2,
  headCount: 2,
  alignment: 'left',
  attendsPadding: false,
  embeddingScale: 1,
  normEpsilon: 1e-8,
  hasOutputBias: false,
};

function randomTensors(config: AttentionConfig, seed: number): SequenceModelInput['tensors'] {
  const random = createRandom(seed);
  const make = (shape: readonly number[]) => randomVector(random, shape.reduce((product, size) => product * size, 1)); // prettier-ignore
  return new Map([...expectedShapes(config)].map(([name, shape]) => [name, { shape, values: make(shape) }]));
}

const lstm = { cell: 'lstm', units: 12, activation: 'tanh', recurrentActivation: 'sigmoid', resetAfter: false, hasBias: true } as const;
const SEQUENCES: Readonly<Record<string, SequenceModelInput>> = {
  gru: smallSequence(100),
  lstm: smallSequence(100, { layers: [lstm] }),
  attention: { ...smallSequence(100), config: attention, tensors: randomTensors(attention, 5) },
  'attention on the right': {
    ...smallSequence(100),
    config: { ...attention, alignment: 'right' },
    tensors: randomTensors({ ...attention, alignment: 'right' }, 5),
  },
};

/** A folder read anew, as a page does at its start, and the number of steps its model has run. */
async function start(sequence: SequenceModelInput, seed = 1): Promise<{ model: LoadedModel; steps: () => number }> {
  const folder = await writeModelFolder({ ...smallModelInput({ seed }), sequences: [sequence] }, sha256);
  const model = await readFolder(folder.files);
  const network = model.sequence!.model!;
  const step = network.step.bind(network);
  let steps = 0;
  network.step = (state, item) => {
    steps++;
    return step(state, item);
  };
  return { model, steps: () => steps };
}

/** What a page leaves behind after `history`; a structured clone, as a database gives it back. */
async function keptAfter(history: readonly HistoryEntry[], sequence = SEQUENCES.gru!, nowMs = NOW_MS): Promise<KeptSession> {
  const tracker = new SessionTracker();
  tracker.query((await start(sequence)).model, history, nowMs);
  return structuredClone(tracker.keep()!);
}

/** Goes on from `kept`: the steps it took, and that everything is as after a replay of the whole, to the bit. */
async function goOn(kept: KeptSession, history: readonly HistoryEntry[], { sequence = SEQUENCES.gru!, seed = 1, nowMs = NOW_MS } = {}) {
  const { model, steps } = await start(sequence, seed);
  // The entries come from the database anew: equal, but other objects.
  const entries = structuredClone(history);
  const tracker = new SessionTracker(kept);
  const query = tracker.query(model, entries, nowMs);
  const taken = steps();
  const replayed = new SessionTracker();
  expect(query).toEqual(replayed.query(model, entries, nowMs));
  expect(tracker.keep()).toEqual(replayed.keep());
  return taken;
}

describe('the kept state of a session', () => {
  it.each(Object.entries(SEQUENCES))('%s: is the replayed one to the bit, without a step', async (_, sequence) => {
    const kept = await keptAfter(HISTORY, sequence);
    expect(await goOn(kept, HISTORY, { sequence })).toBe(0);
  });

  it.each(Object.entries(SEQUENCES))('%s: takes a step for each event since', async (_, sequence) => {
    const kept = await keptAfter(HISTORY, sequence);
    expect(await goOn(kept, [...HISTORY, viewed('i3', 5), viewed('unknown', 6), viewed('i4', 7)], { sequence })).toBe(2);
  });

  it('is replayed when the model was replaced', async () => {
    expect(await goOn(await keptAfter(HISTORY), HISTORY, { seed: 2 })).toBe(4);
  });

  it('is replayed when an entry was forgotten', async () => {
    const kept = await keptAfter(HISTORY);
    expect(await goOn(kept, HISTORY.slice(1))).toBe(3);
    expect(await goOn(kept, HISTORY.toSpliced(1, 1))).toBe(3);
    expect(await goOn(kept, HISTORY.slice(0, -1))).toBe(3);
    expect(await goOn(kept, [])).toBe(0);
  });

  it('is replayed when an event of another tab lies in between', async () => {
    expect(await goOn(await keptAfter(HISTORY), HISTORY.toSpliced(2, 0, viewed('i5', 1.5)))).toBe(5);
  });

  it('is left behind after the pause that ends a session', async () => {
    const kept = await keptAfter(HISTORY);
    expect(await goOn(kept, [...HISTORY, viewed('i3', 60)], { nowMs: 61 * MINUTE_MS })).toBe(1);
    expect(await goOn(kept, HISTORY, { nowMs: 61 * MINUTE_MS })).toBe(0);
  });

  it('is replayed when it has not the size of the model', async () => {
    const kept = await keptAfter(HISTORY);
    const cut = { ...kept, state: { ...kept.state, values: kept.state.values.slice(1) } };
    expect(await goOn(cut, HISTORY)).toBe(4);
  });

  it('is neither made nor used while rows are missing', async () => {
    const kept = await keptAfter(HISTORY);
    const { model, steps } = await start(SEQUENCES.gru!);
    const tracker = new SessionTracker(kept);
    model.availableRows = 50;
    tracker.query(model, HISTORY, NOW_MS);
    expect(tracker.keep()).toBeNull();
    expect(steps()).toBe(3); // i99 is not there yet.
    model.availableRows = 100;
    tracker.query(model, HISTORY, NOW_MS);
    expect(steps()).toBe(3);
    expect(tracker.keep()).toEqual(kept);
  });

  it('is none while nothing happened', async () => {
    const tracker = new SessionTracker();
    expect(tracker.keep()).toBeNull();
    tracker.query((await start(SEQUENCES.gru!)).model, [viewed('unknown', 1)], NOW_MS);
    expect(tracker.keep()).toBeNull();
  });
});

describe('fingerprint', () => {
  it('tells items, times, events, their order and their borders apart', () => {
    const sessions = [
      [],
      [viewed('i1', 0)],
      [viewed('i1', 0), viewed('i1', 0)],
      [viewed('i2', 0)],
      [viewed('i1', 1)],
      [{ ...viewed('i1', 0), event: 'purchase' as const }],
      [viewed('i1', 0), viewed('i2', 0)],
      [viewed('i2', 0), viewed('i1', 0)],
      [viewed('i1","i2', 0)],
      [viewed('😀', 0)],
      [viewed('😁', 0)],
    ];
    expect(new Set(sessions.map(fingerprint)).size).toBe(sessions.length);
  });

  it('does not meet another of 100 000 by chance', () => {
    const random = createRandom(3);
    const seen = new Set<number>();
    for (let n = 0; n < 100_000; n++) seen.add(fingerprint([viewed(`i${n}`, Math.floor(random() * 3)), viewed('i1', 9)]));
    expect(seen.size).toBe(100_000);
    expect([...seen].every(Number.isSafeInteger)).toBe(true);
  });
});
