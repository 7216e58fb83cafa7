import { badInput } from './cliIo.js';
import type { DenseMatrix } from './factors/factorSource.js';
import { formatCount } from './terminal.js';

/** Names of rows that stand for no product. */
const SPECIAL_ID = /^[[<(]?(pad|padding|unk|unknown|oov|mask|bos|eos|cls)[\]>)]?$/i;

/** Throws `cli/bad-input` unless every row has an id, saying what the difference likely means, or when an id names a padding row. */
export function checkRowCount(rowCount: number, ids: readonly string[], file: string, origin: string, option: string): void {
  if (rowCount === ids.length) {
    const special = ids.findIndex((id) => SPECIAL_ID.test(id));
    if (special >= 0)
      throw badInput(
        `${file}: row ${special} is called ${JSON.stringify(ids[special])}, which looks like a padding or "unknown" row and no product. Drop that row from the factors and from ${option}.`,
        { file, row: special },
      );
    return;
  }
  const difference = rowCount - ids.length;
  const hint =
    difference === 1 || difference === 2
      ? `${difference === 1 ? 'One row' : 'Two rows'} more than ids: row 0 (or the last) is likely a padding or "unknown" row, as RecBole, LensKit and SASRec keep; drop it from the factors.`
      : difference === -1
        ? 'One id more than rows: does the file begin with a heading?'
        : 'Take the ids from the very encoder that numbered the rows.';
  throw badInput(`${origin} has ${formatCount(rowCount)} rows, ${file} has ${formatCount(ids.length)} ids. ${hint}`, {
    rows: rowCount,
    ids: ids.length,
  });
}

/** Throws `cli/bad-input` naming the first factor that is no finite number. */
export function checkFinite({ values, columnCount }: DenseMatrix, origin: string): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw badInput(
    `${origin}: factor ${bad % columnCount} of row ${Math.floor(bad / columnCount)} is ${values[bad]}. All must be finite numbers: did the training diverge? Train again with a smaller step or more regularization.`,
    { row: Math.floor(bad / columnCount) },
  );
}
