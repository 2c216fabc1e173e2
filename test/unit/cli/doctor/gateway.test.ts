import { describe, expect, test } from 'vitest';
import { checkConfiguration } from '../../../../src/cli/doctor/configuration.ts';
import { checkConnection, type ConnectionFacts } from '../../../../src/cli/doctor/connections.ts';
import { checkDaemon, type DaemonFacts } from '../../../../src/cli/doctor/daemon.ts';
import { checkIntruders, checkSerialPort, type SerialPortFacts } from '../../../../src/cli/doctor/serial-ports.ts';
import { needsPerson, worstFirst, type Finding } from '../../../../src/cli/doctor/finding.ts';
import type { ConnectionStatus, DeviceStatus } from '../../../../src/model/status.ts';
import { briefly } from '../../../support/findings.ts';
import { playedStatus } from '../../../support/played-gateway.ts';

const [switchroom, plant] = playedStatus.connections as [ConnectionStatus, ConnectionStatus];
const [meter] = playedStatus.devices as [DeviceStatus];

function trouble(severity: Finding['severity'], subject: string): Finding {
  return { severity, subject, what: 'is wrong', why: '', todo: '' };
}

test('the worst is told first, and equally bad things in the order of the checks', () => {
  const checks = [
    { name: 'a', looked: '', findings: [trouble('advice', 'a'), trouble('warning', 'b')] },
    { name: 'b', looked: '', findings: [trouble('critical', 'c'), trouble('warning', 'd')] },
  ];
  expect(worstFirst(checks).map(({ subject }) => subject)).toEqual(['c', 'b', 'd', 'a']);
  expect(needsPerson(checks)).toBe(true);
  expect(needsPerson([{ name: 'a', looked: '', findings: [trouble('advice', 'a')] }])).toBe(false);
});

describe('the configuration', () => {
  const fault = {
    file: '/etc/weir/weir.yaml',
    line: 12,
    column: 5,
    code: 'configuration-invalid' as const,
    key: 'devices.boiler.unit',
    message: '300 is above 255',
    hint: 'allowed are 0 to 255',
  };

  test('each fault is told with its place and what to do', () => {
    expect(checkConfiguration({ file: fault.file, faults: [fault] })).toEqual([
      {
        severity: 'critical',
        subject: 'configuration',
        what: 'devices.boiler.unit: 300 is above 255',
        why: '/etc/weir/weir.yaml:12:5; the gateway does not start',
        todo: 'allowed are 0 to 255',
      },
    ]);
  });

  test('a file that is missing is named', () => {
    const missing = {
      ...fault,
      key: '',
      message: 'does not exist',
      hint: '',
      code: 'configuration-unreadable' as const,
    };
    expect(checkConfiguration({ file: fault.file, faults: [missing] }).map(briefly)).toEqual([
      'critical configuration: /etc/weir/weir.yaml does not exist',
    ]);
  });

  test('a hundred faults do not push everything else off the screen', () => {
    const faults = Array.from({ length: 100 }, () => fault);
    const findings = checkConfiguration({ file: fault.file, faults });
    expect(findings).toHaveLength(11);
    expect(findings.at(-1)?.what).toBe('90 more faults in /etc/weir/weir.yaml');
  });
});

describe('the gateway', () => {
  const started = Date.parse(playedStatus.startedAt);
  const well: DaemonFacts = {
    socket: '/run/weir/control.sock',
    file: playedStatus.configuration,
    changed: started - 1,
    version: playedStatus.version,
    status: playedStatus,
    error: undefined,
  };

  test('is fine while it runs with the configuration as it is', () => {
    expect(checkDaemon(well)).toEqual([]);
    const recovered = { ...playedStatus, events: { 'journal-full': 1, 'journal-recovered': 1 } };
    expect(checkDaemon({ ...well, status: recovered })).toEqual([]);
  });

  test.each([
    ['that does not run', { status: undefined }, 'warning gateway: the gateway does not run'],
    [
      'that may not be asked',
      { status: undefined, error: 'this user may not open /run/weir/control.sock' },
      'warning gateway: this user may not open /run/weir/control.sock',
    ],
    [
      'of an older version',
      { version: '0.2.0' },
      'warning gateway: the gateway is still version 0.1.0, and this is 0.2.0',
    ],
    [
      'that has not read the last changes',
      { changed: started + 1 },
      'advice gateway: /etc/weir/weir.yaml was changed after the gateway had started',
    ],
    [
      'that runs with another file',
      { file: '/home/pi/weir.yaml', changed: started + 1 },
      'warning gateway: the gateway runs with /etc/weir/weir.yaml, and this command looked at /home/pi/weir.yaml',
    ],
    [
      'whose disk is full',
      { status: { ...playedStatus, events: { 'journal-full': 2, 'journal-recovered': 1 } } },
      'critical journal: the journal cannot be written: its disk is full',
    ],
    [
      'whose messages are refused',
      { status: { ...playedStatus, events: { 'message-refused': 3 } } },
      'warning destinations: 3 messages refused by a broker',
    ],
    [
      'that had to drop readings',
      { status: { ...playedStatus, events: { 'gap-written': 2 } } },
      'warning journal: readings were dropped before a destination had them',
    ],
  ])('%s is told', (_what, facts, finding) => {
    expect(checkDaemon({ ...well, ...facts }).map(briefly)).toEqual([finding]);
  });
});

