import { randomUUID } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import type { Range, Ranges } from '../model/ranges.ts';
import { replayOf, sendCommand } from './command.ts';
import type { BrokerSettings } from './receive.ts';
import type { CentreReport, GatewayReport } from './report.ts';

// A centre's holes, and how it has them filled: it asks the gateway for them by command. A hole is only worth asking for
// when it stays as it is: what an outage left behind is a hole too, that shrinks while the backlog arrives. Where it stays
// for another reason (quiet hours, a slow link), asking does no harm: what waits to be sent is not sent twice.

const PATIENCE = 10_000; // milliseconds that a hole must stay as it is
const AGAIN = 60_000; // milliseconds until the next request to the same gateway; twice as long each time nothing came
const LONGEST_AGAIN = 15 * 60_000;
const VALIDITY = 60_000;
const LONGEST_ANSWER = 10_000;

// A command has 4 KiB at most, and each range takes some 40 bytes.
const MOST_RANGES = 50;
/** Gateways asked at once: each costs a connection. */
const MOST_ASKED = 16;

/** What became of a request for what is missing. */
export type RepairEvent = {
  readonly gateway: string;
  readonly epoch: string;
  readonly holes: Ranges;
  /** `asked`: the gateway sends it; the others say why not. */
  readonly outcome: 'asked' | 'refused' | 'unanswered';
  readonly detail: string;
};

export type RepairSettings = {
  readonly broker: BrokerSettings;
  readonly clock: Clock;
  readonly report: () => CentreReport;
  readonly told: (event: RepairEvent) => void;
  /** Milliseconds that a hole must stay as it is before it is asked for. */
  readonly patience?: number;
};

/** One gateway and epoch with holes. */
type Case = {
  /** When each hole was first seen as it is, monotonic milliseconds. */
  readonly since: Map<string, number>;
  /** Nothing is asked before this; Infinity while a request is on its way. */
  due: number;
  again: number;
  /** The holes of the last request. */
  asked: Ranges;
};

/** Asks for what is missing, as often as needed, until `signal` aborts. Never rejects: who does not answer is asked again. */
export async function repair(settings: RepairSettings, signal: AbortSignal): Promise<void> {
  const { clock, report, patience = PATIENCE } = settings;
  const cases = new Map<string, Case>();
  const asking = new Set<Promise<void>>();
  while (!signal.aborted) {
    for (const due of dueOf(cases, report(), { now: clock.monotonic(), patience }).slice(0, MOST_ASKED - asking.size)) {
      const asked = ask(settings, due, signal).finally(() => asking.delete(asked));
      asking.add(asked);
    }
    await clock.sleep(patience / 2, signal).catch(() => undefined);
  }
  await Promise.all(asking);
}

type Asked = { readonly gateway: GatewayReport; readonly found: Case; readonly holes: Ranges };
type Moment = { readonly now: number; readonly patience: number };

function dueOf(cases: Map<string, Case>, { gateways }: CentreReport, moment: Moment): readonly Asked[] {
  return gateways.flatMap((gateway) => {
    const key = `${gateway.gateway}/${gateway.epoch}`;
    if (gateway.holes.length === 0) {
      cases.delete(key);
      return [];
    }
    const found = cases.get(key) ?? { since: new Map(), due: 0, again: AGAIN, asked: [] };
    cases.set(key, found);
    if (!areAllIn(found.asked, gateway.holes)) found.again = AGAIN;
    const holes = stuck(found, gateway.holes, moment);
    return holes.length > 0 && found.due <= moment.now ? [{ gateway, found, holes }] : [];
  });
}

/** False where something of what was asked for has come. */
function areAllIn(asked: Ranges, holes: Ranges): boolean {
  const keys = new Set(holes.map(keyOf));
  return asked.every((hole) => keys.has(keyOf(hole)));
}

/** The holes that have stayed as they are, oldest first. */
function stuck({ since }: Case, holes: Ranges, { now, patience }: Moment): Ranges {
  const keys = new Set(holes.map(keyOf));
  for (const key of since.keys()) if (!keys.has(key)) since.delete(key);
  for (const key of keys) if (!since.has(key)) since.set(key, now);
  return holes.filter((hole) => now - (since.get(keyOf(hole)) ?? now) >= patience).slice(0, MOST_RANGES);
}

function keyOf({ after, upto }: Range): string {
  return `${after}:${upto}`;
}

async function ask(settings: RepairSettings, { gateway, found, holes }: Asked, signal: AbortSignal): Promise<void> {
  const { clock, told } = settings;
  found.due = Infinity;
  found.asked = holes;
  const outcome = await request(settings, { gateway, holes }, signal);
  found.due = clock.monotonic() + found.again;
  found.again = Math.min(LONGEST_AGAIN, found.again * 2);
  if (!signal.aborted) told({ gateway: gateway.gateway, epoch: gateway.epoch, holes, ...outcome });
}

async function request(
  { broker, clock }: RepairSettings,
  { gateway: { gateway, epoch }, holes }: Pick<Asked, 'gateway' | 'holes'>,
  signal: AbortSignal,
): Promise<Pick<RepairEvent, 'outcome' | 'detail'>> {
  const id = randomUUID();
  const body = { replay: replayOf({ ranges: holes }, epoch) };
  const own = { ...broker, clientId: `weir-repair-${id.slice(0, 8)}`, session: false };
  try {
    const command = { gateway, id, body, validity: VALIDITY, patience: LONGEST_ANSWER };
    const { status, reason, detail } = await sendCommand(own, command, clock, signal);
    if (status === 'done') return { outcome: 'asked', detail: detail ?? '' };
    return { outcome: 'refused', detail: [reason, detail].filter((word) => word !== null).join(': ') };
  } catch (error) {
    const isRefused = error instanceof GatewayError && error.code === 'commands-off';
    return { outcome: isRefused ? 'refused' : 'unanswered', detail: messageOf(error) };
  }
}
