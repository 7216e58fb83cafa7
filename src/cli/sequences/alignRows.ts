import { dropRows } from '../../core/models/sequence/canonicalize.js';
import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { badInput } from '../cliIo.js';
import type { SequenceReadOptions } from './sequenceSource.js';

/** A tensor with one row an item, and what it is called in the source. */
export interface ItemTensor {
  readonly label: string;
  readonly tensor: FloatTensor;
}

export interface AlignedRows {
  readonly itemCount: number;
  /** The tensors without the dropped rows, in the order given. */
  readonly tensors: readonly FloatTensor[];
  readonly strippedRows: number;
}

const MOST_PAD_ROWS = 2;

/**
 * Drops the rows before the first item, so that row i is item i in every tensor. How many: what `padRows` says, else the rows that
 * are more than ids, else one where the source is known to keep a padding row. A tensor that has none (a head over the items alone
 * beside an embedding with padding) stays as it is. Throws `cli/bad-input` with the counts when they do not fit.
 */
export function alignRows(
  origin: string,
  all: readonly ItemTensor[],
  hasPadding: boolean,
  { padRows, itemCount }: SequenceReadOptions,
): AlignedRows {
  const counts = all.map(({ tensor }) => tensor.shape[0]!);
  const seen = all.map(({ label, tensor }) => `${label} has ${tensor.shape[0]} rows`).join(', ');
  const fewest = Math.min(...counts);
  const most = Math.max(...counts);
  const expected = itemCount ?? most - (padRows ?? (hasPadding || most !== fewest ? Math.max(1, most - fewest) : 0));
  const fail = (hint: string): never => {
    throw badInput(`${origin}: ${seen}; there are ${expected} ids. ${hint}`, { origin, rows: counts, ids: expected });
  };
  const extra = counts.map((count) => count - expected);
  const strippedRows = Math.max(...extra);
  if (Math.min(...extra) < 0) fail('Some id has no row: take the ids from the very encoder that numbered the rows.');
  if (strippedRows > MOST_PAD_ROWS || extra.some((count) => count !== 0 && count !== strippedRows))
    fail(
      'At most two rows, padding and "unknown", may stand before the first item. Take the ids from the very encoder that numbered the rows.',
    );
  if (padRows !== undefined && strippedRows !== padRows)
    fail(`--pad-rows ${padRows} does not fit: ${strippedRows === 1 ? 'one row is' : `${strippedRows} rows are`} more than ids.`);
  if (hasPadding && strippedRows === 0 && padRows === undefined)
    fail('The model keeps row 0 for padding, so there must be a row more than ids: leave the padding out of --ids (or say --pad-rows 0).');
  return { itemCount: expected, tensors: all.map(({ tensor }, i) => dropRows(tensor, extra[i]!)), strippedRows };
}
