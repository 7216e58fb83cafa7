import { badInput } from '../cliIo.js';
import { readNpyHeader } from './readNpy.js';

/** The members of a .npz by array name, as bytes of .npy files. Nothing is decoded yet: a pickled member that nobody asks for does no harm. */
export type NpzMembers = ReadonlyMap<string, Uint8Array>;

/** Unpacks a .npz (numpy.savez or savez_compressed). Throws `cli/bad-input` when it is no zip or damaged. */
export async function readNpz(bytes: Uint8Array, file: string): Promise<NpzMembers> {
  const { unzipSync } = await import('fflate');
  let members: Record<string, Uint8Array>;
  try {
    members = unzipSync(bytes);
  } catch (cause) {
    throw badInput(
      `${file} is no readable .npz (${(cause as Error).message}). Save it again with numpy.savez, or copy it again.`,
      { file },
      cause,
    );
  }
  return new Map(
    Object.entries(members)
      .filter(([name]) => name.endsWith('.npy'))
      .map(([name, content]) => [name.slice(0, -4), content]),
  );
}

/** "item_factors (1000, 64) <f4, ..." for messages. */
export function listMembers(members: NpzMembers, file: string): string {
  return [...members]
    .map(([name, bytes]) => {
      const { shape, descr } = readNpyHeader(bytes, `${file}:${name}`);
      return `${name} (${shape.join(', ')}) ${descr}`;
    })
    .join('; ');
}
