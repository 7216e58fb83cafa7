import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, temporaryFile, temporaryFolder } from './captureIo.js';

interface Point {
  readonly weight: number;
  readonly ndcg20: number;
}
interface Blend {
  readonly weight: number;
  readonly fit: { readonly best: Point; readonly curve: readonly Point[]; readonly caseCount: number } | null;
}

const ITEMS = 60;
/**
 * Shoppers who keep to their own third of the shop. `isOrdered`: within a visit they walk on by one item, so that what comes next
 * follows from what came last; else they jump at random.
 */
function visits(isOrdered: boolean, users = 400): string {
  let state = 7;
  const random = (size: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * size);
  };
  const lines = ['user_id,item_id,timestamp,event'];
  for (let visit = 0; visit < 3; visit++) {
    for (let user = 0; user < users; user++) {
      const third = (user % 3) * (ITEMS / 3);
      let place = random(ITEMS / 3);
      for (let step = 0; step < 4; step++) {
        lines.push(`u${user},item-${third + place},${1_700_000_000 + (visit * users + user) * 7200 + step * 60},view_item`);
        place = isOrdered ? (place + 1) % (ITEMS / 3) : random(ITEMS / 3);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

async function train(events: string, ...options: string[]): Promise<{ blend: Blend; stdout: string; stored: number }> {
  const folder = temporaryFolder();
  const [out, json] = [join(folder, 'model'), join(folder, 'figures.json')];
  const sizes = ['--units', '16', '--gru-epochs', '15', '--factors', '8', '--epochs', '5'];
  const file = temporaryFile('visits.csv', events);
  const { code, stdout, stderr } = await cli(['train', file, '--out', out, '--json', json, '--model', 'both', ...sizes, ...options]);
  expect(code, stderr).toBe(0);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as { sequences: { blendWeight: number }[] };
  const { blend } = JSON.parse(readFileSync(json, 'utf8')) as { blend: Blend };
  return { blend, stdout, stored: manifest.sequences[0]!.blendWeight };
}

describe('train --model both', () => {
  it('stores the weight that finds most of the held-out next items, and says what each part finds alone', async () => {
    const { blend, stdout, stored } = await train(visits(true));
    const { best, curve, caseCount } = blend.fit!;
    expect(caseCount).toBeGreaterThan(50);
    expect(curve.map(({ weight }) => weight)).toEqual(Array.from({ length: 21 }, (_, n) => n / 20));
    expect(best.ndcg20).toBe(Math.max(...curve.map(({ ndcg20 }) => ndcg20)));
    expect(stored).toBe(best.weight);
    expect(blend.weight).toBe(best.weight);
    for (const text of ['session alone', 'long-term taste alone', `blended, ${best.weight}`, best.ndcg20.toFixed(4)])
      expect(stdout).toContain(text);
  });

  it('trusts the session more where the order of a visit says more', async () => {
    const ordered = await train(visits(true));
    const random = await train(visits(false));
    expect(ordered.stored).toBeGreaterThan(0.3);
    expect(ordered.blend.fit!.curve[20]!.ndcg20).toBeGreaterThan(1.5 * ordered.blend.fit!.curve[0]!.ndcg20);
    expect(random.blend.fit!.curve[20]!.ndcg20).toBeLessThan(1.3 * random.blend.fit!.curve[0]!.ndcg20);
  });

  it('keeps to the default where nothing, or too little, is held out', async () => {
    const untested = await train(visits(true), '--no-evaluate');
    expect(untested).toMatchObject({ stored: 0.6, blend: { weight: 0.6, fit: null } });
    const few = await train(visits(true, 6));
    expect(few).toMatchObject({ stored: 0.6, blend: { fit: null } });
    expect(few.stdout).toContain('too little was held out');
  });
});
