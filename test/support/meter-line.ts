import { Station, type Saying } from '../../drivers/mbus/station.ts';
import { FakeClock } from './fake-clock.ts';
import { openMbus, type OpenedMbus } from './mbus-session.ts';
import { identified, playMbus, type PlayedMbus } from './played-mbus.ts';

/** Who the meters are, unless another is named. */
export const WHO = identified('12345678');

export type MeterLine = AsyncDisposable & OpenedMbus & { readonly played: PlayedMbus; readonly clock: FakeClock };

/** Meters at a converter, and a session with them in which short waits pass by themselves. */
export async function meterLine(...stations: Station[]): Promise<MeterLine> {
  const played = await playMbus(stations);
  const clock = new FakeClock({ flows: 15 });
  const opened = await openMbus({ host: '127.0.0.1', port: played.port, timeout: '900ms' }, clock);
  return {
    ...opened,
    played,
    clock,
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
      await played[Symbol.asyncDispose]();
    },
  };
}

/** A meter at address 5, unless another is named. */
export function station(telegrams: () => readonly Saying[], address: number | undefined = 5, who = WHO): Station {
  return new Station({ address, identification: who, telegrams });
}
