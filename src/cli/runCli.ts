import { Command, CommanderError } from 'commander';
import { RecommenderError } from '../core/errors.js';
import { VERSION } from '../core/version.js';
import type { CliIo } from './cliIo.js';
import { addDiffCommand } from './commands/diff.js';
import { addEvaluateCommand } from './commands/evaluate.js';
import { addInspectCommand } from './commands/inspect.js';
import { addPackCommand } from './commands/pack.js';
import { addQuantizeCommand } from './commands/quantize.js';
import { addServeCommand } from './commands/serve.js';
import { addSignCommand } from './commands/sign.js';
import { addTrainCommand } from './commands/train.js';
import { addVerifyCommand } from './commands/verify.js';
import { painter } from './terminal.js';

/** 0: done. 1: the input is bad, or a check failed. 2: called wrongly. 130: stopped by Ctrl-C. */
export type ExitCode = 0 | 1 | 2 | 130;

/** Runs one command. `argv` holds what stands behind the program's name. Never throws: errors become one sentence on stderr. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  try {
    await createProgram(io).parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, io);
  }
}

function createProgram(io: CliIo): Command {
  const program = new Command('shelfmate')
    .description("Makes the model folder of Shelfmate, the recommender that runs in the shopper's own browser.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHasColors: () => painter(io, io.stdout)('bold', '') !== '',
      getErrHasColors: () => painter(io, io.stderr)('bold', '') !== '',
    })
    .showHelpAfterError('(shelfmate --help, or shelfmate <command> --help, lists what there is)')
    .showSuggestionAfterError()
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText(
      'after',
      `
Example:
  shelfmate train orders.csv --catalog products.csv --out public/model
  shelfmate verify public/model`,
    );
  addTrainCommand(program, io);
  addPackCommand(program, io);
  addEvaluateCommand(program, io);
  addInspectCommand(program, io);
  addVerifyCommand(program, io);
  addDiffCommand(program, io);
  addQuantizeCommand(program, io);
  addSignCommand(program, io);
  addServeCommand(program, io);
  return program;
}

function report(error: unknown, io: CliIo): ExitCode {
  // Commander has printed its own message by now.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isKnown = error instanceof RecommenderError;
  // Causes from elsewhere may quote whole lines of a file.
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ').trim();
  const prefix = painter(io, io.stderr)('red', 'shelfmate:');
  io.stderr.write(isKnown ? `${prefix} ${message}\n` : `${prefix} Something unforeseen happened: ${message} (DEBUG=1 shows where)\n`);
  if (io.env['DEBUG'] && error instanceof Error)
    io.stderr.write(`${error.stack}\n${error.cause instanceof Error ? `${error.cause.stack}\n` : ''}`);
  if (isKnown && (error.code === 'cli/usage' || error.code === 'input/invalid')) return 2;
  return isKnown && error.code === 'call/aborted' ? 130 : 1;
}
