import type { SimulatedDevice, Simulation, SimulationSettings } from '../../src/collect/simulation.ts';
import { parseObis } from '../../src/model/obis.ts';
import { playedValue, type PlayedValue } from '../meter/played-values.ts';
import type { MeterAddress } from '../meter/point-schema.ts';
import { simulatePush, type Saying } from '../meter/push-simulation.ts';
import { encodeFile, type SentEntry } from './encode.ts';
import type { DeviceSettings } from './schema.ts';

const EVERY = 1_000; // milliseconds, as most meters do
const EPOCH = 1_704_067_200; // when these meters were switched on

// What a meter of a household with solar modules sends; numbers of units by IEC 62056-62.
const VALUES = [
  ['1-0:1.8.0', 'W.h', 30, -1],
  ['1-0:2.8.0', 'W.h', 30, -1],
  ['1-0:16.7.0', 'W', 27, 0],
  ['1-0:36.7.0', 'W', 27, 0],
  ['1-0:56.7.0', 'W', 27, 0],
  ['1-0:76.7.0', 'W', 27, 0],
  ['1-0:32.7.0', 'V', 35, -1],
  ['1-0:31.7.0', 'A', 33, -2],
  ['1-0:14.7.0', 'Hz', 44, -1],
] as const;

const MAKER = parseObis('129-129:199.130.3');
const SERVER = parseObis('1-0:0.0.9');
const STATUS = 0x182;

/** Plays meters that send SML every second. */
export async function simulate(
  devices: readonly SimulatedDevice<DeviceSettings, MeterAddress>[],
  settings: SimulationSettings,
): Promise<Simulation> {
  return simulatePush(
    settings,
    devices.map(({ device }, index) => meter(device.id, device.settings.server ?? serverOf(index + 1))),
    EVERY,
  );
}

/** DIN 43863-5: electricity, made by `WIR`, block 0, and a number. */
function serverOf(number: number): string {
  return `0a0157495200${number.toString(16).padStart(8, '0')}`;
}

function meter(id: string, server: string): Saying {
  const values = VALUES.map(([code, unit, number, exponent]) => ({
    number,
    value: playedValue(id, code, unit, exponent),
  }));
  const bytes = Buffer.from(server, 'hex');
  const names: readonly SentEntry[] = [
    ...(MAKER === undefined ? [] : [{ obis: MAKER, value: text(Buffer.from('WIR')) }]),
    ...(SERVER === undefined ? [] : [{ obis: SERVER, value: text(bytes) }]),
  ];
  return (seconds) =>
    encodeFile({
      server: bytes,
      index: Math.max(0, Math.floor(seconds - EPOCH)),
      entries: [...names, ...values.map(({ number, value }) => entry(value, number, seconds))],
    });
}

function text(bytes: Buffer): SentEntry['value'] {
  return { kind: 'octets', bytes };
}

const LONGEST_INTEGER = 8;
const SHORT_INTEGER = 4;

function entry({ obis, exponent, raw }: PlayedValue, unit: number, seconds: number): SentEntry {
  const isEnergy = obis.d === 8;
  const size = isEnergy ? LONGEST_INTEGER : SHORT_INTEGER;
  return {
    obis,
    ...(isEnergy && { status: STATUS }),
    unit,
    scaler: exponent,
    value: { kind: 'integer', value: raw(seconds), signed: true, size },
  };
}
