import { formatDuration } from '../../model/duration.ts';
import type { ConnectionStatus, DeviceStatus } from '../../model/status.ts';
import { count, duration, plural } from '../format.ts';
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

const FEW = 100; // polls: fewer say nothing about a share
const OFTEN = 0.01;
const FULL = 1;
const NEARLY_FULL = 0.8;

export function checkConnection(facts: ConnectionFacts): readonly Finding[] {
  const { status } = facts;
  const demand = found(overloaded(facts));
  if (status === undefined) return demand;
  if (status.state === 'lost') return [lost(facts, status), ...demand];
  const wire = found(checksums(facts, status), late(facts, status), foreign(facts, status));
  return [...silence(facts, status), ...wire, ...demand, ...facts.devices.flatMap((device) => troubles(device, facts))];
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
  const silent = facts.devices.filter(({ state }) => state === 'lost');
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

function silentDevice({ id, reason, connection, polls, failures }: DeviceStatus): Finding {
  const never = polls === failures;
  return {
    severity: 'critical',
    subject: `device ${id}`,
    what: never ? 'has never answered' : 'does not answer any more',
    why: `the last reason is ${reason ?? 'not known'}`,
    todo: never
      ? `check its address and power; \`weir device scan ${connection}\` shows who is there`
      : 'check its power and the wires to it',
  };
}

function checksums(facts: ConnectionFacts, { wire }: ConnectionStatus): Finding | undefined {
  const broken =
    (wire['checksum-error'] ?? 0) + (wire['noise'] ?? 0) + (facts.isSerial ? (wire['malformed-frame'] ?? 0) : 0);
  const share = shareOf(broken, facts);
  if (share === undefined || share < OFTEN / 10) return undefined;
  return {
    severity: share < OFTEN ? 'advice' : 'warning',
    subject: subjectOf(facts),
    what: `${count(broken)} broken frames on ${plural(pollsOf(facts), 'poll')}`,
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
  return {
    severity: 'warning',
    subject: subjectOf(facts),
    what: `${plural(frames, 'answer')} came after the timeout${timeout === undefined ? '' : ` of ${duration(timeout)}`}`,
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

function troubles(device: DeviceStatus, facts: ConnectionFacts): readonly Finding[] {
  return device.state === 'lost' ? [] : found(badPoints(device, facts), unreliable(device, facts));
}

function badPoints({ id, bad, points, profile }: DeviceStatus, { status }: ConnectionFacts): Finding | undefined {
  if (bad === 0) return undefined;
  const exceptions = status?.wire['exception'] ?? 0;
  const map = profile === null ? 'the addresses of its points' : `whether it is really ${profile}`;
  return {
    severity: 'warning',
    subject: `device ${id}`,
    what: `${bad} of ${plural(points, 'point')} are bad`,
    why:
      exceptions > 0
        ? `the line has seen ${plural(exceptions, 'refusal')}: the map may be another one`
        : 'it answers, and not to these',
    todo: `\`weir device read ${id}\` tells why each; check ${map}`,
  };
}

function unreliable({ id, polls, failures }: DeviceStatus, { isSerial }: ConnectionFacts): Finding | undefined {
  if (polls < FEW || failures / polls < OFTEN) return undefined;
  return {
    severity: 'warning',
    subject: `device ${id}`,
    what: `${count(failures)} of ${plural(polls, 'poll')} failed`,
    why: 'it answers only sometimes',
    todo: isSerial
      ? 'check its wires and a clash of addresses; a longer timeout'
      : 'check the network on the way; a longer timeout',
  };
}

function pollsOf({ devices }: ConnectionFacts): number {
  return devices.reduce((sum, { polls }) => sum + polls, 0);
}

/** Undefined while there are too few polls to tell. */
function shareOf(events: number, facts: ConnectionFacts): number | undefined {
  const polls = pollsOf(facts);
  return polls < FEW || events === 0 ? undefined : events / polls;
}
