import { playwright } from '@vitest/browser-playwright';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { chromiumFlags } from './fixtures/chromiumFlags.js';

/** An installed Chrome or Chromium; unset: the one that Playwright installed. */
const executablePath = process.env.SHELFMATE_CHROMIUM || undefined;

const inRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export default defineConfig({
  root: inRoot('.'),
  test: {
    globalSetup: [inRoot('test/globalSetup.mjs')],
    // A busy machine is no failure.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'unit', environment: 'node', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 },
      },
      {
        extends: true,
        // Found late, they would make the page reload in the middle of a test.
        optimizeDeps: {
          include: [
            'idb',
            '@tensorflow/tfjs-core',
            '@tensorflow/tfjs-backend-webgpu/dist/backend_webgpu',
            '@tensorflow/tfjs-backend-webgl/dist/backend_webgl',
            '@tensorflow/tfjs-backend-webgl/dist/mulmat_packed_gpu',
          ],
        },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 30_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath, args: [...chromiumFlags] } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          environment: 'node',
          include: ['test/faults/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
