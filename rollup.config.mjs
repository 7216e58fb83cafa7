/**
 * Bundles what `tsc --build` compiled into build/:
 *
 *   dist/index.js            main entry, ESM, nothing outside it
 *   dist/worker.js           the worker, ESM, one file
 *   dist/sequence.js tuning.js history.js strategies.js delivery.js users.js  rooms of the worker, each one file, loaded by it when it needs them: worker/rooms.ts
 *   dist/tfjs.js             TensorFlow.js whole, for folders with a network of their own
 *   dist/webgpu.js webgl.js  backends with their part of tfjs, each one file, loaded by the worker when used
 *   dist/evaluation.js      shelfmate/evaluation, for pages that measure a model, and its worker dist/evaluationWorker.js
 *   dist/privacy.js          a room of the worker too, loaded when a shopper exports, imports, erases, or consents
 *   dist/privacyPanel.js    shelfmate/privacy-panel, the custom element
 *   dist/privacyCalls.js consent.js telemetry.js   shelfmate/privacy, shelfmate/consent and shelfmate/telemetry, for pages that want them
 *   dist/shelfmate-export.schema.json  what privacy.export() gives
 *   dist/shelfmate.iife.js   script-tag build, and its classic worker dist/worker.iife.js
 *   dist/cli/                the command line, its libraries left to node_modules
 *   dist/types/              declarations
 */
import { cp, readFile, rm } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';

const { dependencies } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'));

/** A classic worker has no import.meta: its address is left in a global by the blob that imported it, or is its own. */
const classicMetaUrl = {
  name: 'classic-meta-url',
  intro: () => 'const scriptUrl = self.shelfmateWorkerUrl || self.location.href;',
  resolveImportMeta: (property) => (property === 'url' ? 'scriptUrl' : null),
};

const declarations = {
  name: 'declarations',
  async writeBundle() {
    await rm('dist/types', { recursive: true, force: true });
    const isDeclaration = (path) => !path.includes('src/cli') && (!/\.[a-z]+$/i.test(path) || path.endsWith('.d.ts'));
    await cp('build/src', 'dist/types/src', { recursive: true, filter: isDeclaration });
    await cp('src/shelfmate-export.schema.json', 'dist/shelfmate-export.schema.json');
  },
};

function onwarn(warning, warn) {
  // tfjs-core's circular imports are its own and work.
  if (warning.code === 'CIRCULAR_DEPENDENCY' && warning.ids.every((id) => id.includes('node_modules'))) return;
  if (warning.code === 'THIS_IS_UNDEFINED') return;
  warn(warning);
}

function browserBundle(input, output, plugins = []) {
  return {
    input: `build/${input}.js`,
    output: { sourcemap: true, ...output, file: `dist/${output.file}` },
    plugins: [
      ...plugins,
      resolve({ browser: true }),
      commonjs(),
      terser({
        ecma: 2020,
        module: output.format === 'es',
        format: { comments: false },
        compress: {
          ecma: 2020,
          passes: 3,
          inline: 1,
          sequences: false,
          toplevel: true,
          pure_getters: true,
          unsafe_arrows: true,
          unsafe_methods: true,
          lhs_constants: false,
        },
        mangle: { toplevel: true },
      }),
    ],
    onwarn,
  };
}

export default [
  browserBundle('src/index', { file: 'index.js', format: 'es' }, [declarations]),
  browserBundle('worker/index', { file: 'worker.js', format: 'es' }),
  browserBundle('worker/sequence', { file: 'sequence.js', format: 'es' }),
  browserBundle('worker/tuning', { file: 'tuning.js', format: 'es' }),
  browserBundle('worker/strategies', { file: 'strategies.js', format: 'es' }),
  browserBundle('worker/backends/tfjs', { file: 'tfjs.js', format: 'es' }),
  browserBundle('worker/backends/webgpu', { file: 'webgpu.js', format: 'es' }),
  browserBundle('worker/backends/webgl', { file: 'webgl.js', format: 'es' }),
  browserBundle('src/evaluation', { file: 'evaluation.js', format: 'es' }),
  browserBundle('worker/evaluation/index', { file: 'evaluationWorker.js', format: 'es' }),
  browserBundle('worker/history', { file: 'history.js', format: 'es' }),
  browserBundle('worker/privacy', { file: 'privacy.js', format: 'es' }),
  browserBundle('src/widgets/privacyPanel', { file: 'privacyPanel.js', format: 'es' }),
  browserBundle('src/privacyCalls', { file: 'privacyCalls.js', format: 'es' }),
  browserBundle('src/consent', { file: 'consent.js', format: 'es' }),
  browserBundle('src/telemetry', { file: 'telemetry.js', format: 'es' }),
  browserBundle('worker/delivery', { file: 'delivery.js', format: 'es' }),
  browserBundle('worker/users', { file: 'users.js', format: 'es' }),
  browserBundle('src/scriptTag', { file: 'shelfmate.iife.js', format: 'iife' }),
  browserBundle('worker/index', { file: 'worker.iife.js', format: 'iife' }, [classicMetaUrl]),
  {
    input: 'build/src/cli/index.js',
    output: { dir: 'dist/cli', format: 'es', chunkFileNames: '[name]-[hash].js' },
    external: (id) =>
      id.startsWith('node:') ||
      builtinModules.includes(id) ||
      Object.keys(dependencies).some((name) => id === name || id.startsWith(`${name}/`)),
    plugins: [resolve()],
    onwarn,
  },
];
