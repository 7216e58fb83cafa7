import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/core/version.js';

const readme = readFileSync('README.md', 'utf8');
const packageJson = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  scripts: Record<string, string>;
  engines: { node: string };
};
const gzipKilobytes = (file: string): number => gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length / 1000;
/** Rounding, and what one zlib differs from the next. */
const TOLERANCE_KILOBYTES = 0.15;

/** The numbers of the README's size table, in the order of the files they are about. */
const FILES = [
  'index.js',
  'worker.js',
  'history.js',
  'sequence.js',
  'strategies.js',
  'privacy.js',
  'privacyCalls.js',
  'privacyPanel.js',
  'consent.js',
  'telemetry.js',
  'tuning.js',
  'delivery.js',
  'users.js',
  'tfjs.js',
  'webgpu.js',
  'webgl.js',
  'evaluation.js',
  'shelfmate.iife.js',
  'worker.iife.js',
];

describe('the README', () => {
  it('states the sizes that the build has', () => {
    const table = /\| what a page loads[\s\S]*?\n\n/.exec(readme)![0];
    const stated = [...table.matchAll(/(\d+\.\d)(?= kB|,| \+)/g)].map((match) => Number(match[1]));
    expect(stated).toHaveLength(FILES.length);
    FILES.forEach((file, at) => expect(Math.abs(stated[at]! - gzipKilobytes(file)), file).toBeLessThanOrEqual(TOLERANCE_KILOBYTES));
  });

  it('names only scripts that there are', () => {
    const named = [...readme.matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });

  it('and the package agree on the version in the code', () => {
    expect(VERSION).toBe(packageJson.version);
  });
});
