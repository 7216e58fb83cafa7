import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { SequenceModelInput } from '../../core/artifact/sequenceFiles.js';
import type { CliIo } from '../cliIo.js';
import { badUsage } from '../cliIo.js';
import { EVENT_WEIGHTS } from '../../core/events/eventWeights.js';
import { checkTarget } from '../folder/modelDirectory.js';
import { checkOutputFiles } from '../folder/outputFile.js';
import { checkRowCount } from '../packChecks.js';
import { readIds } from '../readers/readIds.js';
import { checkAgainstOriginal } from '../sequences/checkAgainstOriginal.js';
import type { QuantizedComparison } from '../sequences/compareQuantized.js';
import { compareQuantized } from '../sequences/compareQuantized.js';
import type { OriginalComparison } from '../sequences/compareWithOriginal.js';
import { readSelfTestFile } from '../sequences/selfTestFile.js';
import type { SequencePreset, SequenceSource } from '../sequences/sequenceSource.js';
import { SEQUENCE_PRESETS } from '../sequences/sequenceSource.js';
import { readSequenceSource } from '../sequences/readSequenceSource.js';
import { formatCount, formatPercent, plural } from '../terminal.js';
import type { WritePackedOptions } from '../writePacked.js';
import { writePacked } from '../writePacked.js';
import { choice, count, numberAbove } from './options.js';
import { packNetwork } from './packNetwork.js';

export interface PackSequenceOptions extends WritePackedOptions {
  readonly modelName?: string;
  readonly preset?: SequencePreset;
  readonly describe?: string;
  readonly selfTest?: string;
  /** Declares a tfjs model that is run as it is. */
  readonly network?: string;
  readonly padRows?: number;
  readonly heads?: number;
  readonly events?: readonly string[];
  readonly sessionGap?: number;
  readonly force?: boolean;
}

/** A sequence model ready for the folder, and how it was found to answer. */
export interface SequenceToPack {
  readonly source: SequenceSource;
  readonly ids: readonly string[];
  readonly input: SequenceModelInput;
  /** Null without --self-test. */
  readonly check: OriginalComparison | null;
  readonly quantized: QuantizedComparison;
}

export const DEFAULT_EVENTS = ['view_item'];
export const DEFAULT_GAP_MINUTES = 30;
const SAMPLE_SEED = 1;

/** Adds the options of `shelfmate pack` that concern sequence models. */
export function addSequenceOptions(command: Command): Command {
  return command
    .option(
      '--preset <preset>',
      `what wrote the state dict of a sequence model: ${SEQUENCE_PRESETS.join(', ')}`,
      choice('--preset', SEQUENCE_PRESETS),
    )
    .option('--describe <file>', 'JSON that describes a sequence model: the layers of a .weights.h5, or the tensors of a .safetensors')
    .option('--network <file>', 'JSON that declares the input and output of a tfjs model of any architecture, to run it as it is')
    .option('--self-test <file>', 'answers of the original sequence model; what is packed must give the same')
    .option('--pad-rows <n>', 'rows before the first item, 0 to 2 (default: what is more than ids)', count('--pad-rows', 0, 2))
    .option('--heads <n>', 'attention heads of SASRec, which its weights do not tell (default: 1)', count('--heads', 1, 64))
    .option('--events <name,...>', `events that a sequence model takes in (default: ${DEFAULT_EVENTS.join(',')})`, eventList)
    .option(
      '--session-gap <minutes>',
      `a pause that ends a session (default: ${DEFAULT_GAP_MINUTES})`,
      numberAbove('--session-gap', 0, false),
    );
}

/** Throws `cli/usage` when the name cannot be part of a file name. */
export function readModelName({ modelName }: PackSequenceOptions, fallback: string): string {
  if (modelName === undefined || /^[a-z0-9-]{1,40}$/.test(modelName)) return modelName ?? fallback;
  throw badUsage(`--model-name ${JSON.stringify(modelName)} must be 1 to 40 lower-case letters, digits and dashes.`);
}

/** Whether `shelfmate pack` was given a sequence model: by its options, or by the kind of file. */
export function isSequenceSource(path: string, { preset, describe, selfTest, network }: PackSequenceOptions): boolean {
  if (preset !== undefined || network !== undefined || describe !== undefined || selfTest !== undefined) return true;
  return /\.(keras|h5|hdf5|json)$/i.test(path) || existsSync(join(path, 'model.json'));
}

/** Reads and checks a sequence model. Throws `cli/bad-input`, also when it does not answer as the original, or `cli/usage`. */
export async function readSequenceToPack(path: string, options: PackSequenceOptions): Promise<SequenceToPack> {
  if (options.ids === undefined) {
    throw badUsage(
      `${path} holds no item ids. Say --ids FILE: a text file with one id a line in the order of the rows, without padding, or a JSON array.`,
    );
  }
  const ids = await readIds(options.ids);
  const { preset, describe, padRows, heads } = options;
  const source = await readSequenceSource(path, { preset, describe, padRows, heads, itemCount: ids.length });
  checkRowCount(source.config.itemCount, ids, options.ids, path, '--ids');
  const check = options.selfTest === undefined ? null : checkAgainstOriginal(source, await readSelfTestFile(options.selfTest, ids), ids);
  const input: SequenceModelInput = {
    name: readModelName(options, 'sequence'),
    algorithm: source.algorithm,
    config: source.config,
    tensors: source.tensors,
    dtype: options.dtype,
    events: options.events ?? DEFAULT_EVENTS,
    sessionGapMinutes: options.sessionGap ?? DEFAULT_GAP_MINUTES,
  };
  return { source, ids, input, check, quantized: compareQuantized(source, options.dtype, SAMPLE_SEED) };
}

/** Runs `shelfmate pack` for a sequence model. Throws `cli/bad-input` or `cli/usage`. */
export async function packSequence(path: string, options: PackSequenceOptions, io: CliIo): Promise<void> {
  checkTarget(options.out, options.force === true);
  checkOutputFiles({ '--json': options.json });
  if (options.network !== undefined) return packNetwork(path, options.network, options, io);
  const { source, ids, input, check, quantized } = await readSequenceToPack(path, options);
  const facts = {
    before: [
      ['Read as', source.note],
      ['Items', formatCount(ids.length)],
      ['Takes in', `${input.events.join(', ')}; a pause of ${input.sessionGapMinutes} minutes begins anew`],
    ],
    after: [
      ...(check
        ? [
            [
              'Original',
              `answers alike: ${plural(check.caseCount, 'case')}, the same lists, scores differ by at most ${check.largestDifference.toExponential(1)}`,
            ],
          ]
        : []),
      [
        'Top 20',
        `${formatPercent(quantized.overlap)} agree with the source's rows in float32 (${quantized.historyCount} random histories)`,
      ],
    ],
  };
  const notes = check
    ? []
    : ['Nothing was compared with the original model. Write its answers (shelfmate pack --help shows how) and say --self-test FILE.'];
  const figures = {
    strippedRows: source.strippedRows,
    config: source.config,
    selfTest: check && { cases: check.caseCount, largestDifference: check.largestDifference },
    top20Overlap: quantized.overlap,
  };
  await writePacked(
    {
      source: path,
      algorithm: source.algorithm,
      name: input.name,
      ids,
      models: [],
      sequences: [input],
      noun: 'rows',
      overlap: quantized.overlap,
      facts,
      notes,
      figures,
    },
    options,
    io,
  );
}

function eventList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  return names.map((name) => choice('--events', Object.keys(EVENT_WEIGHTS))(name));
}
