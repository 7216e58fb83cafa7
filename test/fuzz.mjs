/**
 * Gives every parser many hostile inputs: npm run test:fuzz -- --runs 1000000 [--cli-runs 10000] [--only NAME].
 * --runs: for each parser of the page and its worker (the ordinary tests give 2,000); --cli-runs: for each reader of the command
 * line (1,000), which take milliseconds a file.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100000' }, 'cli-runs': { type: 'string', default: '1000' }, only: { type: 'string' } },
});
for (const name of ['runs', 'cli-runs']) {
  if (/^[1-9]\d*$/.test(values[name])) continue;
  console.error(`--${name} takes a whole number above 0, not ${values[name]}.`);
  process.exit(2);
}
const argv = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--project', 'unit'];
argv.push('test/unit/fuzz', 'test/unit/cli/parsers');
if (values.only) argv.push('-t', values.only);
const { status } = spawnSync(process.execPath, argv, {
  stdio: 'inherit',
  env: { ...process.env, SHELFMATE_FUZZ_RUNS: values.runs, SHELFMATE_CLI_FUZZ_RUNS: values['cli-runs'] },
});
process.exit(status ?? 1);
