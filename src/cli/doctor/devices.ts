import type { DeviceStatus } from '../../model/status.ts';
import { count, plural } from '../format.ts';
import { clockText } from '../status-screen.ts';
import { found, type Finding } from './finding.ts';

const FEW = 100; // polls: fewer say nothing about a share
const OFTEN = 0.01;

/** A device that answers; one that does not is told by its line, which may be to blame. */
export function checkDevice(device: DeviceStatus, isSerial: boolean): readonly Finding[] {
  if (device.errorCode === 'access-refused') return found(locked(device));
  return device.state === 'lost'
    ? []
    : found(undescribed(device), badPoints(device), unreliable(device, isSerial), clockOff(device));
}

/** One device that says nothing on a line on which others do. */
export function silentDevice({ id, reason, connection, polls, failures }: DeviceStatus): Finding {
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

function undescribed({ id, error }: DeviceStatus): Finding | undefined {
  if (error === null) return undefined;
  const why = 'it answers, and nothing of it is read';
  const todo = `\`weir device identify ${id}\` proposes a profile`;
  return { severity: 'critical', subject: `device ${id}`, what: error, why, todo };
}

function clockOff({ id, clock }: DeviceStatus): Finding | undefined {
  if (clock === null || !clock.off) return undefined;
  return {
    severity: 'warning',
    subject: `device ${id}`,
    what: `its clock is ${clockText(clock)}, more than ${clock.bound} s`,
    why: 'its times are those of its readings; an hour is mostly summer time or the zone, which its settings name',
    todo: "have the meter's clock set by its operator, correct its zone here, or allow more with `clockBound`",
  };
}

function locked({ id, error, nextTry }: DeviceStatus): Finding {
  return {
    severity: 'critical',
    subject: `device ${id}`,
    what: error ?? 'it does not let us in',
    why: `it is left alone${nextTry === null ? '' : ` until ${nextTry}`}: many lock out whoever tries too often`,
    todo: `correct as whom we ask, and the password or keys; \`weir device read ${id}\` tries at once`,
  };
}

function badPoints({ id, bad, points, profile, wire }: DeviceStatus): Finding | undefined {
  if (bad === 0) return undefined;
  const refusals = wire['exception'] ?? 0;
  const map = profile === null ? 'the addresses of its points' : `whether it is really ${profile}`;
  return {
    severity: 'warning',
    subject: `device ${id}`,
    what: `${bad} of ${plural(points, 'point')} are bad`,
    why:
      refusals > 0
        ? `it has refused ${plural(refusals, 'request')}: its map may be another one`
        : 'it answers, and not to these',
    todo: `\`weir device read ${id}\` tells why each; check ${map}`,
  };
}

function unreliable({ id, polls, failures, wire }: DeviceStatus, isSerial: boolean): Finding | undefined {
  if (polls < FEW || failures / polls < OFTEN) return undefined;
  const timeouts = wire['timeout'] ?? 0;
  return {
    severity: 'warning',
    subject: `device ${id}`,
    what: `${count(failures)} of ${plural(polls, 'poll')} failed`,
    why: timeouts > 0 ? `${plural(timeouts, 'request')} to it went unanswered` : 'it answers only sometimes',
    todo: isSerial
      ? 'check its wires, and for another device with its address; give it a longer timeout'
      : 'check the network on the way; give it a longer timeout',
  };
}
