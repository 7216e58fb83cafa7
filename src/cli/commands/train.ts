import type { Command } from 'commander';
import type { CliIo } from '../cliIo.js';
import { CATALOG_FORMATS } from '../readers/catalogFormat.js';
import { CATALOG_COLUMNS, EVENT_COLUMNS } from '../../core/events/columnNames.js';
import { EVENTS_FORMATS } from '../../core/events/eventsFormat.js';
import { UNOBSERVED_RATIO } from '../trainers/fitFactorModel.js';
import { runTraining } from '../training/runTraining.js';
import type { TrainOptions } from '../training/trainOptions.js';
import { ALS_DEFAULTS, TABLE_KINDS, TRAIN_MODELS, WARM_EPOCHS } from '../training/trainOptions.js';
import { choice, count, fraction, nameList, numberAbove, timeOption, wholeNumber } from './options.js';

/** Adds `shelfmate train`. */
export function addTrainCommand(program: Command, io: CliIo): void {
  program
    .command('train')
    .summary('train a recommender on your events and write a model folder')
    .description('Trains a recommender on your events and writes a model folder: static files to publish beside your pages.')
    .argument('<events>', 'CSV, TSV or JSONL, plain or .gz: who met which item when; or plain sequences of item ids')
    .requiredOption('-o, --out <folder>', 'where to write the model folder')
    .option(
      '-c, --catalog <file>',
      'your products: CSV, TSV, JSONL, JSON, a Google feed, or a folder of pages with JSON-LD; without it items have only ids',
    )
    .option(
      '--format <format>',
      `how to read the events: ${EVENTS_FORMATS.join(', ')} (default: told by content)`,
      choice('--format', EVENTS_FORMATS),
    )
    .option('--columns <role=name,...>', `columns of the events: ${Object.keys(EVENT_COLUMNS).join(', ')}`)
    .option(
      '--catalog-format <format>',
      `how to read the catalogue: ${CATALOG_FORMATS.join(', ')} (default: told by content)`,
      choice('--catalog-format', CATALOG_FORMATS),
    )
    .option('--catalog-columns <role=name,...>', `columns of the catalogue: ${Object.keys(CATALOG_COLUMNS).join(', ')}`)
    .option('--min-coverage <share>', 'least share of events whose item is in the catalogue', fraction('--min-coverage'), 0.5)
    .option(
      '--model <kind>',
      'als: long-term taste; gru: the next item of a session; both: the two blended; bpr, nmf, svd: other factors; knn, ease: neighbour tables that rank, ALS beside; popularity: the same for all',
      choice('--model', TRAIN_MODELS),
      'als',
    )
    .option(
      '--tables <kind,...>',
      `tables beside the model: none, or ${TABLE_KINDS.join(', ')} (default: all that the input allows)`,
      nameList('--tables', TABLE_KINDS),
      [...TABLE_KINDS],
    )
    .option('--neighbors <n>', 'neighbours kept per item in each table', count('--neighbors', 1, 1000), 50)
    .option('--history-items <n>', 'knn: so many of the newest items of a history rank; 0: all', count('--history-items', 0, 1000), 10)
    .option('--history-decay <x>', 'knn: an older item counts so much of the one after it', fraction('--history-decay'), 0.8)
    .option('--half-life-days <n>', 'trend: an event counts half after so many days', numberAbove('--half-life-days', 0, false), 14)
    .option('--units <n>', "length of the GRU's state", count('--units', 1, 1000), 100)
    .option('--gru-epochs <n>', 'rounds of GRU training at most; the best one is kept', count('--gru-epochs', 1, 1000), 10)
    .option('--checkpoint <file>', 'write the GRU training here after each epoch, to go on from after a stop')
    .option('--resume <file>', 'go on from a checkpoint: the same folder as if it had not stopped')
    .option(
      '--threads <n>',
      'most threads (default: every core for ALS; up to four for the GRU, as long as they measure faster)',
      count('--threads', 1, 64),
    )
    .option('--factors <n>', 'numbers per item: more is finer, larger and slower', count('--factors', 1, 1000), 64)
    .option('--epochs <n>', 'rounds of training (default: als 10, bpr 50, nmf 20)', count('--epochs', 1, 1000))
    .option(
      '--regularization <x>',
      'pull towards zero (lambda; default: als .01, bpr .05, nmf .1, ease 200)',
      numberAbove('--regularization', 0, false),
    )
    .option(
      '--unobserved-weight <x>',
      `weight of a pair that did not happen (alpha0; default: all such pairs together weigh ${UNOBSERVED_RATIO} times the rest)`,
      numberAbove('--unobserved-weight', 0, true),
    )
    .option('--nu <x>', 'how far frequent rows are regularised more: 0 not, 1 in proportion', numberAbove('--nu', 0, true), ALS_DEFAULTS.nu)
    .option(
      '--tune <minutes>',
      'search factors (at most --factors), epochs, lambda, alpha0 and nu for so long',
      numberAbove('--tune', 0, false),
    )
    .option('--tune-trials <n>', 'search so many settings instead: the same result on every machine', count('--tune-trials', 1, 10_000))
    .option('--from <folder>', `go on from the factors of an earlier folder: ${WARM_EPOCHS} epochs with its settings, where none are given`)
    .option('--seed <n>', 'seed of the random start and the test sample', wholeNumber('--seed'), 1)
    .option(
      '--dtype <type>',
      'how factors are stored: int8, float16, float32',
      choice('--dtype', ['int8', 'float16', 'float32'] as const),
      'int8',
    )
    .option('--max-items <n>', 'keep only the items with most events', count('--max-items', 1, 1_000_000))
    .option('--name <name>', 'name of the model in the folder (default: the name of --out)')
    .option('--created-at <time>', 'date to write into the folder, for reproducible builds (default: now)', timeOption('--created-at'))
    .option('--no-evaluate', 'skip the test on held-out items')
    .option('--json <file>', 'write the figures of the summary to a file')
    .option('--force', 'replace whatever --out holds')
    .option('-q, --quiet', 'no progress, no summary')
    .addHelpText(
      'after',
      `
Example:
  shelfmate train orders.csv --catalog products.csv --out public/model

Columns are found by their usual names (user_id, CustomerID, item_id, sku, timestamp, InvoiceDate, event_name, ...).
The test: the newest item of each shopper is held out, all items are ranked, and the hit rate stands beside that of plain popularity.`,
    )
    .action((events: string, options: Omit<TrainOptions, 'given'>, command: Command) => {
      const given = new Set(Object.keys(options).filter((name) => command.getOptionValueSource(name) === 'cli'));
      return runTraining(events, { ...options, given }, io);
    });
}
