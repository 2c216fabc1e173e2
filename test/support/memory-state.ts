import type { PointNumber } from '../../src/model/reading.ts';
import type { StateStore } from '../../src/model/state-store.ts';

/** A state store that outlives nothing. */
export function memoryState(remembered: Readonly<Record<string, string>> = {}): StateStore {
  const entries = new Map(Object.entries(remembered));
  return {
    get: (key) => entries.get(key),
    put: async (key, value) => {
      if (value === undefined) entries.delete(key);
      else entries.set(key, value);
    },
  };
}

/** What a collector is given that remembers nothing from before its start. */
export function noPast() {
  return { state: memoryState(), newest: async () => new Map<PointNumber, number>() };
}
