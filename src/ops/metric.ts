import type { JournalStatus } from '../journal/journal.ts';
import type { GatewayStatus } from '../model/status.ts';

export type Status = GatewayStatus<JournalStatus>;
export type Labels = Readonly<Record<string, string>>;
export type Sample = { readonly labels?: Labels; readonly value: number; readonly suffix?: '_sum' | '_count' };

/** One metric: its name without the prefix, what it is, and how its samples follow from the status. */
export type Metric = {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'summary';
  readonly help: string;
  readonly samples: (status: Status) => readonly Sample[];
};

export const one = (value: number): readonly Sample[] => [{ value }];

/** A sample for each name in `counts`. */
export function named(labels: Labels, label: string, counts: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: { ...labels, [label]: name }, value }));
}
