import { encodeTelegram } from '../../drivers/p1/encode.ts';

/** What a meter of DSMR 5 sends in Amsterdam; energies in kWh, power in kW. */
export function p1Telegram(
  { energy = '000123.456', power = '00.244', clock = '221030023000S' } = {},
  more: readonly string[] = [],
): Buffer {
  return encodeTelegram('WIR5\\2TEST-METER', [
    '1-3:0.2.8(50)',
    `0-0:1.0.0(${clock})`,
    '0-0:96.1.1(4530303031)',
    `1-0:1.8.1(${energy}*kWh)`,
    `1-0:1.7.0(${power}*kW)`,
    '0-0:96.14.0(0002)',
    '0-1:24.1.0(003)',
    '0-1:96.1.0(4730303031)',
    '0-1:24.2.1(221030020500S)(00000.107*m3)',
    ...more,
  ]);
}
