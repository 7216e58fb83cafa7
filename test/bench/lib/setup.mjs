/** Gets everything in place that the benchmark runs on: the peers, the project's build, the floor kernel. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BENCH = fileURLToPath(new URL('..', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Installs the peers on first use, exactly as locked. */
export function ensurePeers() {
  if (existsSync(join(BENCH, 'node_modules/@tensorflow/tfjs'))) return;
  console.log('Installing the peers into test/bench/node_modules …');
  run('npm', ['ci', '--prefix', BENCH, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Builds the project when dist/ or build/ is not there. */
export function ensureBuild() {
  if (
    ['dist/index.js', 'dist/worker.js', 'dist/webgpu.js', 'build/src/core/kernels/topK.wasm.js'].every((path) =>
      existsSync(join(ROOT, path)),
    )
  )
    return;
  console.log('Building the project …');
  run('npm', ['run', '--silent', 'build']);
}

const FLOOR_SOURCE = `
/** Reads every byte of [at, end) once, 128 at a time, and does nothing else with them: no scan can be faster. */
export function read(at: usize, end: usize): i32 {
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  for (let p = at; p + 128 <= end; p += 128) {
    a = v128.or(a, v128.load(p));
    b = v128.or(b, v128.load(p, 16));
    c = v128.or(c, v128.load(p, 32));
    d = v128.or(d, v128.load(p, 48));
    a = v128.or(a, v128.load(p, 64));
    b = v128.or(b, v128.load(p, 80));
    c = v128.or(c, v128.load(p, 96));
    d = v128.or(d, v128.load(p, 112));
  }
  return i32x4.bitmask(v128.or(v128.or(a, b), v128.or(c, d)));
}
`;

/** Compiles the kernel that only reads memory. */
export async function compileFloor() {
  const { default: asc } = await import('assemblyscript/asc');
  const folder = await mkdtemp(join(tmpdir(), 'shelfmate-floor-'));
  try {
    const [source, binary] = [join(folder, 'floor.ts'), join(folder, 'floor.wasm')];
    await writeFile(source, FLOOR_SOURCE);
    const flags = ['--runtime', 'stub', '--enable', 'simd', '--importMemory', '--noExportMemory', '-O3', '--noAssert', '--use', 'abort='];
    const { error, stderr } = await asc.main([source, '--outFile', binary, ...flags]);
    if (error) throw new Error(`The floor kernel does not compile: ${error.message}\n${stderr.toString()}`);
    return await readFile(binary);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`"${command} ${args.join(' ')}" failed.`);
}
