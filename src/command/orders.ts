import type { CommandSettings } from '../config/configuration.ts';
import type { CentreRequest, IncomingCommand } from '../model/command.ts';
import { jsonValue } from '../model/show-reading.ts';
import { refusal, type Refusal } from './parse.ts';
import { serve, type OwnDestination } from './requests.ts';
import { findTarget, writeTarget, type CommandedBus, type Outcome } from './targets.ts';

/** Something that a centre may have done, and how. */
export type Order = {
  readonly target: string;
  /** For the audit log: what is written, or what of it is asked for. */
  readonly value: number | string | boolean;
  /** Never rejects: what went wrong is the outcome. */
  readonly carryOut: (signal: AbortSignal) => Promise<Outcome>;
};

export type OrderContext = {
  readonly buses: readonly CommandedBus[];
  /** Of the journal: which sequences are meant. */
  readonly epoch: string;
  /** What the centre of a destination may ask of. */
  readonly own: (destination: string) => OwnDestination | undefined;
};

/** What is to be done; a refusal where the destination may not have it done. */
export function orderOf(
  { target, value, request }: IncomingCommand,
  destination: string,
  rule: CommandSettings,
  context: OrderContext,
): Order | Refusal {
  if (request !== undefined) {
    const refused = refusedRequest(request, destination, rule, context);
    const own = context.own(destination);
    if (refused !== undefined) return refused;
    if (own === undefined) return refusal('not-allowed', `there is no destination ${destination}`);
    return { target, value: jsonValue(value) ?? '', carryOut: () => serve(request, own) };
  }
  if (!rule.points.includes(target)) {
    return refusal('not-allowed', `${target} is not in destinations.${destination}.commands.points`);
  }
  const found = findTarget(context.buses, target, jsonValue(value) ?? '');
  if ('reason' in found) return found;
  return { target: found.point, value: found.value, carryOut: (signal) => writeTarget(found, signal) };
}

function refusedRequest(
  request: CentreRequest,
  destination: string,
  rule: CommandSettings,
  { epoch }: OrderContext,
): Refusal | undefined {
  if (request.kind !== 'replay') return undefined;
  if (rule.replay === undefined) {
    return refusal('not-allowed', `the configuration has no replay in destinations.${destination}.commands`);
  }
  if (request.epoch === null || request.epoch === epoch) return undefined;
  return refusal('other-epoch', `the journal is of epoch ${epoch}: that of ${request.epoch} is gone, and what it held`);
}
