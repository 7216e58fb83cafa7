import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecommendationList } from '../../src/index.js';
import { collectErrors, launchBrowser } from '../fixtures/browser.js';
import { startSite } from '../fixtures/siteServer.js';
import { smallFolder } from '../fixtures/smallModel.js';
import { smallSequenceFolder } from '../fixtures/smallSequence.js';
import { writeFolder } from '../fixtures/writeFolder.js';

const INSTALL_LIMIT_MS = 240_000;

let project: string;
let modelFolder: string;
let sequenceFolder: string;

/** npm hands its own settings down to what it starts; a project of its own must not see them. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV|NODE_OPTIONS)/i.test(name)));
const npm = (args: string[], cwd: string): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: environment });

beforeAll(async () => {
  modelFolder = writeFolder(await smallFolder({ itemCount: 200 }));
  sequenceFolder = writeFolder(await smallSequenceFolder({ itemCount: 200 }));
  project = mkdtempSync(join(tmpdir(), 'shelfmate-vite-'));
  cpSync('test/consumers/vite', project, { recursive: true });
  const tarball = npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', project], process.cwd()).trim().split('\n').at(-1)!;
  npm(['install', '--no-audit', '--no-fund', `./${tarball}`, 'vite@8'], project);
  npm(['run', 'build'], project);
}, INSTALL_LIMIT_MS);
afterAll(() => {
  for (const folder of [project, modelFolder, sequenceFolder]) if (folder) rmSync(folder, { recursive: true });
});

describe('a fresh Vite project that installs the packed tarball', () => {
  it.each([
    { asked: 'backend=auto', backend: 'wasm', strategy: 'personal' },
    { asked: 'backend=webgl', backend: 'webgl', strategy: 'personal' },
    { asked: 'backend=webgpu', backend: 'webgpu', strategy: 'personal' },
    { asked: 'model=/sequence-model/', backend: 'wasm', strategy: 'blended' },
  ])('builds and recommends, $asked', async ({ asked, backend, strategy }) => {
    const folders = { '/': join(project, 'dist'), '/model/': modelFolder, '/sequence-model/': sequenceFolder };
    const site = await startSite({ folders });
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      const errors = collectErrors(page);
      await page.goto(`${site.url}/?${asked}`);
      await page.waitForFunction(() => 'list' in globalThis);
      const list = (await page.evaluate('list')) as RecommendationList;
      expect(list.items).toHaveLength(4);
      expect(list).toMatchObject({ strategy, backend });
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
      await site.close();
    }
  });

  it('offers the command line as npx shelfmate', () => {
    expect(
      execFileSync(join(project, 'node_modules/.bin/shelfmate'), ['--version'], { encoding: 'utf8', env: environment }).trim(),
    ).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
