import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openModel } from '../../../src/cli/evaluation/openModels.js';
import type { CliIo } from '../../../src/cli/cliIo.js';
import { runCli } from '../../../src/cli/runCli.js';

const folder = mkdtempSync(join(tmpdir(), 'shelfmate-gru-'));
afterAll(() => rmSync(folder, { recursive: true }));

let said = '';
const io: CliIo = {
  stdout: { write: (text) => (said += text) },
  stderr: { write: (text) => (said += text) },
  env: {},
  now: () => Date.UTC(2026, 0, 31),
  fetch: globalThis.fetch,
  signal: new AbortController().signal,
};
const run = async (...args: string[]): Promise<number> => {
  said = '';
  return runCli(args, io);
};

/** Sessions that walk round a ring of 12 items, each at its own time: what comes next is always the next of the ring. */
function ringEvents(): string {
  const lines = ['user_id,item_id,timestamp,event'];
  for (let user = 0; user < 60; user++) {
    for (let step = 0; step < 6; step++)
      lines.push(`u${user},item-${(user + step) % 12},${1_700_000_000 + user * 7200 + step * 60},view_item`);
  }
  return lines.join('\n');
}

describe('train --model gru', () => {
  const events = join(folder, 'ring.csv');
  writeFileSync(events, ringEvents());

  it.each(['gru', 'both'])('learns what comes next, --model %s', async (model) => {
    const out = join(folder, model);
    const code = await run('train', events, '--out', out, '--model', model, '--units', '24', '--gru-epochs', '30', '--no-evaluate');
    expect(code, said).toBe(0);
    const { sequence, catalog, factors } = await openModel(out, io);
    expect(sequence!.entry.events).toContain('view_item');
    expect(factors.matrix === sequence!.matrix).toBe(model === 'gru');
    const network = sequence!.model!;
    const state = network.createState();
    for (const step of [3, 4, 5]) network.step(state, catalog.indexOf(`item-${step}`)!);
    const query = network.query(state);
    const { rows, scales, biases, stride, dimensions } = sequence!.matrix;
    const scores = Array.from({ length: 12 }, (_, row) => {
      let sum = biases![row]!;
      for (let j = 0; j < dimensions; j++) sum += query[j]! * rows[row * stride + j]! * scales[row]!;
      return sum;
    });
    expect(catalog.itemId(scores.indexOf(Math.max(...scores)))).toBe('item-6');
    expect(await run('verify', out), said).toBe(0);
  });

  it('says what is wrong when no session has two events', async () => {
    const single = join(folder, 'single.csv');
    writeFileSync(single, 'user_id,item_id,timestamp\na,x,1700000000\nb,y,1700000100\nc,x,1700000200');
    expect(await run('train', single, '--out', join(folder, 'none'), '--model', 'gru', '--no-evaluate')).toBe(1);
    expect(said).toMatch(/No session has two events/);
  });
});
