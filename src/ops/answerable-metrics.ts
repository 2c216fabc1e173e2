import { named, one, type Metric } from './metric.ts';

/** What a gateway must answer for: the commands of centres, and the log that keeps them. */
export const answerableMetrics: readonly Metric[] = [
  {
    name: 'weir_commands_total',
    type: 'counter',
    help: 'Commands of centres that were handed to a device, by what became of them.',
    samples: ({ commands: { done, failed, unknown } }) => named({}, 'status', { done, failed, unknown }),
  },
  {
    name: 'weir_commands_rejected_total',
    type: 'counter',
    help: 'Commands of centres that were rejected, by reason.',
    samples: ({ commands }) => named({}, 'reason', commands.rejected),
  },
  {
    name: 'weir_audit_entries_total',
    type: 'counter',
    help: 'Entries of the audit log since it was begun.',
    samples: ({ audit }) => one(audit.number),
  },
  {
    name: 'weir_audit_writable',
    type: 'gauge',
    help: '1 while the audit log can be written; at 0 no command is carried out.',
    samples: ({ audit }) => one(Number(audit.error === null)),
  },
];
