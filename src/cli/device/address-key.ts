import type { Driver } from '../../collect/driver.ts';

// What drivers call the address of a device on its line.
const ADDRESS_KEYS = ['unit', 'address'] as const;

/** Which key of its devices holds their address on the line; undefined where there is but one device. */
export function addressKeyOf({ schemas }: Pick<Driver, 'schemas'>): string | undefined {
  return ADDRESS_KEYS.find((key) => Object.hasOwn(schemas.device.shape, key));
}
