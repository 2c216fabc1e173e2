import { expect, test } from 'vitest';
import { statusScreen, troubles } from '../../../src/cli/status-screen.ts';
import { latestReadings } from '../../../src/cli/readings.ts';
import { playedStatus } from '../../support/played-gateway.ts';

const now = Date.UTC(2026, 10, 22, 9, 3, 12);
const well = {
  ...playedStatus,
  connections: playedStatus.connections.slice(0, 1),
  devices: playedStatus.devices.slice(0, 1),
  destinations: playedStatus.destinations.slice(0, 1),
  servers: playedStatus.servers.slice(0, 1),
};

const lines = async (status: typeof playedStatus): Promise<readonly string[]> =>
  (await statusScreen(status, now)).split('\n');

test('what is lost is said first, with its reason', async () => {
  expect((await lines(playedStatus)).slice(0, 7)).toEqual([
    'harbour-07  up 3m12s · 41.5 readings/s · clock synchronised · 82 MiB · weir 0.1.0',
    '',
    '✗ connection plant: ECONNREFUSED',
    '✗ device pump: not-connected',
    '✗ destination city: getaddrinfo ENOTFOUND city.example',
    '✗ server lift: listen EADDRINUSE 192.0.2.20:4841',
    '',
  ]);
});

test('when nothing is lost it says so', async () => {
  expect(troubles(well, now)).toEqual([]);
  expect(await lines(well)).toContain('✓ all well');
});

test('points that are bad on a device that answers are a warning, not well and not lost', async () => {
  const status = { ...well, devices: well.devices.map((device) => ({ ...device, bad: 3 })) };
  expect(troubles(status, now)).toEqual([]);
  const shown = await lines(status);
  expect(shown).toContain('! device main-meter: 3 of 40 points are bad; `weir device read main-meter` tells why');
  expect(shown).not.toContain('✓ all well');
});

test('a device that answers and cannot be read is trouble, with what to do', async () => {
  const error = 'device main-meter describes no points. Give it a profile, or list its points.';
  const status = { ...well, devices: well.devices.map((device) => ({ ...device, points: 0, error })) };
  expect(troubles(status, now)).toEqual([`device main-meter: ${error}`]);
  expect(await lines(status)).toContain(`✗ device main-meter: ${error}`);
});

test('a device that does not let us in says when it is tried again', async () => {
  const error = 'main-meter refuses the association: the password is wrong. Check it.';
  const nextTry = new Date(now + 754_000).toISOString();
  const refused = { state: 'lost', reason: 'refused', errorCode: 'access-refused', error, nextTry } as const;
  const status = { ...well, devices: well.devices.map((device) => ({ ...device, ...refused })) };
  expect(troubles(status, now)).toEqual([`device main-meter: ${error} Tried again in 12m34s.`]);
  expect(troubles(status, now + 754_000)).toEqual([`device main-meter: ${error} Tried again now.`]);
});

test('a round on the bus is shown as forecast and as measured', async () => {
  expect((await lines(well)).find((line) => line.startsWith('switchroom'))).toContain('42 ms, measured 56 ms');
  const unplanned = { ...well, connections: well.connections.map((connection) => ({ ...connection, busTime: null })) };
  expect((await lines(unplanned)).find((line) => line.startsWith('switchroom'))).toMatch(/ {2}measured 56 ms/);
});

test('the lost stand above the well in every list', async () => {
  const shown = await lines(playedStatus);
  const order = ['plant ', 'switchroom ', 'pump ', 'main-meter ', 'city ', 'energy-centre '];
  const rows = order.map((id) => shown.findIndex((line) => line.startsWith(id)));
  expect(rows).not.toContain(-1);
  expect(rows).toEqual(rows.toSorted((a, b) => a - b));
});

test('a journal that was damaged is told as long as its files are there', async () => {
  const folder = '/var/lib/weir/damaged/2026-11-22T08-00-00.000Z';
  const of = {
    folder,
    at: '2026-11-22T08:00:00.000Z',
    why: 'the journal is damaged: its file is no database',
    epoch: null,
  };
  const damaged = [false, true].map((isDelivered) => ({ ...of, isDelivered }));
  const shown = await lines({ ...well, journal: { ...well.journal, damaged } });
  const journal = shown.find((line) => line.startsWith('journal'));
  expect(journal).toContain(
    `damaged on ${of.at}: what can be read of it is being delivered, its files are in ${folder}`,
  );
  expect(journal).toContain(`damaged on ${of.at}: what could be read of it is delivered, its files are in ${folder}`);
});

test('a destination shows what waits for it, a journal how full it is and how far it goes back', async () => {
  const shown = await lines(playedStatus);
  expect(shown.find((line) => line.startsWith('city'))).toMatch(/lost 3m12s +123 456 +123 000 +0/);
  expect(shown).toContain('journal  /var/lib/weir: 123 456 readings, 2.0 MiB of 2.0 GiB, back to 3m12s ago');
});

test('numbers line up on their right', async () => {
  const shown = await lines(playedStatus);
  const upToPoints = ['main-meter', 'pump'].map((id) =>
    shown.map((line) => new RegExp(`^${id} .* (up|lost) 3m12s +\\d+`).exec(line)?.[0].length).find(Boolean),
  );
  expect(upToPoints[0]).toBeGreaterThan(0);
  expect(upToPoints[0]).toBe(upToPoints[1]);
});

test('a gap that a centre has still to be told of is shown', async () => {
  const [destination] = playedStatus.journal.destinations;
  const destinations = destination ? [{ ...destination, gaps: 2 }] : [];
  const shown = await lines({ ...well, journal: { ...well.journal, destinations } });
  expect(shown.find((line) => line.startsWith('journal'))).toContain('2 gaps to announce to energy-centre');
});

test('the live table shows as many points as the screen holds, and says how many it leaves out', async () => {
  const readings = ['c', 'a', 'b'].map((name) => ({
    point: `meter/${name}`,
    time: '2026-11-22T09:15:01.204Z',
    value: 230.1,
    unit: 'V',
    quality: 'good' as const,
  }));
  expect((await latestReadings(readings, 4)).split('\n')).toEqual([
    'point      value  quality  time',
    'meter/a  230.1 V  good     09:15:01.204',
    'meter/b  230.1 V  good     09:15:01.204',
    '… and 1 more: narrow it down with --device or --point',
  ]);
});
