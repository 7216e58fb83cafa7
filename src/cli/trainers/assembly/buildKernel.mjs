/** Compiles a training kernel, AssemblyScript on memory that threads share, into a TypeScript file with a base64 constant. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shared = fileURLToPath(new URL('.', import.meta.url));

/**
 * Compiles `entry` into `target`. Does nothing when that file is newer than all sources (`--force` compiles all the same). Throws what the
 * compiler reports.
 */
export async function buildKernel({ entry, target, constant, label }) {
  if (!process.argv.includes('--force') && (await isUpToDate(dirname(entry), target))) {
    console.log(`${label}: up to date`);
    return;
  }
  // Imported only when needed: the compiler takes a second to load.
  const { default: asc } = await import('assemblyscript/asc');
  const outFolder = await mkdtemp(join(tmpdir(), 'shelfmate-kernel-'));
  try {
    const binary = join(outFolder, 'kernel.wasm');
    const { error, stderr } = await asc.main(
      [entry, '--outFile', binary, '--runtime', 'stub', '--enable', 'simd', '--enable', 'threads'].concat([
        ...['--importMemory', '--noExportMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
        // Constants of the module lie between the words of layout.as.ts and its arrays, which begin at 65,536.
        ...['--memoryBase', '4096'],
        ...['-O3', '--converge', '--noAssert', '--use', 'abort='],
      ]),
    );
    if (error) throw new Error(`${label} does not compile: ${error.message}\n${stderr.toString()}`);
    const bytes = await readFile(binary);
    await writeFile(
      target,
      `// Written by assembly/build.mjs. Do not edit.\n` +
        `/** The kernel as a WebAssembly module, ${bytes.length} bytes, base64. */\n` +
        `export const ${constant} =\n  '${bytes.toString('base64')}';\n`,
    );
    console.log(`${label}: ${bytes.length} bytes of WebAssembly`);
  } finally {
    await rm(outFolder, { recursive: true, force: true });
  }
}

async function isUpToDate(folder, target) {
  const written = await stat(target).catch(() => null);
  if (!written) return false;
  for (const place of [folder, shared]) {
    for (const name of await readdir(place)) {
      if ((await stat(join(place, name))).mtimeMs >= written.mtimeMs) return false;
    }
  }
  return true;
}
