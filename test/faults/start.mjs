/** Finds a browser, then runs the compiled fault runner: npm run test:faults -- --kills 1000. */
import { findChromium } from '../findChromium.mjs';

process.env.SHELFMATE_CHROMIUM = findChromium();
await import('../../build/test/faults/run.js');
