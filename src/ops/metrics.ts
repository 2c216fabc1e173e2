import { parseTime } from '../model/clock.ts';
import type { ConnectionStatus, DestinationStatus, DeviceStatus, Latency, ServerStatus } from '../model/status.ts';
import { answerableMetrics } from './answerable-metrics.ts';
import { named, one, type Labels, type Metric, type Sample, type Status } from './metric.ts';

const SECOND = 1_000; // milliseconds
const MIB = 2 ** 20;

/** The metrics of a gateway in the text format of Prometheus, version 0.0.4. */
export function renderMetrics(status: Status): string {
  return metrics.map((metric) => render(metric, metric.samples(status))).join('');
}

function render({ name, type, help }: Metric, samples: readonly Sample[]): string {
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

function ofConnections(pick: (connection: ConnectionStatus) => number | null): Metric['samples'] {
  return ({ connections }) =>
    connections.flatMap((connection) => sampleOf({ connection: connection.id }, pick(connection)));
}

function ofDevices(pick: (device: DeviceStatus) => number | null): Metric['samples'] {
  return ({ devices }) => devices.flatMap((device) => sampleOf(labelsOf(device), pick(device)));
}

function ofDestinations(pick: (destination: DestinationStatus) => number | null): Metric['samples'] {
  return ({ destinations }) =>
    destinations.flatMap((destination) => sampleOf({ destination: destination.name }, pick(destination)));
}

function ofServers(pick: (server: ServerStatus) => number): Metric['samples'] {
  return ({ servers }) => servers.flatMap((server) => sampleOf({ server: server.name }, pick(server)));
}

function sampleOf(labels: Labels, value: number | null): readonly Sample[] {
  return value === null ? [] : [{ labels, value }];
}

function labelsOf({ id, connection }: DeviceStatus): Labels {
  return { connection, device: id };
}

function seconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / SECOND;
}

