import type { JournalStatus } from '../journal/journal.ts';
import type {
  ConnectionStatus,
  DestinationStatus,
  DeviceStatus,
  GatewayStatus,
  Latency,
  ServerStatus,
} from '../model/status.ts';

export type Status = GatewayStatus<JournalStatus>;
type Labels = Readonly<Record<string, string>>;
type Sample = { readonly labels?: Labels; readonly value: number; readonly suffix?: '_sum' | '_count' };

/** One metric: its name without the prefix, what it is, and how its samples follow from the status. */
export type Metric = {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'summary';
  readonly help: string;
  readonly samples: (status: Status) => readonly Sample[];
};

const SECOND = 1_000; // milliseconds

/** One metric in the text format of Prometheus; nothing where it has no samples. */
export function render({ name, type, help }: Metric, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(
    ({ suffix = '', labels = {}, value }) => `${name}${suffix}${labelText(labels)} ${numberText(value)}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

export const one = (value: number): readonly Sample[] => [{ value }];

export function ofConnections(pick: (connection: ConnectionStatus) => number | null): Metric['samples'] {
  return ({ connections }) =>
    connections.flatMap((connection) => sampleOf({ connection: connection.id }, pick(connection)));
}

export function ofDevices(pick: (device: DeviceStatus) => number | null): Metric['samples'] {
  return ({ devices }) => devices.flatMap((device) => sampleOf(labelsOf(device), pick(device)));
}

export function ofDestinations(pick: (destination: DestinationStatus) => number | null): Metric['samples'] {
  return ({ destinations }) =>
    destinations.flatMap((destination) => sampleOf({ destination: destination.name }, pick(destination)));
}

export function ofServers(pick: (server: ServerStatus) => number): Metric['samples'] {
  return ({ servers }) => servers.flatMap((server) => sampleOf({ server: server.name }, pick(server)));
}

function sampleOf(labels: Labels, value: number | null): readonly Sample[] {
  return value === null ? [] : [{ labels, value }];
}

export function labelsOf({ id, connection }: DeviceStatus): Labels {
  return { connection, device: id };
}

export function seconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / SECOND;
}

/** A summary: the quantiles of recent requests, and how many there were in all. */
export function summary(labels: Labels, latency: Latency | null): readonly Sample[] {
  if (latency === null) return [];
  const { median, p90, p99, sum, count } = latency;
  const quantile = (share: string, milliseconds: number): Sample => ({
    labels: { ...labels, quantile: share },
    value: milliseconds / SECOND,
  });
  return [
    quantile('0.5', median),
    quantile('0.9', p90),
    quantile('0.99', p99),
    { suffix: '_sum', labels, value: sum / SECOND },
    { suffix: '_count', labels, value: count },
  ];
}

/** A sample for each name in `counts`. */
export function named(labels: Labels, label: string, counts: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: { ...labels, [label]: name }, value }));
}
