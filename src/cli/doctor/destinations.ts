import { parseTime } from '../../model/clock.ts';
import type { DestinationStatus } from '../../model/status.ts';
import { duration, plural } from '../format.ts';
import { found, type Finding } from './finding.ts';

export type DestinationFacts = {
  readonly name: string;
  readonly url: string;
  readonly hasPassword: boolean;
  /** What the gateway says of it; undefined where it does not run. */
  readonly status: DestinationStatus | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
};

const LONG_BACKLOG = 100_000; // readings

export function checkDestination(facts: DestinationFacts): readonly Finding[] {
  return found(lost(facts), backlog(facts), plain(facts));
}

function lost({ name, url, status, now }: DestinationFacts): Finding | undefined {
  if (status?.state !== 'lost') return undefined;
  const since = duration(Math.max(0, now - parseTime(status.since)));
  return {
    severity: 'critical',
    subject: `destination ${name}`,
    what: `lost for ${since}: ${status.error ?? 'no reason is known'}`,
    why: `${plural(status.pending, 'reading')} for ${url} wait in the journal`,
    todo: `go the way step by step: \`weir destination test ${name}\``,
  };
}

function backlog({ name, status }: DestinationFacts): Finding | undefined {
  if (status?.state !== 'connected' || status.backlog < LONG_BACKLOG) return undefined;
  return {
    severity: 'advice',
    subject: `destination ${name}`,
    what: `${plural(status.backlog, 'reading')} are still on their way`,
    why: 'it was away, and takes them beside the live ones',
    todo: 'wait; if it grows, the line or the broker is too slow for all that is selected',
  };
}

const LOCAL = /^mqtts?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/;

function plain({ name, url, hasPassword }: DestinationFacts): Finding | undefined {
  if (!url.startsWith('mqtt://') || LOCAL.test(url)) return undefined;
  return {
    severity: hasPassword ? 'warning' : 'advice',
    subject: `destination ${name}`,
    what: hasPassword ? 'the password travels in plain text' : 'readings travel in plain text',
    why: `${url} is not encrypted: whoever is on the way can read and change everything`,
    todo: 'use mqtts:// with tls.ca, if the broker speaks TLS',
  };
}
