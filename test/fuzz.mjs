/** Gives every parser many hostile inputs: npm run test:fuzz -- --runs 1000000. The ordinary tests give 2,000. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '100000' }, only: { type: 'string' } } });
if (!/^[1-9]\d*$/.test(values.runs)) {
  console.error(`--runs takes a whole number above 0, not ${values.runs}.`);
  process.exit(2);
}
const argv = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--project', 'unit', 'test/unit/fuzz'];
if (values.only) argv.push('-t', values.only);
const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit', env: { ...process.env, SHELFMATE_FUZZ_RUNS: values.runs } });
process.exit(status ?? 1);
