import type { Driver } from './collect/driver.ts';

/** Every driver we ship, loaded only when a connection names it. The only place that imports drivers/. */
export const drivers = {
  modbus: async (): Promise<Driver> => (await import('../drivers/modbus/driver.ts')).modbus,
  opcua: async (): Promise<Driver> => (await import('../drivers/opcua/driver.ts')).opcua,
} as const satisfies Record<string, () => Promise<Driver>>;
