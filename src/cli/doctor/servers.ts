import { parseTime } from '../../model/clock.ts';
import type { ServerStatus } from '../../model/status.ts';
import { duration } from '../format.ts';
import { found, type Finding } from './finding.ts';

export type ServerFacts = {
  readonly name: string;
  /** Address that it listens at. */
  readonly host: string;
  /** Why it lets in who does not prove who he is; undefined where it does not. */
  readonly insecure: string | undefined;
  /** What the gateway says of it; undefined where it does not run. */
  readonly status: ServerStatus | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
};

export function checkServer(facts: ServerFacts): readonly Finding[] {
  return found(down(facts), insecure(facts));
}

function down({ name, status, now }: ServerFacts): Finding | undefined {
  if (status?.state !== 'lost') return undefined;
  const since = duration(Math.max(0, now - parseTime(status.since)));
  return {
    severity: 'critical',
    subject: `server ${name}`,
    what: `down for ${since}: ${status.error ?? 'no reason is known'}`,
    why: `nobody can read from ${status.endpoint}; it is tried again by itself`,
    todo: 'see with `ss -ltnp` who has its port, with `ip address` whether its host is an address of this machine',
  };
}

const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

function insecure({ name, host, insecure: reason }: ServerFacts): Finding | undefined {
  if (reason === undefined) return undefined;
  return {
    severity: LOCAL.test(host) ? 'advice' : 'warning',
    subject: `server ${name}`,
    what: `is insecure, because: ${reason}`,
    why: 'whoever reaches it can read everything that it offers, or what others read and write on the way',
    todo: 'take None out of security.policies and remove security.anonymous as soon as the reason is gone',
  };
}
