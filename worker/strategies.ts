/** The file `strategies.js`: lists with rules, and the strategies beside the plain ones. See rooms.ts. */
export { strategyRoom as room } from '../src/core/strategies/strategyRoom.js';
