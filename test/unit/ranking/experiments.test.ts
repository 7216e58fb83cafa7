import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../../src/core/ranking/experiments.js';
import { HOLD_OUT, assignArm, hashToUnit } from '../../../src/core/ranking/experiments.js';
import { createRandom } from '../../fixtures/random.js';

const IDS = 100_000;
const TEST: Experiment = { name: 'shelf-order', arms: { plain: 1, diverse: 1 } };

/** Pearson's statistic of counts against equal shares. */
function chiSquare(counts: ArrayLike<number>): number {
  const list = Array.from(counts);
  const expected = list.reduce((sum, count) => sum + count, 0) / list.length;
  return list.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Ids as devices draw them, and ids that differ in a digit at the end. */
const random = createRandom(7);
const ID_KINDS: Record<string, (at: number) => string> = {
  uuids: () => Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32).toString(16).padStart(8, '0')).join('-'), // prettier-ignore
  counters: (at) => `user-${at}`,
  'padded counters': (at) => String(at).padStart(12, '0'),
};

describe('hashToUnit', () => {
  it.each(Object.keys(ID_KINDS))('spreads %s evenly over 256 bins, in its high and its low bits', (kind) => {
    const high = new Uint32Array(256);
    const low = new Uint32Array(256);
    for (let at = 0; at < IDS; at++) {
      const unit = hashToUnit(['test', ID_KINDS[kind]!(at)]);
      expect(unit >= 0 && unit < 1).toBe(true);
      high[Math.floor(unit * 256)]!++;
      low[Math.floor(unit * 2 ** 53) % 256]!++;
    }
    // 255 degrees of freedom: 0.01 % of fair draws lie outside of 175 .. 349.
    for (const counts of [high, low]) {
      expect(chiSquare(counts)).toBeGreaterThan(175);
      expect(chiSquare(counts)).toBeLessThan(349);
    }
  });

  it('changes half of the bits when one letter changes', () => {
    let changed = 0;
    for (let at = 0; at < 2000; at++) {
      const bits = (text: string) => BigInt(Math.floor(hashToUnit([text]) * 2 ** 53));
      const difference = bits(`device-${at}-a`) ^ bits(`device-${at}-b`);
      changed += difference.toString(2).replaceAll('0', '').length;
    }
    expect(changed / 2000 / 53).toBeGreaterThan(0.49);
    expect(changed / 2000 / 53).toBeLessThan(0.51);
  });

  it('gives 200,000 texts as many numbers', () => {
    expect(new Set(Array.from({ length: 200_000 }, (_, at) => hashToUnit([String(at)]))).size).toBe(200_000);
  });

  it('tells apart parts that join alike', () => {
    expect(hashToUnit(['ab', 'c'])).not.toBe(hashToUnit(['a', 'bc']));
    expect(hashToUnit(['a:1', 'b'])).not.toBe(hashToUnit(['a', '1:b']));
  });

  it('keeps what it once gave, so that an update moves nobody to another arm', () => {
    expect(['', 'a', 'device-1', '设备'].map((text) => hashToUnit([text]))).toMatchInlineSnapshot(`
      [
        0.6467628554964886,
        0.28691501158778787,
        0.6994351610169566,
        0.16155715368267354,
      ]
    `);
  });
});

describe('assignArm', () => {
  it('draws arms by their shares and always the same one for a device', () => {
    const counts: Record<string, number> = {};
    for (let at = 0; at < IDS; at++) {
      const { arm } = assignArm(`d${at}`, { name: 'thirds', arms: { a: 1, b: 2, never: 0 }, holdOut: 0.1 });
      counts[arm] = (counts[arm] ?? 0) + 1;
    }
    expect(counts['never']).toBeUndefined();
    // Four standard deviations.
    expect(Math.abs(counts[HOLD_OUT]! - 10_000)).toBeLessThan(380);
    expect(Math.abs(counts['a']! - 30_000)).toBeLessThan(580);
    expect(Math.abs(counts['b']! - 60_000)).toBeLessThan(620);
    expect(assignArm('d1', TEST)).toEqual(assignArm('d1', TEST));
  });

  it('draws experiments, and salts, independently of each other', () => {
    for (const other of [
      { ...TEST, name: 'other' },
      { ...TEST, salt: 'again' },
    ]) {
      let both = 0;
      for (let at = 0; at < IDS; at++) if (assignArm(`d${at}`, TEST).arm === assignArm(`d${at}`, other).arm) both++;
      expect(Math.abs(both - IDS / 2)).toBeLessThan(640);
    }
  });

  it('holds the same devices out of every experiment, and more of them as the share grows', () => {
    for (let at = 0; at < 2000; at++) {
      const armOf = (name: string, holdOut: number) => assignArm(`d${at}`, { ...TEST, name, holdOut }).arm;
      expect(armOf('one', 0.2) === HOLD_OUT).toBe(armOf('two', 0.2) === HOLD_OUT);
      if (armOf('one', 0.1) === HOLD_OUT) expect(armOf('one', 0.2)).toBe(HOLD_OUT);
    }
  });

  it.each([
    [{ arms: {} }, /Name at least one/],
    [{ arms: { a: -1, b: 2 } }, /Name at least one/],
    [{ arms: { a: 0 } }, /Name at least one/],
    [{ arms: { a: NaN } }, /Name at least one/],
    [{ arms: { [HOLD_OUT]: 1 } }, /Set holdOut instead/],
    [{ holdOut: 1.5 }, /holdOut 1\.5\. Use a share from 0 to 1/],
  ])('refuses %j', (more, message) => {
    expect(() => assignArm('d', { ...TEST, ...more } as Experiment)).toThrow(message);
  });
});
