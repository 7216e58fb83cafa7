import type { Scenario } from './scenario.js';
import { dataCleared } from './scenarios/cleared.js';
import { corruption } from './scenarios/corruption.js';
import { delivery } from './scenarios/delivery.js';
import { deliveryInBrowser } from './scenarios/deliveryInBrowser.js';
import { eightTabs } from './scenarios/eightTabs.js';
import { browserKill, rendererKill } from './scenarios/kills.js';
import { gpuLoss, workerLoss } from './scenarios/losses.js';
import { neverSettles } from './scenarios/neverSettles.js';
import { quota } from './scenarios/quota.js';
import { bfcache, frozenTab } from './scenarios/sleepingTabs.js';
import { blockedUpgrade, killedUpgrade } from './scenarios/upgrades.js';

/** Every fault there is; another one is a file and a line here. */
export const SCENARIOS: readonly Scenario[] = [
  rendererKill,
  browserKill,
  corruption,
  quota,
  blockedUpgrade,
  killedUpgrade,
  dataCleared,
  neverSettles,
  bfcache,
  frozenTab,
  eightTabs,
  workerLoss,
  gpuLoss,
  delivery,
  deliveryInBrowser,
];