describe('a serial port', () => {
  const path = '/dev/serial/by-id/usb-FTDI_FT232R_A10K-if00-port0';
  const well: SerialPortFacts = {
    connection: 'basement',
    path,
    device: '/dev/ttyUSB0',
    isCharacterDevice: true,
    accessible: true,
    group: 'dialout',
    lasting: [],
    present: [path],
    holders: [],
    isUp: false,
  };

  test('is fine by a lasting name, or one that the kernel never gives to another', () => {
    expect(checkSerialPort(well)).toEqual([]);
    expect(checkSerialPort({ ...well, path: '/dev/ttyAMA0' })).toEqual([]);
  });

  test('that the gateway uses is fine, whoever asks', () => {
    expect(checkSerialPort({ ...well, accessible: false, isUp: true })).toEqual([]);
  });

  test.each([
    ['that is not there', { device: undefined }, `critical connection basement: ${path} is not there`],
    ['that is a file', { isCharacterDevice: false }, `critical connection basement: ${path} is no serial port`],
    ['of somebody else', { accessible: false }, `critical connection basement: this user may not use ${path}`],
    [
      'that another program reads',
      { holders: [{ pid: 312, command: 'ModemManager' }] },
      `critical connection basement: 1 other program on ${path}: ModemManager (process 312)`,
    ],
    [
      'that may be renumbered',
      { path: '/dev/ttyUSB0', lasting: [path] },
      'warning connection basement: /dev/ttyUSB0 may be another port after the next reboot',
    ],
  ])('%s is told', (_what, facts, finding) => {
    expect(checkSerialPort({ ...well, ...facts }).map(briefly)).toEqual([finding]);
  });

  test('is told by the name to write, and those that are there', () => {
    expect(checkSerialPort({ ...well, path: '/dev/ttyUSB0', lasting: [path] })[0]?.todo).toBe(
      `write \`path: ${path}\``,
    );
    expect(checkSerialPort({ ...well, device: undefined })[0]?.why).toBe(`there are: ${path}`);
    expect(checkSerialPort({ ...well, device: undefined, present: [] })[0]?.why).toBe(
      'no serial adapter is plugged in',
    );
  });

  test('says how to keep a program from it', () => {
    const [agetty, minicom] = ['agetty', 'minicom'].map(
      (command) => checkSerialPort({ ...well, holders: [{ pid: 7, command }] })[0]?.todo,
    );
    expect(agetty).toContain('serial-getty@');
    expect(minicom).toBe('end it: `sudo kill 7`');
  });

  test('programs that grab adapters are told before they do', () => {
    expect(checkIntruders(['bash', 'ModemManager', 'agetty']).map(briefly)).toEqual([
      'advice serial ports: ModemManager runs on this machine',
    ]);
  });
});

