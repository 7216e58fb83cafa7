/**
 * Runs every test: builds the package and the demo, finds a browser, runs unit, browser and end-to-end tests.
 * Arguments go to vitest: `npm test -- --project unit`, `npm test -- filter`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from './findChromium.mjs';

let browser;
try {
  browser = findChromium();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
console.log(`Browser: ${browser}`);

const reportFolder = mkdtempSync(join(tmpdir(), 'shelfmate-test-'));
const reportFile = join(reportFolder, 'report.json');
const vitest = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/vitest.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...process.env, SHELFMATE_CHROMIUM: browser } },
);
let report = null;
try {
  report = JSON.parse(readFileSync(reportFile, 'utf8'));
} catch {
  console.error('The test runner ended without a report.');
}
rmSync(reportFolder, { recursive: true, force: true });
if (report) console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed`);
const isEmpty = !report || report.numPassedTests + report.numFailedTests === 0;
if (report && isEmpty) console.error('No test ran.');
process.exit(vitest.status || (isEmpty ? 1 : 0));
