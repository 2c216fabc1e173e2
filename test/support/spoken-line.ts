import type { Pushed } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Value } from '../../src/model/reading.ts';
import { FakeClock } from './fake-clock.ts';
import { listeningDriver } from './scripted-driver.ts';

/** A line on which meters speak by themselves: what the test has them say is heard at once. */
export function spokenLine() {
  const clock = new FakeClock();
  const waiting: (Pushed | GatewayError)[] = [];
  let woken = Promise.withResolvers<void>();
  const line = { opened: 0, listening: 0 };
  const driver = listeningDriver({
    open: () => {
      line.opened += 1;
    },
    async *listen(signal) {
      line.listening += 1;
      signal.addEventListener('abort', () => woken.resolve());
      try {
        while (!signal.aborted) {
          for (const item of waiting.splice(0)) {
            if (item instanceof GatewayError) throw item;
            yield item;
          }
          await woken.promise;
          woken = Promise.withResolvers();
        }
      } finally {
        line.listening -= 1;
      }
    },
  });
  const hear = (item: Pushed | GatewayError): void => {
    waiting.push(item);
    woken.resolve();
  };
  /** `values` by the numbers or the names of their points. */
  const say = (
    device: string,
    values: readonly (readonly [number | string, Value])[],
    names: readonly string[] = [],
  ): void =>
    hear({
      device,
      discovered: names.map((name) => ({ name, address: {}, unit: 'kW.h', scale: 0.1 })),
      readings: values.map(([point, value]) => ({
        point,
        value,
        quality: 'good',
        sourceTime: null,
        receivedTime: clock.monotonic(),
      })),
    });
  return { clock, driver, hear, say, line };
}
