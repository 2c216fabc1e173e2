import { formatDuration } from '../../model/duration.ts';
import type { ConnectionStatus, DeviceStatus } from '../../model/status.ts';
import { duration, plural } from '../format.ts';
import { checkDevice, silentDevice } from './devices.ts';
import { found, type Finding } from './finding.ts';

export type ConnectionFacts = {
  readonly id: string;
  /** A line that several devices share, with its own electrical troubles. */
  readonly isSerial: boolean;
  /** Milliseconds that an answer may take; undefined where the driver has no such key. */
  readonly timeout: number | undefined;
  /** What is asked of it: its share of time that the plan takes, and the shortest period in milliseconds. */
  readonly load: { readonly share: number; readonly shortest: number } | undefined;
  /** What the running gateway has counted; undefined where it does not run. */
  readonly status: ConnectionStatus | undefined;
  readonly devices: readonly DeviceStatus[];
};

const FEW = 100; // requests: fewer say nothing about a share
const OFTEN = 0.01;
const SELDOM = 0.001;
const FULL = 1;
const NEARLY_FULL = 0.8;

export function checkConnection(facts: ConnectionFacts): readonly Finding[] {
  const { status } = facts;
  const demand = found(overloaded(facts));
  if (status === undefined) return demand;
  if (status.state === 'lost') return [lost(facts, status), ...demand];
  const wire = found(checksums(facts, status), late(facts, status), foreign(facts, status));
  return [
    ...silence(facts, status),
    ...wire,
    ...demand,
    ...facts.devices.flatMap((device) => checkDevice(device, facts.isSerial)),
  ];
}

function subjectOf({ id }: ConnectionFacts): string {
  return `connection ${id}`;
}

function lost(facts: ConnectionFacts, { error }: ConnectionStatus): Finding {
  return {
    severity: 'critical',
    subject: subjectOf(facts),
    what: `lost: ${error ?? 'no reason is known'}`,
    why: `${plural(facts.devices.length, 'device')} cannot be read`,
    todo: facts.isSerial
      ? 'look at the adapter and at what is said of its port'
      : 'check address and port, that the device is on, and the network on the way (`ping`)',
  };
}

/** Devices that say nothing: all of them point at the line, single ones at themselves. */
function silence(facts: ConnectionFacts, { error }: ConnectionStatus): readonly Finding[] {
  // One that does not let us in has answered.
  const silent = facts.devices.filter(({ state, error: said }) => state === 'lost' && said === null);
  if (silent.length === 0) return [];
  if (silent.length < facts.devices.length || facts.devices.length === 1) return silent.map(silentDevice);
  return [
    {
      severity: 'critical',
      subject: subjectOf(facts),
      what: `none of its ${plural(silent.length, 'device')} answers`,
      why: error ?? `the last reason is ${silent[0]?.reason ?? 'not known'}; what they share is the line`,
      todo: facts.isSerial
        ? 'swap A and B, check baud, parity and the power of the bus; `weir device scan` with --all-settings tries all of them'
        : 'check that this is the right gateway, and its own settings for the bus behind it',
    },
  ];
}

/** What broken bits look like; over a network only the gateway behind it can have seen them. */
const BROKEN = ['checksum-error', 'noise', 'malformed-frame'] as const;

function checksums(facts: ConnectionFacts, { wire }: ConnectionStatus): Finding | undefined {
  const names = facts.isSerial ? BROKEN : BROKEN.slice(0, 2);
  const broken = sum(wire, names);
  const requests = requestsOf(facts) + broken;
  if (requests < FEW || broken / requests < SELDOM) return undefined;
  return {
    severity: broken / requests < OFTEN ? 'advice' : 'warning',
    subject: subjectOf(facts),
    what: `${plural(broken, 'broken frame')} on ${plural(requests, 'request')}${mostlyOf(facts, names)}`,
    why: 'bits are lost between the device and here; broken frames never become values',
    todo: facts.isSerial
      ? 'check termination (120 Ω at both ends, nowhere else), the common ground wire, the length of stubs, the distance to power cables; a lower baud helps'
      : 'check the bus behind the gateway, and that only one program uses it',
  };
}

function late(facts: ConnectionFacts, { wire }: ConnectionStatus): Finding | undefined {
  const frames = wire['late-frame'] ?? 0;
  if (frames === 0) return undefined;
  const { timeout } = facts;
  const limit = timeout === undefined ? '' : ` of ${duration(timeout)}`;
  return {
    severity: 'warning',
    subject: subjectOf(facts),
    what: `${plural(frames, 'answer')} came after the timeout${limit}${mostlyOf(facts, ['late-frame'])}`,
    why: 'the device is slower than it is given time for; its late answers are thrown away',
    todo: timeout === undefined ? 'raise the timeout' : `set \`timeout: ${formatDuration(timeout * 2)}\``,
  };
}

function foreign(facts: ConnectionFacts, { wire }: ConnectionStatus): Finding | undefined {
  const frames = wire['foreign-frame'] ?? 0;
  if (frames === 0) return undefined;
  return {
    severity: 'warning',
    subject: subjectOf(facts),
    what: `${plural(frames, 'answer')} to questions that were not asked`,
    why: 'two devices have the same address, or another master uses the line',
    todo: facts.isSerial
      ? 'see with `weir trace` whose they are; give each device an address of its own, and the bus one master'
      : 'see with `weir trace` whose they are',
  };
}

function overloaded(facts: ConnectionFacts): Finding | undefined {
  const { load } = facts;
  if (load === undefined || load.share < NEARLY_FULL) return undefined;
  const isTooMuch = load.share > FULL;
  return {
    severity: isTooMuch ? 'warning' : 'advice',
    subject: subjectOf(facts),
    what: `what is asked in ${duration(load.shortest)} takes ${duration(load.share * load.shortest)} on the line`,
    why: isTooMuch ? 'readings come later than asked, all the time' : 'one slow answer makes the others late',
    todo: 'read less often (`every`), fewer points, or with a higher baud; `weir config show` has the periods',
  };
}

/** Answers so far, and what else came instead of them. */
function requestsOf({ status, devices }: ConnectionFacts): number {
  return status?.latency?.count ?? devices.reduce((total, { polls }) => total + polls, 0);
}

/** ` most of them while boiler was asked`, where one device of several stands out; else nothing. */
function mostlyOf({ devices }: ConnectionFacts, oddities: readonly string[]): string {
  const counted = devices.map(({ id, wire }) => ({ id, number: sum(wire, oddities) }));
  const all = counted.reduce((total, { number }) => total + number, 0);
  const worst = counted.find(({ number }) => number * 2 > all);
  return worst === undefined || devices.length < 2 ? '' : `, most of them while ${worst.id} was asked`;
}

function sum(wire: ConnectionStatus['wire'], names: readonly string[]): number {
  return names.reduce((total, name) => total + (wire[name] ?? 0), 0);
}
