import type { EventName, Report } from '../events.ts';
import type { Audit } from './log.ts';

/** Of all that is told, what must be answered for. Commands are not here: each has its own entry, and waits for it. */
const audited: ReadonlySet<EventName> = new Set<EventName>([
  'gateway-started',
  'gateway-stopped',
  'configuration-loaded',
  'verification-off',
  'point-written',
  'write-failed',
  'journal-rewound',
  'clock-stepped',
]);

/** A `report` that also keeps what must be answered for. */
export function auditing(report: Report, audit: Audit): Report {
  return (event, fields) => {
    report(event, fields);
    if (audited.has(event)) audit.note(event, fields);
  };
}
