import { createScoreColumn } from '../../core/artifact/writeNetworkModel.js';
import type { SequenceModelInput } from '../../core/artifact/sequenceFiles.js';
import { isRecommenderError } from '../../core/errors.js';
import { NetworkModel } from '../../core/models/sequence/networkModel.js';
import { OUTPUT_ROWS } from '../../core/models/sequence/sequenceTensors.js';
import type { CliIo } from '../cliIo.js';
import { badInput, badUsage } from '../cliIo.js';
import { readIds } from '../readers/readIds.js';
import type { OriginalComparison } from '../sequences/compareWithOriginal.js';
import { compareScores, PARITY } from '../sequences/compareWithOriginal.js';
import { openNetwork } from '../sequences/openNetwork.js';
import type { NetworkSource } from '../sequences/readNetwork.js';
import { readNetwork } from '../sequences/readNetwork.js';
import { readSelfTestFile } from '../sequences/selfTestFile.js';
import { formatBytes, formatCount, plural } from '../terminal.js';
import { writePacked } from '../writePacked.js';
import type { PackSequenceOptions } from './packSequence.js';
import { DEFAULT_EVENTS, DEFAULT_GAP_MINUTES, readModelName } from './packSequence.js';

/** Runs `shelfmate pack --network FILE`: a tfjs model of any architecture. Throws `cli/bad-input` or `cli/usage`. */
export async function packNetwork(path: string, declaration: string, options: PackSequenceOptions, io: CliIo): Promise<void> {
  if (options.ids === undefined)
    throw badUsage(
      `${path} holds no item ids. Say --ids FILE: a text file with one id a line in the order of the network's items, or a JSON array.`,
    );
  const ids = await readIds(options.ids);
  const source = await readNetwork(path, declaration, ids.length);
  const { config, files, itemRows, itemRowsName } = source;
  const name = readModelName(options, 'network');
  const events = options.events ?? DEFAULT_EVENTS;
  const sessionGapMinutes = options.sessionGap ?? DEFAULT_GAP_MINUTES;
  const algorithm = `tfjs ${config.format}`;
  await asInput(path, async () => {
    const check = await compareNetwork(source, ids, options.selfTest);
    const alike = check && `${plural(check.caseCount, 'case')}, scores differ by at most ${check.largestDifference.toExponential(1)}`;
    const input: SequenceModelInput = {
      name,
      algorithm,
      config,
      tensors: new Map([[OUTPUT_ROWS, itemRows]]),
      dtype: options.dtype,
      events,
      sessionGapMinutes,
      network: { files, open: openNetwork },
    };
    await writePacked(
      {
        source: path,
        algorithm,
        name,
        ids,
        models: [],
        sequences: [input],
        noun: 'rows',
        overlap: 1,
        facts: {
          before: [
            ['Run as is', `${formatBytes(files.weights.length)} of weights; a page loads tfjs.js for it`],
            ['Items', formatCount(config.itemCount)],
            [
              'Takes in',
              `${events.join(', ')}: the last ${config.length}, each costs a run; a pause of ${sessionGapMinutes} minutes begins anew`,
            ],
            ['Gives', config.gives === 'scores' ? 'a score for each item' : `a vector for the rows of ${itemRowsName}`],
            ['Neighbours', `from the rows of ${itemRowsName}`],
          ],
          after: alike === null ? [] : [['Original', `answers alike: ${alike}`]],
        },
        notes: check ? [] : ["Nothing was compared with the original's own answers; --self-test FILE does."],
        figures: { config, selfTest: check && { cases: check.caseCount, largestDifference: check.largestDifference } },
      },
      options,
      io,
    );
  });
}

/** Runs the network on the original's cases; on one event without them, so that a wrong declaration is met here. */
async function compareNetwork(
  { config, files, itemRows }: NetworkSource,
  ids: readonly string[],
  selfTest: string | undefined,
): Promise<OriginalComparison | null> {
  const network = await openNetwork(files, config);
  try {
    const column = config.gives === 'scores' ? createScoreColumn(config.itemCount) : null;
    const model = new NetworkModel(config, network, Array.from(ids.keys()), column);
    const scoresOf = (history: readonly number[]): Float64Array => {
      const state = model.createState();
      for (const item of history) model.step(state, item);
      const query = model.query(state);
      if (column) return Float64Array.from(column.exactRows!);
      const { values } = itemRows;
      const d = config.dimensions;
      return Float64Array.from(ids, (_, row) => query.reduce((sum, value, j) => sum + value * values[row * d + j]!, 0));
    };
    if (selfTest === undefined) {
      scoresOf([0]);
      return null;
    }
    const { cases, scoreKind } = await readSelfTestFile(selfTest, ids);
    const comparison = compareScores(cases, scoreKind ?? 'score', 0, scoresOf);
    const { largestDifference, hasSameLists, worst } = comparison;
    if (largestDifference <= PARITY && hasSameLists) return comparison;
    throw badInput(
      `The self-test fails: after case ${worst.case} item ${JSON.stringify(ids[worst.item])} gets ${worst.seen}, the original gave ${worst.expected} (largest relative difference ${largestDifference.toExponential(1)}, allowed ${PARITY}). Check length, padding, padSide, indexOffset and outputOffset of the declaration.`,
      { largestDifference, hasSameLists, case: worst.case },
    );
  } finally {
    network.dispose();
  }
}

/** What the network gets wrong is what the source got wrong. */
async function asInput<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isRecommenderError(error) || !error.code.startsWith('artifact/')) throw error;
    throw badInput(`${path}: ${error.message}`, { ...error.details, path }, error);
  }
}