describe('a connection', () => {
  const polled: DeviceStatus = { ...meter, polls: 1_000 };
  const well: ConnectionFacts = {
    id: 'switchroom',
    isSerial: true,
    timeout: 1_000,
    load: { share: 0.4, shortest: 5_000 },
    status: { ...switchroom, wire: {} },
    devices: [polled],
  };
  const wire = (counters: Readonly<Record<string, number>>, count = 1_000): Pick<ConnectionFacts, 'status'> => ({
    status: { ...switchroom, wire: counters, latency: { count, sum: 0, median: 0, p90: 0, p99: 0, worst: 0 } },
  });
  const silent: DeviceStatus = { ...polled, id: 'pump', state: 'lost', reason: 'no-answer', failures: 12 };

  test('is fine when everybody answers, and a frame a thousand is broken', () => {
    expect(checkConnection(well)).toEqual([]);
    expect(checkConnection({ ...well, status: undefined, devices: [] })).toEqual([]);
    expect(checkConnection({ ...well, ...wire({ 'checksum-error': 9 }, 99_991) })).toEqual([]);
  });

  test('is not judged by a handful of polls', () => {
    const devices = [{ ...polled, polls: 50, failures: 5 }];
    expect(checkConnection({ ...well, devices, ...wire({ 'checksum-error': 5 }, 50) })).toEqual([]);
  });

  test.each([
    ['that is lost', { status: plant, devices: [] }, ['critical connection switchroom: lost: ECONNREFUSED']],
    [
      'with broken frames now and then',
      wire({ 'checksum-error': 3, noise: 2 }),
      ['advice connection switchroom: 5 broken frames on 1 005 requests'],
    ],
    [
      'with many broken frames',
      wire({ 'checksum-error': 80 }),
      ['warning connection switchroom: 80 broken frames on 1 080 requests'],
    ],
    [
      'with broken frames of one device above all',
      {
        ...wire({ 'checksum-error': 80 }),
        devices: [
          { ...polled, wire: { 'checksum-error': 3 } },
          { ...polled, id: 'pump', wire: { 'checksum-error': 77 } },
        ],
      },
      ['warning connection switchroom: 80 broken frames on 1 080 requests, most of them while pump was asked'],
    ],
    [
      'with a device that does not describe itself',
      { devices: [{ ...polled, error: 'describes no points: give it a profile' }] },
      ['critical device main-meter: describes no points: give it a profile'],
    ],
    [
      'with late answers',
      wire({ 'late-frame': 7 }),
      ['warning connection switchroom: 7 answers came after the timeout of 1s'],
    ],
    [
      'with answers that nobody asked for',
      wire({ 'foreign-frame': 1 }),
      ['warning connection switchroom: 1 answer to questions that were not asked'],
    ],
    [
      'that is asked for too much',
      { load: { share: 1.46, shortest: 5_000 } },
      ['warning connection switchroom: what is asked in 5s takes 7s on the line'],
    ],
    [
      'that is asked for nearly too much, gateway or none',
      { load: { share: 0.9, shortest: 5_000 }, status: undefined, devices: [] },
      ['advice connection switchroom: what is asked in 5s takes 5s on the line'],
    ],
    ['with one silent device', { devices: [polled, silent] }, ['critical device pump: does not answer any more']],
    [
      'with a device that never answered',
      { devices: [polled, { ...silent, polls: 12 }] },
      ['critical device pump: has never answered'],
    ],
    [
      'on which all are silent',
      { devices: [silent, { ...silent, id: 'valve' }] },
      ['critical connection switchroom: none of its 2 devices answers'],
    ],
    ['with bad points', { devices: [{ ...polled, bad: 3 }] }, ['warning device main-meter: 3 of 40 points are bad']],
    [
      'with a device that answers sometimes',
      { devices: [{ ...polled, failures: 70 }] },
      ['warning device main-meter: 70 of 1 000 polls failed'],
    ],
  ])('%s is told', (_what, facts, findings) => {
    expect(checkConnection({ ...well, ...facts }).map(briefly)).toEqual(findings);
  });

  test.each([
    ['a timeout', wire({ 'late-frame': 7 }), 'set `timeout: 2s`'],
    ['the termination', wire({ 'checksum-error': 80 }), '120 Ω at both ends'],
    ['the bus behind a gateway', { isSerial: false, ...wire({ 'checksum-error': 80 }) }, 'behind the gateway'],
    ['the wires of all', { devices: [silent, silent] }, 'swap A and B'],
    ['the profile', { devices: [{ ...polled, bad: 3, wire: { exception: 9 } }] }, 'eastron/sdm630'],
  ])('what to do about %s is told', (_what, facts, todo) => {
    expect(checkConnection({ ...well, ...facts })[0]?.todo).toContain(todo);
  });
});
