import { parseTime } from '../../model/clock.ts';
import type { GatewayStatus } from '../../model/status.ts';
import { plural } from '../format.ts';
import { found, type Finding } from './finding.ts';

export type DaemonFacts = {
  readonly socket: string;
  /** The configuration of this command, absolute, and when it was last changed (milliseconds since 1970). */
  readonly file: string;
  readonly changed: number | undefined;
  /** Version of this command. */
  readonly version: string;
  /** What the daemon says; undefined where none answers. */
  readonly status: GatewayStatus | undefined;
  /** Why it could not be asked, where it may run and not be asked. */
  readonly error: string | undefined;
};

const DAEMON = 'gateway';

export function checkDaemon(facts: DaemonFacts): readonly Finding[] {
  const { status } = facts;
  if (status === undefined) return [unreached(facts)];
  return found(
    full(status),
    otherConfiguration(facts, status),
    outdated(facts, status),
    changed(facts, status),
    dropped(status),
    refused(status),
  );
}

function unreached({ socket, error }: DaemonFacts): Finding {
  return {
    severity: 'warning',
    subject: DAEMON,
    what: error ?? 'the gateway does not run',
    why:
      error === undefined
        ? `nobody answers on ${socket}: nothing is read or sent`
        : 'its statistics cannot be looked at',
    todo:
      error === undefined
        ? 'start it with `sudo systemctl start weir`, or `weir run`'
        : 'ask as its user, as in `sudo -u weir weir doctor`',
  };
}

function otherConfiguration({ file }: DaemonFacts, { configuration }: GatewayStatus): Finding | undefined {
  if (configuration === file) return undefined;
  const what = `the gateway runs with ${configuration}, and this command looked at ${file}`;
  const why = 'what is said here of one need not be true of the other';
  return { severity: 'warning', subject: DAEMON, what, why, todo: `add \`--config ${configuration}\`` };
}

function outdated({ version }: DaemonFacts, status: GatewayStatus): Finding | undefined {
  if (status.version === version) return undefined;
  const what = `the gateway is still version ${status.version}, and this is ${version}`;
  const why = 'it runs the version that it was started with';
  return { severity: 'warning', subject: DAEMON, what, why, todo: 'restart it: `sudo systemctl restart weir`' };
}

function changed({ file, changed: at }: DaemonFacts, { startedAt, configuration }: GatewayStatus): Finding | undefined {
  if (at === undefined || configuration !== file || at <= parseTime(startedAt)) return undefined;
  const what = `${file} was changed after the gateway had started`;
  const why = 'it goes on with what it read then';
  return { severity: 'advice', subject: DAEMON, what, why, todo: 'restart it: `sudo systemctl restart weir`' };
}

function full({ events }: GatewayStatus): Finding | undefined {
  if ((events['journal-full'] ?? 0) <= (events['journal-recovered'] ?? 0)) return undefined;
  const what = 'the journal cannot be written: its disk is full';
  const why = 'what is read now cannot be kept';
  return { severity: 'critical', subject: 'journal', what, why, todo: 'free space, or lower journal.keep.size' };
}

/** Messages that a broker takes from nobody. */
function refused({ events }: GatewayStatus): Finding | undefined {
  const messages = events['message-refused'] ?? 0;
  if (messages === 0) return undefined;
  const what = `${plural(messages, 'message')} refused by a broker`;
  const why = 'what was in them has not arrived; the log of the gateway says why';
  const todo = 'see `journalctl -u weir`; mostly it is the packet size or the rights of its user';
  return { severity: 'warning', subject: 'destinations', what, why, todo };
}

function dropped({ events }: GatewayStatus): Finding | undefined {
  const gaps = events['gap-written'] ?? 0;
  if (gaps === 0) return undefined;
  const what = 'readings were dropped before a destination had them';
  const why = 'the journal was full, by size or age; the gap is announced';
  const todo = 'raise journal.keep, or see to it that the destination is reached more often';
  return { severity: 'warning', subject: 'journal', what, why, todo };
}
