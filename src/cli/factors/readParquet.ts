import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../cliIo.js';

export type ParquetRow = Readonly<Record<string, unknown>>;

/** The part files of a folder that Spark wrote, in order of name; a file is its own only part. Throws `cli/bad-input` when there is none. */
export function parquetParts(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw badInput(`There is no folder ${path}. Check the path.`, { path });
  if (stats.isFile()) return [path];
  const names = readdirSync(path);
  // Spark puts checksums and markers beside: .part-0000.parquet.crc, _SUCCESS, _temporary.
  const parts = names.filter((name) => name.endsWith('.parquet') && !/^[._]/.test(name)).sort();
  if (names.includes('_temporary') || (parts.length === 0 && names.some((name) => /^[._]/.test(name))))
    throw badInput(`${path} was not written to its end (no part files, or a _temporary folder in it). Run the job again.`, { path });
  if (parts.length === 0)
    throw badInput(
      `${path} holds no .parquet files (seen: ${names.slice(0, 5).join(', ') || 'nothing'}). Copy the whole folder that Spark wrote.`,
      { path },
    );
  return parts.map((name) => join(path, name));
}

/** Reads a parquet file one row group at a time. Throws `cli/bad-input` when a column is missing or the file is damaged. */
export async function* readParquet(path: string, columns: readonly string[]): AsyncGenerator<ParquetRow[]> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const damaged = (cause: unknown): Error =>
    badInput(
      `${path} cannot be read as parquet (${(cause as Error).message.replace(/\s+/g, ' ')}). Copy the file again, whole.`,
      { path },
      cause,
    );
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch((cause: unknown) => {
    throw damaged(cause);
  });
  const present = parquetSchema(metadata).children.map(({ element }) => element.name);
  const missing = columns.filter((name) => !present.includes(name));
  if (missing.length > 0)
    throw badInput(`${path} has no column ${missing.join(' and no ')}. It has: ${present.join(', ') || '(none)'}.`, {
      path,
      seen: present,
    });
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    try {
      yield await parquetReadObjects({ file, metadata, columns: [...columns], rowStart, rowEnd, compressors });
    } catch (cause) {
      throw damaged(cause);
    }
    rowStart = rowEnd;
  }
}

/** The columns of a parquet file at the top of its schema. */
export async function parquetColumns(path: string): Promise<string[]> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetSchema } = await import('hyparquet');
  try {
    return parquetSchema(await parquetMetadataAsync(await asyncBufferFromFile(path))).children.map(({ element }) => element.name);
  } catch (cause) {
    throw badInput(`${path} cannot be read as parquet (${(cause as Error).message}). Copy the file again, whole.`, { path }, cause);
  }
}
