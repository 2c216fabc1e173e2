import type { JournalStatus } from '../journal/journal.ts';
import { showDeviation } from '../model/clock-deviation.ts';
import { parseTime } from '../model/clock.ts';
import type {
  ConnectionStatus,
  DestinationStatus,
  DeviceStatus,
  GatewayStatus,
  ServerStatus,
} from '../model/status.ts';
import { count, duration, paint, plural, printable, size, type Style } from './format.ts';
import { table, type Column } from './table.ts';

type Status = GatewayStatus<JournalStatus>;
type State = DeviceStatus['state'] | ConnectionStatus['state'] | DestinationStatus['state'];

/** What somebody should look at, worst first, e.g. `device pump: no-answer`. Empty when all is well. */
export function troubles(status: Status, now: number): readonly string[] {
  return [
    ...status.connections.filter(isLost).map(({ id, error }) => `connection ${id}: ${error ?? 'lost'}`),
    ...status.devices
      .filter((device) => isLost(device) && device.error === null)
      .map(({ id, reason }) => `device ${id}: ${reason ?? 'lost'}`),
    ...status.devices.flatMap(({ id, error, nextTry }) =>
      error === null ? [] : [`device ${id}: ${[error, nextTryText(nextTry, now)].join(' ').trimEnd()}`],
    ),
    ...status.destinations.filter(isLost).map(({ name, error }) => `destination ${name}: ${error ?? 'lost'}`),
    ...(status.audit.error === null ? [] : [`no command is carried out: ${status.audit.error}`]),
    ...status.servers.filter(isLost).map(({ name, error }) => `server ${name}: ${error ?? 'down'}`),
  ];
}

/** `Tried again in 12m.`, of a device that is left alone; nothing of others. */
export function nextTryText(nextTry: string | null, now: number): string {
  if (nextTry === null) return '';
  const wait = parseTime(nextTry) - now;
  return wait < 1_000 ? 'Tried again now.' : `Tried again in ${duration(wait)}.`;
}

