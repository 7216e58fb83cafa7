import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url));
/** Prints the most memory the process ever held, in KiB. */
const TELL_MEMORY = 'data:text/javascript,process.on("exit",()=>process.stderr.write(`maxRss ${process.resourceUsage().maxRSS}\\n`))';

const folders: string[] = [];
const newFolder = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), 'shelfmate-process-')));
  return folders.at(-1)!;
};
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Runs the built program; `onStderr` may act on the process as it speaks. */
async function run(
  argv: readonly string[],
  onText: (text: string, kill: (name: NodeJS.Signals) => void) => void,
  flags: readonly string[] = [],
): Promise<Ended> {
  const child = spawn(process.execPath, [...flags, PROGRAM, ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onText(stderr, (name) => child.kill(name));
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stderr };
}

describe('a file larger than the memory', () => {
  const BYTES = 200 * 2 ** 20;

  it('is streamed: 200 MiB of events train in a heap of 64 MiB', async () => {
    const folder = newFolder();
    const path = join(folder, 'events.csv');
    const out = createWriteStream(path);
    const filler = 'x'.repeat(400);
    let size = out.write('user_id,item_id,timestamp,note\n') ? 31 : 31;
    for (let line = 0; size < BYTES;) {
      let block = '';
      for (let i = 0; i < 1_000; i++, line++) block += `u${line % 500},i${(line * 7) % 300},${1_700_000_000 + line},${filler}\n`;
      size += block.length;
      if (!out.write(block)) await once(out, 'drain');
    }
    out.end();
    await finished(out);
    const train = ['train', path, '--out', join(folder, 'model'), '--factors', '4', '--epochs', '1', '--no-evaluate', '--quiet'];
    const ended = await run(train, () => {}, ['--max-old-space-size=64', '--import', TELL_MEMORY]);
    expect(ended).toMatchObject({ code: 0 });
    // Buffers and typed arrays lie outside the heap: the whole process must stay small too.
    expect(Number(/maxRss (\d+)/.exec(ended.stderr)![1])).toBeLessThan(400 * 1024);
  }, 400_000);
});

describe('a signal', () => {
  const events = Array.from(
    { length: 60_000 },
    (_, i) => `u${i % 3_000},i${(i * 7919 + Math.floor(i / 3_000)) % 1_500},${1_700_000_000 + i}`,
  ).join('\n');

  function shop(): { folder: string; argv: string[] } {
    const folder = newFolder();
    writeFileSync(join(folder, 'events.csv'), `user_id,item_id,timestamp\n${events}\n`);
    return {
      folder,
      argv: ['train', join(folder, 'events.csv'), '--out', join(folder, 'model'), '--epochs', '12', '--json', join(folder, 'figures.json')],
    };
  }

  /** Nothing but the input, or a whole folder; never anything hidden. */
  function expectClean(folder: string, ended: Ended): void {
    const left = readdirSync(folder).filter((name) => name !== 'events.csv');
    if (ended.code === 0) {
      expect(left.sort()).toEqual(['figures.json', 'model']);
      JSON.parse(readFileSync(join(folder, 'figures.json'), 'utf8'));
    } else {
      expect(left.filter((name) => name !== 'model')).toEqual([]);
    }
    if (left.includes('model')) {
      const { files } = JSON.parse(readFileSync(join(folder, 'model', 'manifest.json'), 'utf8')) as {
        files: { path: string; sizeBytes: number }[];
      };
      for (const { path, sizeBytes } of files) expect(readFileSync(join(folder, 'model', path)).length).toBe(sizeBytes);
    }
  }

  it.each([
    ['SIGINT', 'Reading events'],
    ['SIGTERM', 'Reading events'],
    ['SIGINT', 'Test training'],
    ['SIGTERM', 'Training: '],
    ['SIGINT', 'Testing'],
  ] as const)(
    '%s at "%s" ends with 130 and leaves nothing',
    async (name, moment) => {
      const { folder, argv } = shop();
      let isSent = false;
      const ended = await run(argv, (text, kill) => {
        if (isSent || !text.includes(moment)) return;
        isSent = true;
        kill(name);
      });
      expect(isSent).toBe(true);
      expectClean(folder, ended);
      expect([ended.code, ended.stderr]).toEqual([130, expect.stringContaining('Stopped. Nothing was written.')]);
    },
    60_000,
  );

  it('at any moment leaves nothing, or the whole folder; a second one at once too', async () => {
    for (let round = 0; round < 12; round++) {
      const { folder, argv } = shop();
      const child = spawn(process.execPath, [PROGRAM, ...argv], { stdio: 'ignore' });
      const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
      await new Promise((resolve) => setTimeout(resolve, 250 + 170 * round));
      child.kill(round % 2 === 0 ? 'SIGINT' : 'SIGTERM');
      if (round % 3 === 0) child.kill('SIGINT');
      const [code, signal] = await ended;
      expectClean(folder, { code, signal, stderr: '' });
    }
  }, 400_000);
});
