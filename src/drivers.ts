import type { Driver } from './collect/driver.ts';

/** Every driver we ship, loaded only when a connection names it. The only place that imports drivers/. */
export const drivers = {
  dlms: async (): Promise<Driver> => (await import('../drivers/dlms/driver.ts')).dlms,
  sml: async (): Promise<Driver> => (await import('../drivers/sml/driver.ts')).sml,
  p1: async (): Promise<Driver> => (await import('../drivers/p1/driver.ts')).p1,
  'iec62056-21': async (): Promise<Driver> => (await import('../drivers/iec62056/driver.ts')).iec62056,
  modbus: async (): Promise<Driver> => (await import('../drivers/modbus/driver.ts')).modbus,
  mbus: async (): Promise<Driver> => (await import('../drivers/mbus/driver.ts')).mbus,
  opcua: async (): Promise<Driver> => (await import('../drivers/opcua/driver.ts')).opcua,
} as const satisfies Record<string, () => Promise<Driver>>;
