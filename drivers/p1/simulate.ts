import type { SimulatedDevice, Simulation, SimulationSettings } from '../../src/collect/simulation.ts';
import { playedValue, type PlayedValue } from '../meter/played-values.ts';
import type { MeterAddress } from '../meter/point-schema.ts';
import { simulatePush, type Saying } from '../meter/push-simulation.ts';
import { timeDigits } from '../meter/time.ts';
import { encodeTelegram } from './encode.ts';
import type { DeviceSettings } from './schema.ts';

const EVERY = 1_000; // milliseconds; DSMR 5.0.2 P1, 4
const GAS_EVERY = 300; // seconds

// DSMR 5.0.2 P1, 6.12: code, unit for us, unit as it is written, digits before and behind the point.
const VALUES = [
  ['1-0:1.8.1', 'kW.h', 'kWh', 6, 3],
  ['1-0:1.8.2', 'kW.h', 'kWh', 6, 3],
  ['1-0:2.8.1', 'kW.h', 'kWh', 6, 3],
  ['1-0:1.7.0', 'kW', 'kW', 2, 3],
  ['1-0:32.7.0', 'V', 'V', 3, 1],
  ['1-0:52.7.0', 'V', 'V', 3, 1],
  ['1-0:72.7.0', 'V', 'V', 3, 1],
  ['1-0:31.7.0', 'A', 'A', 3, 0],
] as const;

/** Plays meters with a gas meter behind them, that send a telegram of DSMR 5 every second. */
export async function simulate(
  devices: readonly SimulatedDevice<DeviceSettings, MeterAddress>[],
  settings: SimulationSettings,
): Promise<Simulation> {
  return simulatePush(
    settings,
    devices.map(({ device }, index) => meter(device.id, device.settings.timezone, index + 1)),
    EVERY,
  );
}

function meter(id: string, zone: string, number: number): Saying {
  const values = VALUES.map(([code, unit, word, before, places]) => {
    const value = playedValue(id, code, unit, -places);
    return (seconds: number): string => `${code}(${written(value, seconds, before)}*${word})`;
  });
  const gas = playedValue(id, '7-0:3.0.0', 'm3', -3);
  const serial = Buffer.from(`E${String(number).padStart(16, '0')}`)
    .toString('hex')
    .toUpperCase();
  return (seconds) => {
    const captured = Math.floor(seconds / GAS_EVERY) * GAS_EVERY;
    return encodeTelegram('WIR5\\2PLAYED-METER', [
      '1-3:0.2.8(50)',
      `0-0:1.0.0(${timeDigits(seconds * 1_000, zone)})`,
      `0-0:96.1.1(${serial})`,
      '0-0:96.14.0(0001)',
      ...values.map((line) => line(seconds)),
      '0-0:96.7.21(00002)',
      '0-1:24.1.0(003)',
      `0-1:24.2.1(${timeDigits(captured * 1_000, zone)})(${written(gas, captured, 5)}*m3)`,
    ]);
  };
}

function written({ raw, exponent }: PlayedValue, seconds: number, before: number): string {
  const places = -exponent;
  const digits = String(raw(seconds)).padStart(before + places, '0');
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
