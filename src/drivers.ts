import type { Driver } from './collect/driver.ts';

/** Every driver we ship, loaded only when a connection names it. The only place that imports drivers/. */
export const drivers = {
  dlms: async (): Promise<Driver> => (await import('../drivers/dlms/driver.ts')).dlms,
  sml: async (): Promise<Driver> => (await import('../drivers/sml/driver.ts')).sml,
  modbus: async (): Promise<Driver> => (await import('../drivers/modbus/driver.ts')).modbus,
  mbus: async (): Promise<Driver> => (await import('../drivers/mbus/driver.ts')).mbus,
} as const satisfies Record<string, () => Promise<Driver>>;
