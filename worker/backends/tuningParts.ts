/** What the tuning room takes from the worker's own bundle, so that its file does not carry it again. */
import { runSelfTests } from '../../src/core/artifact/selfTest.js';
import { readRow } from '../../src/core/kernels/itemMatrix.js';
import { createWasmBackend } from '../../src/core/kernels/topK.wasm.js';
import { openBackend } from './ladder.js';
import { runSelfTest } from './selfTest.js';

export const tuningParts = { createWasmBackend, openBackend, readRow, runSelfTest, runSelfTests };
export type TuningParts = typeof tuningParts;
