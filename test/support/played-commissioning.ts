import type {
  AdHocDevice,
  AdHocReading,
  Commissioning,
  Keys,
  ScanProgress,
  ShownFrame,
} from '../../src/collect/commissioning.ts';
import type { BrowsedNode, Identity, ScanRange } from '../../src/collect/driver.ts';
import type { GivenValue } from '../../src/collect/raw-value.ts';
import { GatewayError } from '../../src/model/errors.ts';

const since = '2026-11-22T09:00:00.000Z';

/** The answers of a bus without a wire: each says what it was asked. `broken` breaks in the middle of a scan. */
export class PlayedCommissioning implements Commissioning {
  readonly #connection: string;

  constructor(connection: string) {
    this.#connection = connection;
  }

  readAdHoc({ device, points }: AdHocDevice): Promise<readonly AdHocReading[]> {
    const names = Object.entries(points);
    return Promise.resolve(
      names.map(([point, keys]) => ({ point, value: JSON.stringify({ device, keys }), quality: 'good' })),
    );
  }

  readAlternatives({ device }: AdHocDevice): Promise<readonly AdHocReading[]> {
    return Promise.resolve([{ point: 'float32 CDAB', value: JSON.stringify(device), quality: 'good' }]);
  }

  writeAdHoc({ points }: AdHocDevice, value: GivenValue): Promise<AdHocReading> {
    return Promise.resolve({ point: Object.keys(points).join(), value, quality: 'good' });
  }

  identify(device: Keys): Promise<Identity> {
    return Promise.resolve({ facts: [{ name: 'asked', value: JSON.stringify(device) }] });
  }

  browse(place?: string): Promise<readonly BrowsedNode[]> {
    return Promise.resolve([{ place: `${place ?? 'top'};s=x`, name: 'x' }]);
  }

  async *scan({ addresses = [1, 2, 3] }: ScanRange): AsyncGenerator<ScanProgress> {
    for (const [index, address] of addresses.entries()) {
      if (this.#connection === 'broken' && index === 1) throw new GatewayError('connection-lost', 'unplugged');
      await Promise.resolve();
      yield { address: `unit ${address}`, done: index + 1, total: addresses.length };
    }
  }

  async *trace(signal: AbortSignal): AsyncGenerator<readonly ShownFrame[]> {
    for (let count = 0; !signal.aborted; count++) {
      yield [{ time: since, direction: 'sent', bytes: '0103', meaning: `frame ${count}` }];
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
