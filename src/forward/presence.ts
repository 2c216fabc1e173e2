import type { EventName, Report } from '../ops/events.ts';

type Change = { readonly kind: 'device' | 'connection'; readonly isLost: boolean };

const changes: { readonly [Event in EventName]?: Change } = {
  'device-lost': { kind: 'device', isLost: true },
  'device-back': { kind: 'device', isLost: false },
  'connection-lost': { kind: 'connection', isLost: true },
  'connection-up': { kind: 'connection', isLost: false },
};

/** Which devices and connections are lost, and who wants to know. */
export class DevicePresence {
  readonly #connectionOf: ReadonlyMap<string, string>;
  readonly #lost = new Set<string>();
  readonly #listeners = new Set<(device: string, isLost: boolean) => void>();

  /** `connectionOf`: each device's connection. */
  constructor(connectionOf: ReadonlyMap<string, string>) {
    this.#connectionOf = connectionOf;
  }

  /** Whether nothing can be heard of the device: it is silent, or its connection is down. */
  isLost(device: string): boolean {
    return this.#lost.has(deviceKey(device)) || this.#lost.has(connectionKey(this.#connectionOf.get(device)));
  }

  /** Calls `listener` at each change from now on; returns the way to stop it. */
  onChange(listener: (device: string, isLost: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A `report` for collectors: it takes note of what they tell about devices and connections, and passes everything on. */
  noting(report: Report): Report {
    return (event, fields) => {
      report(event, fields);
      const change = changes[event];
      if (change !== undefined) this.note(change.kind, String(fields[change.kind]), change.isLost);
    };
  }

  note(kind: 'device' | 'connection', name: string, isLost: boolean): void {
    this.#note(kind === 'device' ? deviceKey(name) : connectionKey(name), isLost);
  }

  #note(key: string, isLost: boolean): void {
    const devices = [...this.#connectionOf.keys()];
    const before = new Set(devices.filter((device) => this.isLost(device)));
    if (isLost) this.#lost.add(key);
    else this.#lost.delete(key);
    for (const device of devices) {
      const now = this.isLost(device);
      if (now !== before.has(device)) for (const listener of this.#listeners) listener(device, now);
    }
  }
}

function deviceKey(device: string): string {
  return `device ${device}`;
}

function connectionKey(connection: string | undefined): string {
  return `connection ${connection ?? ''}`;
}
