import { expect, test } from 'vitest';
import { formatObis } from '../../src/model/obis.ts';
import { readList } from '../../drivers/dlms/lists.ts';
import { decodeNotification } from '../../drivers/dlms/notification.ts';
import { HdlcTelegrams } from '../../drivers/dlms/telegrams.ts';
import { pushedCaptures, treeOf, type Capture } from '../support/dlms-captures.ts';
import { byName, pushedLine } from '../support/pushed-line.ts';
import { describeWith } from '../support/peers.ts';

// What another reader calls a value, and the code that it has; his energies are called totals.
const CODES: Readonly<Record<string, string>> = {
  list_ver_id: '0.2.129',
  meter_id: '96.1.0',
  meter_type: '96.1.7',
  active_power_import: '1.7.0',
  active_power_export: '2.7.0',
  reactive_power_import: '3.7.0',
  reactive_power_export: '4.7.0',
  current_l1: '31.7.0',
  current_l2: '51.7.0',
  current_l3: '71.7.0',
  voltage_l1: '32.7.0',
  voltage_l2: '52.7.0',
  voltage_l3: '72.7.0',
  active_power_import_total: '1.8.0',
  active_power_export_total: '2.8.0',
  reactive_power_import_total: '3.8.0',
  reactive_power_export_total: '4.8.0',
  active_power_import_l1: '21.7.0',
  active_power_export_l1: '22.7.0',
  reactive_power_import_l1: '23.7.0',
  reactive_power_export_l1: '24.7.0',
  active_power_import_l2: '41.7.0',
  active_power_export_l2: '42.7.0',
  reactive_power_import_l2: '43.7.0',
  reactive_power_export_l2: '44.7.0',
  active_power_import_l3: '61.7.0',
  active_power_export_l3: '62.7.0',
  reactive_power_import_l3: '63.7.0',
  reactive_power_export_l3: '64.7.0',
};

// Not among the values of the list, or under a code of the maker's.
const ELSEWHERE = new Set(['meter_manufacturer', 'meter_datetime', 'list_ver_id', 'meter_id', 'meter_type']);

describeWith('fixtures', 'what meters pushed', () => {
  const captures = pushedCaptures();

  test.each(captures)('$name is the same tree of values as others read', ({ frames, expected }) => {
    const { invoke, time, body } = notificationOf(frames);
    expect(treeOf(body)).toEqual(expected.body);
    expect(invoke.toString(16).padStart(8, '0')).toBe(expected.longInvokeIdAndPriority);
    expect(time?.toString('hex')).toBe(expected.dateTime?.raw);
  });

  test.each(captures)('$name has the codes, scalers and units that others read', ({ frames, expected }) => {
    const { items } = readList(notificationOf(frames).body);
    const named = expected.readings.map(({ obis, type, scaler, unit }) => ({
      code: obis.replace('*255', ''),
      type,
      scaler,
      unit,
    }));
    if (named.length === 0) return;
    const ownScale = named.some(({ scaler }) => scaler !== undefined);
    expect(
      items.map(({ obis, data, scaler, unit }) => ({
        code: formatObis(obis),
        type: data.type,
        scaler: ownScale && unit !== undefined ? scaler : undefined,
        unit: ownScale ? unit : undefined,
      })),
    ).toEqual(named);
  });

  test.each(captures.filter(({ expected }) => expected.amshanDecoded !== undefined))(
    '$name has every value that another reader finds, exactly',
    async ({ name, frames, expected }) => {
      const line = pushedLine({ settings: name.includes('kaifa_no') ? { list: 'kaifa' } : {} });
      const { readings, points } = byName(line.hear(frames));
      const values = new Map(
        [...points].map(([point, { obis = '' }]) => [obis.replace(/^.*:/, ''), readings.get(point)]),
      );
      const others = Object.entries(expected.amshanDecoded ?? {}).filter(([key]) => !ELSEWHERE.has(key));
      const codes = others.map(([key]) => CODES[key] ?? key);
      expect(codes.map((code) => [code, values.get(code)?.value])).toEqual(
        others.map(([key, value]) => [CODES[key] ?? key, wanted(CODES[key] ?? key, value)]),
      );
      expect([...readings.values()].filter(({ quality }) => quality !== 'good')).toEqual([]);
      expect(line.oddities).toEqual([]);
    },
  );

  test('a list of one value without a name gives no reading before the meter has said how it writes', async () => {
    const line = pushedLine();
    const [short, long] = ['kaifa_no_list_1', 'kaifa_no_list_2'].map((name) => captureNamed(captures, name).frames);
    if (short === undefined || long === undefined) throw new TypeError('two captures');
    expect(line.hear(short)).toEqual([]);
    expect(line.oddities).toEqual([['malformed-frame', expect.stringContaining('has a name')]]);
    const { readings } = byName(line.hear(long, short));
    expect(readings.get('active-power-import')).toMatchObject({ quality: 'good', value: 5_852 });
  });
});

/** Energies are converted to the vocabulary's kW.h and kvar.h, in decimal. */
function wanted(code: string, value: string | number): string | number {
  return code.endsWith('.8.0') ? Number(`${value}e-3`) : value;
}

function captureNamed(captures: readonly Capture[], name: string): Capture {
  const found = captures.find((capture) => capture.name.endsWith(name));
  if (found === undefined) throw new TypeError(`no capture ${name}`);
  return found;
}

function notificationOf(frames: Buffer) {
  const [heard] = new HdlcTelegrams().push(frames);
  if (heard?.kind !== 'apdu') throw new TypeError('no APDU');
  return decodeNotification(heard.apdu);
}