/** One screen that says at once what is wrong; `now` in milliseconds since 1970. */
export async function statusScreen(status: Status, now: number): Promise<string> {
  const ago = (time: string): string => duration(Math.max(0, now - parseTime(time)));
  const sections = [
    headline(status),
    verdict(status, now),
    await list('connections', connectionColumns(ago), status.connections),
    await list('devices', deviceColumns(ago), status.devices),
    await list('destinations', destinationColumns(ago), status.destinations),
    await list('servers', serverColumns(ago), status.servers),
    journalLine(status.journal, now),
    eventLine(status),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function headline({ gateway, version, uptimeSeconds, readings, clock, process: { rssMiB } }: Status): string {
  const facts = [
    `up ${duration(uptimeSeconds * 1000)}`,
    `${readings.perSecond.toFixed(1)} readings/s`,
    clock === 'synchronised' ? `clock ${clock}` : paint('yellow', `clock ${clock}`),
    `${Math.round(rssMiB)} MiB`,
    `weir ${version}`,
  ];
  return `${paint('bold', gateway)}  ${facts.join(paint('dim', ' · '))}`;
}

function verdict(status: Status, now: number): string {
  const found = troubles(status, now);
  const doubtful = status.devices.filter((device) => !isLost(device) && device.bad > 0);
  const clocks = status.devices.filter(({ clock }) => clock?.off === true);
  const wrongClocks = clocks.map(({ id, clock }) =>
    paint('yellow', printable(`! device ${id}: its clock is ${clockText(clock)}`)),
  );
  const unverified = status.insecure.map(({ of, reason }) =>
    paint('yellow', printable(`! ${of} is not verified: ${reason}`)),
  );
  const more = [...wrongClocks, ...unverified];
  if (found.length === 0 && doubtful.length === 0) return [paint('green', '✓ all well'), ...more].join('\n');
  return [
    ...found.map((trouble) => paint('red', `✗ ${printable(trouble)}`)),
    ...doubtful.map(({ id, bad, points }) =>
      paint('yellow', `! device ${id}: ${bad} of ${points} points are bad; \`weir device read ${id}\` tells why`),
    ),
    ...more,
  ].join('\n');
}

/** How far it is off; empty where the device does not tell. */
export function clockText(clock: DeviceStatus['clock']): string {
  return clock === null ? '' : showDeviation(clock.ahead);
}

const stateStyles = {
  up: 'green',
  connected: 'green',
  connecting: 'yellow',
  paused: 'yellow',
  unknown: 'yellow',
  lost: 'red',
} as const satisfies Record<State, Style>;

const stateOrder: readonly State[] = ['lost', 'connecting', 'unknown', 'up', 'connected'];

function isLost({ state }: { readonly state: State }): boolean {
  return state === 'lost';
}

async function list<Row extends { readonly state: State }>(
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Promise<string> {
  if (rows.length === 0) return '';
  const worstFirst = rows.toSorted((a, b) => stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state));
  return `${paint('bold', title)}\n${await table(columns, worstFirst)}`;
}

type Ago = (time: string) => string;

function stateColumn(ago: Ago): Column<{ readonly state: State; readonly since: string }> {
  return { title: 'state', cell: ({ state, since }) => stateText(state, ago(since)) };
}

/** `up 3m12s`, in the colour of the state. */
export function stateText(state: State, since: string): string {
  return `${paint(stateStyles[state], state)} ${since}`;
}

function connectionColumns(ago: Ago): readonly Column<ConnectionStatus>[] {
  return [
    { title: 'id', cell: ({ id }) => id },
    { title: 'driver', cell: ({ driver }) => driver },
    stateColumn(ago),
    { title: 'bus time', right: true, cell: busTimes },
    { title: 'late polls', right: true, cell: ({ late }) => count(late) },
    { title: 'on the wire', cell: ({ wire }) => counters(wire) },
  ];
}

/** What a round should take, and what it takes. */
function busTimes({ busTime, roundTime }: ConnectionStatus): string {
  const forecast = busTime === null ? '' : duration(busTime);
  return roundTime === null ? forecast : `${forecast}, measured ${duration(roundTime)}`.replace(/^, /, '');
}

function deviceColumns(ago: Ago): readonly Column<DeviceStatus>[] {
  return [
    { title: 'id', cell: ({ id }) => id },
    { title: 'connection', cell: ({ connection }) => connection },
    { title: 'profile', cell: ({ profile }) => profile ?? '' },
    stateColumn(ago),
    { title: 'points', right: true, cell: ({ points }) => count(points) },
    { title: 'bad', right: true, cell: ({ bad }) => (bad === 0 ? '' : paint('yellow', count(bad))) },
    { title: 'polls', right: true, cell: ({ polls }) => count(polls) },
    { title: 'failed', right: true, cell: ({ failures }) => count(failures) },
    { title: 'response', right: true, cell: responseTime },
    {
      title: 'last reading',
      right: true,
      cell: ({ lastReading }) => (lastReading ? `${ago(lastReading)} ago` : 'never'),
    },
  ];
}

function responseTime({ responseTime: time }: DeviceStatus): string {
  return time === null ? '' : `${duration(time.median)}, worst ${duration(time.worst)}`;
}

function destinationColumns(ago: Ago): readonly Column<DestinationStatus>[] {
  return [
    { title: 'name', cell: ({ name }) => name },
    { title: 'url', cell: ({ url }) => url },
    stateColumn(ago),
    { title: 'pending', right: true, cell: ({ pending }) => count(pending) },
    { title: 'backlog', right: true, cell: ({ backlog }) => count(backlog) },
    { title: 'delivered', right: true, cell: ({ delivered }) => count(delivered) },
    { title: 'ack', right: true, cell: ({ acknowledgeTime: time }) => (time === null ? '' : duration(time)) },
    { title: 'protocol', cell: ({ protocol }) => protocol ?? '' },
    { title: '', cell: ({ held }) => (held === null ? '' : paint('yellow', held)) },
  ];
}

function serverColumns(ago: Ago): readonly Column<ServerStatus>[] {
  return [
    { title: 'name', cell: ({ name }) => name },
    { title: 'endpoint', cell: ({ endpoint }) => endpoint },
    stateColumn(ago),
    { title: 'points', right: true, cell: ({ points }) => count(points) },
    { title: 'sessions', right: true, cell: ({ sessions }) => count(sessions) },
    { title: 'security', cell: ({ policies, modes }) => `${policies.join(' ')}, ${modes.join(' ')}` },
    { title: '', cell: ({ insecure }) => (insecure === null ? '' : paint('yellow', `insecure: ${insecure}`)) },
  ];
}

/** What the journal holds, for `weir journal status` too; `now` in milliseconds since 1970. */
export function journalLine(
  { path, oldest, last, fileBytes, keep, oldestTime, destinations, damaged }: JournalStatus,
  now: number,
): string {
  const gaps = destinations.filter((destination) => destination.gaps > 0);
  const facts = [
    plural(last - oldest + 1, 'reading'),
    `${size(fileBytes)} of ${size(keep.size)}`,
    ...(oldestTime === null ? [] : [`back to ${duration(Math.max(0, now - oldestTime))} ago`]),
    ...gaps.map(({ name, gaps: number }) => paint('red', `${plural(number, 'gap')} to announce to ${name}`)),
    ...damaged.map(damageFact),
  ];
  return `${paint('bold', 'journal')}  ${path}: ${facts.join(', ')}`;
}

function damageFact({ at, folder, isDelivered }: JournalStatus['damaged'][number]): string {
  const rest = isDelivered ? 'what could be read of it is delivered' : 'what can be read of it is being delivered';
  return paint(
    isDelivered ? 'yellow' : 'red',
    `an earlier one was damaged on ${at}: ${rest}, its files are in ${folder}`,
  );
}

function eventLine({ events }: Status): string {
  return Object.keys(events).length === 0 ? '' : `${paint('bold', 'events')}  ${counters(events)}`;
}

/** `device-lost 1, device-back 2`. */
export function counters(numbers: Readonly<Record<string, number>>): string {
  return Object.entries(numbers)
    .map(([name, number]) => `${name} ${count(number)}`)
    .join(', ');
}
