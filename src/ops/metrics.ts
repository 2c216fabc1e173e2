import { parseTime } from '../model/clock.ts';
import {
  labelsOf,
  named,
  ofConnections,
  ofDestinations,
  ofDevices,
  ofServers,
  one,
  render,
  seconds,
  summary,
  type Metric,
  type Status,
} from './metric.ts';

const MIB = 2 ** 20;

/** The metrics of a gateway in the text format of Prometheus, version 0.0.4. */
export function renderMetrics(status: Status): string {
  return metrics.map((metric) => render(metric, metric.samples(status))).join('');
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
