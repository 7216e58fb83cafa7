import { assignArm } from '../ranking/experiments.js';
import type { Assignment, ExperimentPlan } from '../strategyTypes.js';
import type { ListRequest } from './listRequest.js';

/** Draws the arm of this device in each experiment. Throws `input/invalid`. */
export function drawArms(plans: readonly ExperimentPlan[], deviceId: string): Assignment[] {
  return plans.map(({ arms, ...plan }) =>
    assignArm(deviceId, { ...plan, arms: Object.fromEntries(Object.entries(arms).map(([name, { share }]) => [name, share])) }),
  );
}

/** Gives a list the settings of the device's arms: a strategy where the call names none, rules where it says nothing of them. */
export function withArms(request: ListRequest, plans: readonly ExperimentPlan[], drawn: readonly Assignment[]): ListRequest {
  let { strategy, options } = request;
  plans.forEach(({ arms }, at) => {
    // The hold-out is no arm: it changes nothing.
    const arm = Object.hasOwn(arms, drawn[at]!.arm) ? arms[drawn[at]!.arm]! : null;
    if (!arm) return;
    const { share: _, strategy: own, ...rules } = arm;
    strategy ??= request.itemIds.length === 0 && own ? own : null;
    options = { ...rules, ...options };
  });
  return { ...request, strategy, options };
}
