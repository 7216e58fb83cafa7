import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, temporaryFile, temporaryFolder } from './captureIo.js';

/** Sessions round a ring of 12 items, a third of their steps at random: no two epochs give the same weights. */
function ringCsv(users = 80): string {
  const lines = ['user_id,item_id,timestamp,event'];
  for (let user = 0; user < users; user++) {
    for (let step = 0; step < 6; step++) {
      const item = (user * step) % 3 === 1 ? (user * 7 + step * 5) % 12 : (user + step) % 12;
      lines.push(`u${user},item-${item},${1_700_000_000 + user * 7200 + step * 60},view_item`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const OPTIONS = ['--model', 'gru', '--units', '8', '--gru-epochs', '6', '--created-at', '2026-01-01', '--name', 'ring'];

/** Stops the command as Ctrl-C does once the checkpoint of so many epochs is there. */
async function trainUntil(epochs: number, events: string, out: string, checkpoint: string) {
  const stop = new AbortController();
  let written = 0;
  let last = '';
  return cli(['train', events, '--out', out, '--checkpoint', checkpoint, ...OPTIONS, '--threads', '1'], {
    signal: stop.signal,
    // Asked for the time in every epoch: a place to look without a timer.
    now: () => {
      const seen = existsSync(checkpoint) ? readFileSync(checkpoint).toString('latin1') : '';
      if (seen !== last) {
        last = seen;
        if (++written === epochs) stop.abort();
      }
      return Date.UTC(2026, 5, 1);
    },
  });
}

describe('train --checkpoint and --resume', () => {
  it('gives the same folder to the last byte whether it was stopped or not', async () => {
    const events = temporaryFile('ring.csv', ringCsv());
    const folder = temporaryFolder();
    const whole = join(folder, 'whole');
    expect(await cli(['train', events, '--out', whole, ...OPTIONS])).toMatchObject({ code: 0 });

    const checkpoint = join(folder, 'gru.checkpoint');
    const stopped = join(folder, 'stopped');
    const result = await trainUntil(2, events, stopped, checkpoint);
    expect(result.code).toBe(130);
    expect(result.stderr).toContain(`--resume ${checkpoint} goes on from there`);
    expect(existsSync(stopped)).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(['gru.checkpoint', 'whole']);

    const resumed = await cli(['train', events, '--out', stopped, '--resume', checkpoint, ...OPTIONS]);
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
    const names = readdirSync(whole).sort();
    expect(names.some((name) => name.startsWith('gru-weights'))).toBe(true);
    expect(readdirSync(stopped).sort()).toEqual(names);
    for (const name of names) expect(readFileSync(join(stopped, name)).equals(readFileSync(join(whole, name))), name).toBe(true);
  });

  it('names what differs from the training of the checkpoint', async () => {
    const events = temporaryFile('ring.csv', ringCsv());
    const folder = temporaryFolder();
    const [checkpoint, out] = [join(folder, 'gru.checkpoint'), join(folder, 'out')];
    expect(await cli(['train', events, '--out', out, '--checkpoint', checkpoint, ...OPTIONS])).toMatchObject({ code: 0 });
    const refused = async (file: string, ...options: string[]): Promise<string> => {
      const { code, stderr } = await cli(['train', file, '--out', out, '--resume', checkpoint, ...OPTIONS, ...options]);
      expect(code).toBe(1);
      return stderr;
    };
    expect(await refused(events, '--units', '9')).toContain('it was trained with --units 8, now it is 9');
    expect(await refused(events, '--gru-epochs', '7')).toContain('it was trained with --gru-epochs 6, now it is 7');
    expect(await refused(events, '--seed', '2')).toContain('it was trained with --seed 1, now it is 2');
    expect(await refused(events, '--no-evaluate')).toContain('it was trained with training sessions 76, now it is 80');
    expect(await refused(temporaryFile('more.csv', ringCsv(90)))).toContain('training sessions 76, now it is 86');
    const swapped = ringCsv().replaceAll('item-3,', 'item-x,').replaceAll('item-4,', 'item-3,').replaceAll('item-x,', 'item-4,');
    expect(await refused(temporaryFile('swapped.csv', swapped))).toMatch(/the item ids|the sessions' events/);
    writeFileSync(checkpoint, readFileSync(checkpoint).subarray(0, 5_000));
    expect(await refused(events)).toContain(checkpoint);
  });

  it('belongs to the training of a GRU', async () => {
    const events = temporaryFile('ring.csv', ringCsv());
    const result = await cli(['train', events, '--out', join(temporaryFolder(), 'x'), '--resume', 'nothing']);
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain('--model gru');
    const missing = await cli(['train', events, '--out', join(temporaryFolder(), 'x'), '--resume', 'nothing', ...OPTIONS]);
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.stderr).toContain('--resume nothing cannot be read');
  });
});
