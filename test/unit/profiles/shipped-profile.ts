import { compileDecoder } from '../../../drivers/modbus/decode.ts';
import { modbus } from '../../../drivers/modbus/driver.ts';
import { locate, type Field } from '../../../drivers/modbus/plan.ts';
import { deviceSchema, type DeviceSettings, type PointAddress } from '../../../drivers/modbus/schema.ts';
import { compileProcessing } from '../../../src/collect/processing.ts';
import type { PointSettings } from '../../../src/config/configuration.ts';
import { faultLines } from '../../../src/config/fault.ts';
import { profileFolders } from '../../../src/config/profile-folders.ts';
import { listProfiles, loadProfile, type Profile } from '../../../src/config/profile.ts';
import { badReading, type Reading } from '../../../src/model/reading.ts';

/** A point of a profile, and where it lies in the device. */
type LocatedPoint = { readonly name: string; readonly settings: PointSettings; readonly field: Field };

type ShippedProfile = {
  readonly profile: Profile;
  readonly device: DeviceSettings;
  readonly points: readonly LocatedPoint[];
};

const { profiles: summaries, faults } = await listProfiles(profileFolders());
if (faults.length > 0) throw new Error(`profiles that cannot be listed: ${faultLines(faults)}`);

/** Every profile we ship, loaded as the gateway loads it. */
export const shipped: readonly ShippedProfile[] = await Promise.all(
  summaries.map(async ({ name }) => {
    const profile = await loadProfile(name, { modbus: async () => modbus }, profileFolders());
    const device = deviceSchema.parse(profile.device.settings);
    const points = profile.device.points.map((settings, number) => {
      const { id, name: pointName } = settings.definition;
      const field = locate({ number, id, address: settings.address as PointAddress }, device);
      return { name: pointName, settings, field };
    });
    return { profile, device, points };
  }),
);

/** Where a point of a shipped profile is, by `vendor/model` and its name. */
export function pointOf(profileName: string, pointName: string): LocatedPoint {
  const found = shipped
    .find(({ profile }) => profile.name === profileName)
    ?.points.find(({ name }) => name === pointName);
  if (found === undefined) throw new Error(`${profileName} has no point ${pointName}`);
  return found;
}

/** What a point makes of its registers, given in hexadecimal as they are sent. */
export function readingOf({ field, settings }: LocatedPoint, registers: string): Reading {
  const data = Buffer.from(registers, 'hex');
  if (data.length !== field.size * 2) throw new Error(`${settings.definition.id} has ${field.size} registers`);
  const { decode, fault } = compileDecoder(field.type, field.order);
  const value = decode(data, 0);
  if (value === undefined) return badReading(field.point.number, fault, 0);
  const raw: Reading = { point: field.point.number, sourceTime: null, receivedTime: 0, quality: 'good', value };
  return compileProcessing(settings.processing).convert?.(raw) ?? raw;
}
