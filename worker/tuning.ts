/** The file `tuning.js`: what may be faster on this device than what serves, and how that is measured. See rooms.ts. */
import { relaxedRoom } from '../src/core/kernels/topK.relaxed.js';
import { calibrate } from './backends/calibrate.js';
import { chooseKernel } from './backends/chooseKernel.js';

export const tuningRoom = { relaxed: relaxedRoom, chooseKernel, calibrate };
export type TuningRoom = typeof tuningRoom;
