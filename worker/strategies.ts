/** The file `strategies.js`: lists with rules, and the strategies beside the plain ones. See rooms.ts. */
import type { ListDesk } from './strategyCalls.js';
import { StrategyCalls } from './strategyCalls.js';

export interface StrategiesRoom {
  readonly open: (desk: ListDesk) => StrategyCalls;
}

export const room: StrategiesRoom = { open: (desk) => new StrategyCalls(desk) };