/** A summary: the quantiles of recent requests, and how many there were in all. */
function summary(labels: Labels, latency: Latency | null): readonly Sample[] {
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

const metrics: readonly Metric[] = [
  {
    name: 'weir_info',
    type: 'gauge',
    help: 'Which gateway this is, and its version.',
    samples: ({ gateway, version }) => [{ labels: { gateway, version }, value: 1 }],
  },
  {
    name: 'weir_uptime_seconds',
    type: 'gauge',
    help: 'Time since the daemon started.',
    samples: ({ uptimeSeconds }) => one(uptimeSeconds),
  },
  {
    name: 'weir_clock_state',
    type: 'gauge',
    help: 'How far the clock can be believed, by name.',
    samples: ({ clock }) => [{ labels: { state: clock }, value: 1 }],
  },
  {
    name: 'weir_readings_total',
    type: 'counter',
    help: 'Readings taken.',
    samples: ({ readings }) => one(readings.taken),
  },
  {
    name: 'weir_events_total',
    type: 'counter',
    help: 'Events, as in the log, by name.',
    samples: ({ events }) => named({}, 'event', events),
  },
  {
    name: 'weir_connection_up',
    type: 'gauge',
    help: '1 while the connection is up.',
    samples: ofConnections(({ state }) => Number(state === 'up')),
  },
  {
    name: 'weir_connection_round_forecast_seconds',
    type: 'gauge',
    help: 'What one round over all devices should take.',
    samples: ofConnections(({ busTime }) => seconds(busTime)),
  },
  {
    name: 'weir_connection_round_seconds',
    type: 'gauge',
    help: 'What one round over all devices takes, measured.',
    samples: ofConnections(({ roundTime }) => seconds(roundTime)),
  },
  {
    name: 'weir_connection_requests_waiting',
    type: 'gauge',
    help: 'Requests of technicians and centres that wait for their turn.',
    samples: ofConnections(({ waiting }) => waiting),
  },
  {
    name: 'weir_connection_late_polls_total',
    type: 'counter',
    help: 'Polls that came more than one period late or were skipped.',
    samples: ofConnections(({ late }) => late),
  },
  {
    name: 'weir_connection_wire_events_total',
    type: 'counter',
    help: 'Oddities on the wire, by name.',
    samples: ({ connections }) => connections.flatMap(({ id, wire }) => named({ connection: id }, 'event', wire)),
  },
  {
    name: 'weir_connection_request_seconds',
    type: 'summary',
    help: 'Time from a request to its answer.',
    samples: ({ connections }) => connections.flatMap(({ id, latency }) => summary({ connection: id }, latency)),
  },
  {
    name: 'weir_device_up',
    type: 'gauge',
    help: '1 while the device answers.',
    samples: ofDevices(({ state }) => Number(state === 'up')),
  },
  {
    name: 'weir_device_points',
    type: 'gauge',
    help: 'Points of the device.',
    samples: ofDevices(({ points }) => points),
  },
  {
    name: 'weir_device_bad_points',
    type: 'gauge',
    help: 'Points whose newest reading is bad.',
    samples: ofDevices(({ bad }) => bad),
  },
  {
    name: 'weir_device_polls_total',
    type: 'counter',
    help: 'Times the device was asked or spoke.',
    samples: ofDevices(({ polls }) => polls),
  },
  {
    name: 'weir_device_failures_total',
    type: 'counter',
    help: 'Times nobody answered.',
    samples: ofDevices(({ failures }) => failures),
  },
  {
    name: 'weir_device_last_reading_timestamp_seconds',
    type: 'gauge',
    help: 'When the device answered last.',
    samples: ofDevices(({ lastReading }) => seconds(lastReading === null ? null : parseTime(lastReading))),
  },
  {
    name: 'weir_device_wire_events_total',
    type: 'counter',
    help: 'Oddities on the wire while the device was asked, by name.',
    samples: ({ devices }) => devices.flatMap((device) => named(labelsOf(device), 'event', device.wire)),
  },
  {
    name: 'weir_device_request_seconds',
    type: 'summary',
    help: 'Time from a request to its answer.',
    samples: ({ devices }) => devices.flatMap((device) => summary(labelsOf(device), device.latency)),
  },
  {
    name: 'weir_journal_readings_total',
    type: 'counter',
    help: 'Readings committed since the journal was made.',
    samples: ({ journal }) => one(journal.last),
  },
  {
    name: 'weir_journal_stored_readings',
    type: 'gauge',
    help: 'Readings that the journal still holds.',
    samples: ({ journal }) => one(journal.last - journal.oldest + 1),
  },
  {
    name: 'weir_journal_size_bytes',
    type: 'gauge',
    help: 'Room that the journal takes on the disk.',
    samples: ({ journal }) => one(journal.fileBytes),
  },
  {
    name: 'weir_journal_limit_bytes',
    type: 'gauge',
    help: 'Room that the journal may take.',
    samples: ({ journal }) => one(journal.keep.size),
  },
  {
    name: 'weir_destination_up',
    type: 'gauge',
    help: '1 while the destination is connected.',
    samples: ofDestinations(({ state }) => Number(state === 'connected')),
  },
  {
    name: 'weir_destination_pending_readings',
    type: 'gauge',
    help: 'Readings committed and not yet acknowledged.',
    samples: ofDestinations(({ pending }) => pending),
  },
  {
    name: 'weir_destination_backlog_readings',
    type: 'gauge',
    help: 'Of them, those in the backlog lane.',
    samples: ofDestinations(({ backlog }) => backlog),
  },
  {
    name: 'weir_destination_messages_in_flight',
    type: 'gauge',
    help: 'Messages sent and not yet acknowledged.',
    samples: ofDestinations(({ inFlight }) => inFlight),
  },
  {
    name: 'weir_destination_readings_delivered_total',
    type: 'counter',
    help: 'Readings acknowledged.',
    samples: ofDestinations(({ delivered }) => delivered),
  },
  {
    name: 'weir_destination_acknowledge_seconds',
    type: 'gauge',
    help: 'Time from publish to acknowledgement, recent median.',
    samples: ofDestinations(({ acknowledgeTime }) => seconds(acknowledgeTime)),
  },
  {
    name: 'weir_server_up',
    type: 'gauge',
    help: '1 while the server listens.',
    samples: ofServers(({ state }) => Number(state === 'up')),
  },
  {
    name: 'weir_server_sessions',
    type: 'gauge',
    help: 'Clients that have a session.',
    samples: ofServers(({ sessions }) => sessions),
  },
  ...answerableMetrics,
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory.',
    samples: (status) => one(status.process.rssMiB * MIB),
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'User and system time.',
    samples: (status) => one(status.process.cpuSeconds),
  },
];
