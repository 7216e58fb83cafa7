import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/cli/trainers/seededRandom.js';
import { AttentionModel } from '../../../src/core/models/sequence/attentionModel.js';
import { createSequenceModel } from '../../../src/core/models/sequence/createSequenceModel.js';
import type { AttentionConfig } from '../../../src/core/models/sequence/sequenceConfig.js';
import type { FloatTensor } from '../../../src/core/models/sequence/sequenceTensors.js';
import { expectedShapes } from '../../../src/core/models/sequence/sequenceTensors.js';
import { mul, plus, times } from './naiveCells.js';

const RIGHT: AttentionConfig = {
  kind: 'attention',
  itemCount: 9,
  dimensions: 6,
  maxLength: 5,
  blockCount: 2,
  headCount: 2,
  embeddingScale: Math.sqrt(6),
  normEpsilon: 1e-8,
  alignment: 'right',
  attendsPadding: true,
  hasOutputBias: false,
};
const LEFT: AttentionConfig = { ...RIGHT, alignment: 'left', attendsPadding: false };
const EVENTS = [3, 0, 8, 8, 1, 5, 2, 7];

describe('AttentionModel', () => {
  it.each([
    ['right-aligned with padding', RIGHT],
    ['right-aligned without padding', { ...RIGHT, attendsPadding: false }],
    ['left-aligned', LEFT],
    ['left-aligned with one head and one block', { ...LEFT, headCount: 1, blockCount: 1 }],
  ])('gives after each event what a full run gives: %s', (_, config) => {
    const tensors = draw(config);
    const model = new AttentionModel(config, tensors);
    const state = model.createState();
    EVENTS.forEach((item, n) => {
      model.step(state, item);
      const expected = naiveRun(config, tensors, EVENTS.slice(0, n + 1));
      model.query(state).forEach((value, j) => expect(value).toBeCloseTo(expected[j]!, 5));
    });
  });

  it.each([RIGHT, LEFT])('goes on from a stored state ($alignment)', (config) => {
    const model = createSequenceModel(config, draw(config));
    const straight = model.createState();
    for (const item of EVENTS) model.step(straight, item);
    const state = model.createState();
    for (const item of EVENTS.slice(0, 4)) model.step(state, item);
    const resumed = model.stateFromArrays(structuredClone(model.stateToArrays(state)));
    for (const item of EVENTS.slice(4)) model.step(resumed, item);
    expect(resumed).toEqual(straight);
  });

  it('refuses what does not fit', () => {
    const tensors = draw(RIGHT).set('blocks.1.key.kernel', { shape: [6, 5], values: new Float32Array(30) });
    expect(() => new AttentionModel(RIGHT, tensors)).toThrow('The tensor blocks.1.key.kernel has shape [6,5]; expected [6,6].');
    expect(() => expectedShapes({ ...RIGHT, headCount: 4 })).toThrow(/headCount .* is 4; expected a divisor of 6/);
    expect(() => expectedShapes({ ...LEFT, attendsPadding: true })).toThrow(/attendsPadding .* expected false/);
    const model = new AttentionModel(LEFT, draw(LEFT));
    expect(() => model.step(model.createState(), 9)).toThrow(/has no item 9; it has 9/);
    expect([...model.query(model.createState())]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

function draw(config: AttentionConfig): Map<string, FloatTensor> {
  const random = seededRandom(21);
  return new Map(
    [...expectedShapes(config)].map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return [name, { shape, values: Float32Array.from({ length }, () => 2 * random() - 1) }];
    }),
  );
}

/** The whole window at once, empty places written out, by the formulas. */
function naiveRun(config: AttentionConfig, tensors: ReadonlyMap<string, FloatTensor>, events: readonly number[]): number[] {
  const { dimensions: d, maxLength, headCount, alignment, attendsPadding, embeddingScale } = config;
  const row = (name: string, i: number) => Array.from(tensors.get(name)!.values.subarray(i * d, (i + 1) * d));
  const apply = (name: string, x: number[]) =>
    plus(
      times(
        x,
        Array.from({ length: d }, (_, i) => row(`${name}.kernel`, i)),
      ),
      row(`${name}.bias`, 0),
    );
  const norm = (name: string, x: number[]) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / d;
    const deviation = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / d + config.normEpsilon);
    const scaled = x.map((value) => (value - mean) / deviation);
    return plus(mul(scaled, row(`${name}.gain`, 0)), row(`${name}.bias`, 0));
  };
  const window = events.slice(-maxLength);
  const empty = alignment === 'right' ? maxLength - window.length : 0;
  let xs = [
    ...Array.from({ length: attendsPadding ? empty : 0 }, () => row('padding', 0)),
    ...window.map((item, n) =>
      plus(
        row('output.rows', item).map((value) => value * embeddingScale),
        row('positions', empty + n),
      ),
    ),
  ];
  for (let block = 0; block < config.blockCount; block++) {
    const name = (part: string) => `blocks.${block}.${part}`;
    const keys = xs.map((x) => apply(name('key'), x));
    const values = xs.map((x) => apply(name('value'), x));
    xs = xs.map((x, at) => {
      const q = norm(name('attentionNorm'), x);
      const query = apply(name('query'), q);
      const mixed = Array.from({ length: d }, () => 0);
      for (let head = 0; head < headCount; head++) {
        const size = d / headCount;
        const part = (v: number[]) => v.slice(head * size, (head + 1) * size);
        const weights = keys
          .slice(0, at + 1)
          .map((key) => Math.exp(mul(part(query), part(key)).reduce((sum, value) => sum + value, 0) / Math.sqrt(size)));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        weights.forEach((weight, n) => part(values[n]!).forEach((value, j) => (mixed[head * size + j]! += (weight / total) * value)));
      }
      const attended = norm(name('feedNorm'), plus(q, apply(name('out'), mixed)));
      const hidden = apply(name('feed1'), attended).map((value) => Math.max(0, value));
      return plus(attended, apply(name('feed2'), hidden));
    });
  }
  return norm('lastNorm', xs[xs.length - 1]!);
}
