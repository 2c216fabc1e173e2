import type { SimulatedDevice, SimulatedFault, Simulation, SimulationSettings } from '../../src/collect/simulation.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { listenTcp, listenWire, type Mouth } from '../../src/wire/listen.ts';
import { playedValue, type PlayedValue } from '../meter/played-values.ts';
import type { MeterAddress } from '../meter/point-schema.ts';
import { timeDigits } from '../meter/time.ts';
import { ACKNOWLEDGE, dataMessage } from './messages.ts';
import type { DeviceSettings } from './schema.ts';

// Code, unit for us, unit as it is written, digits before and behind the point.
const VALUES = [
  ['1.8.0', 'kW.h', 'kWh', 7, 3],
  ['1.8.1', 'kW.h', 'kWh', 7, 3],
  ['1.8.2', 'kW.h', 'kWh', 7, 3],
  ['2.8.0', 'kW.h', 'kWh', 7, 3],
  ['1.7.0', 'kW', 'kW', 3, 3],
  ['32.7.0', 'V', 'V', 3, 1],
  ['31.7.0', 'A', 'A', 3, 2],
] as const;

const SLOW = 1_000; // milliseconds, beyond the reaction time
const REACTION = 200; // IEC 62056-21, 6.3.14: between 200 ms and 1.5 s
const NOISE = Buffer.from([0x7f, 0x3f, 0x23]);

/** A played meter: what it is called, and what it says when it is read out; `seconds` since 1970. */
type Played = { readonly address: string; readonly name: string; readonly readout: (seconds: number) => string };

/**
 * Plays meters of mode C that stay at the speed of their line: on a pty, and behind a device server, there is none to be
 * changed. The first answers whoever asks without an address, as a meter with a head to itself does.
 */
export async function simulate(
  devices: readonly SimulatedDevice<DeviceSettings, MeterAddress>[],
  { clock, end, faults = [] }: SimulationSettings,
): Promise<Simulation> {
  if (!('wire' in end) && end.transport !== 'tcp') {
    throw new GatewayError('usage', `such meters are played over tcp or on a serial line, not over ${end.transport}`);
  }
  const meters = devices.map(({ device }, index) => meter(device.id, device.settings, index + 1));
  const origin = clock.wall() - clock.monotonic();
  const attend = (mouth: Mouth): ((bytes: Buffer) => void) => {
    let heard = '';
    let spoken: number | undefined;
    const answer = (bytes: Buffer, after = REACTION): void => void clock.after(after, () => mouth.send(bytes));
    return (bytes) => {
      heard = (heard + bytes.toString('latin1')).slice(-LONGEST_REQUEST);
      const asked = askedIn(heard);
      if (asked === undefined) return;
      heard = '';
      if (asked.kind === 'sign-on') spoken = meterNamed(meters, asked.address);
      const played = spoken === undefined ? undefined : meters[spoken];
      if (spoken === undefined || played === undefined) return;
      const fault = faultOf(faults, spoken + 1);
      if (asked.kind === 'sign-on') return answer(Buffer.from(`/WIR0${played.name}\r\n`), delayOf(fault));
      const message = dataMessage(played.readout((origin + clock.monotonic()) / 1_000));
      for (const part of spoilt(message, fault)) answer(part, delayOf(fault));
      if (fault?.kind === 'reset') mouth.hangUp();
    };
  };
  const listener = 'wire' in end ? listenWire(end.wire, attend) : await listenTcp(end, attend);
  return { address: listener.address, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

const LONGEST_REQUEST = 64;
const ACKNOWLEDGED = ACKNOWLEDGE.toString('latin1');

type Asked = { readonly kind: 'sign-on'; readonly address: string } | { readonly kind: 'readout' };

function askedIn(heard: string): Asked | undefined {
  const [request, address = ''] = /\/\?([^!]{0,32})!\r\n/.exec(heard) ?? [];
  if (request !== undefined) return { kind: 'sign-on', address };
  const option = heard.lastIndexOf(ACKNOWLEDGED);
  return option !== -1 && /^.0\d0\r\n/.test(heard.slice(option)) ? { kind: 'readout' } : undefined;
}

function meterNamed(meters: readonly Played[], address: string): number | undefined {
  const index = address === '' ? 0 : meters.findIndex((each) => each.address === address);
  return index === -1 ? undefined : index;
}

function faultOf(faults: readonly SimulatedFault[], number: number): SimulatedFault | undefined {
  return faults.find(({ unit, rate }) => (unit ?? number) === number && Math.random() < rate);
}

function delayOf(fault: SimulatedFault | undefined): number {
  return fault?.kind === 'slow' ? REACTION + (fault.value ?? SLOW) : REACTION;
}

function spoilt(message: Buffer, fault: SimulatedFault | undefined): readonly Buffer[] {
  if (fault?.kind === 'silent') return [];
  if (fault?.kind === 'noise') return [NOISE, message];
  if (fault?.kind !== 'checksum') return [message];
  const damaged = Buffer.from(message);
  const middle = damaged.length >> 1;
  damaged.writeUInt8(damaged.readUInt8(middle) ^ 1, middle);
  return [damaged];
}

function meter(id: string, { address, timezone = 'UTC' }: DeviceSettings, number: number): Played {
  const serial = address === '' ? String(number).padStart(8, '0') : address;
  const values = VALUES.map(([code, unit, word, before, places]) => {
    const value = playedValue(id, code, unit, -places);
    return (seconds: number): string => `${code}(${written(value, seconds, before)}*${word})`;
  });
  return {
    address: serial,
    name: 'PLAYED-METER',
    readout: (seconds) => {
      const digits = timeDigits(seconds * 1_000, timezone);
      const lines = [
        'F.F(00000000)',
        `C.1.0(${serial})`,
        `0.9.1(${digits.slice(6, 12)})`,
        `0.9.2(${digits.slice(0, 6)})`,
        ...values.map((line) => line(seconds)),
        '!',
        '',
      ];
      return lines.join('\r\n');
    },
  };
}

function written({ raw, exponent }: PlayedValue, seconds: number, before: number): string {
  const digits = String(raw(seconds)).padStart(before - exponent, '0');
  return `${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}
