import type { Clock } from '../../src/model/clock.ts';
import { openSerial } from '../../src/wire/serial.ts';
import { openTcp } from '../../src/wire/tcp.ts';
import { openUdp } from '../../src/wire/udp.ts';
import type { Wire } from '../../src/wire/wire.ts';
import type { ConnectionSettings } from './connection-schema.ts';
import { MbusTelegrams } from './mbus-telegrams.ts';
import { HdlcTelegrams, WrapperTelegrams, type Telegrams } from './telegrams.ts';

/** Connects, or throws `connection-failed` or `port-missing`, or the signal's reason. */
export function openWire(settings: ConnectionSettings, clock: Clock, signal: AbortSignal): Promise<Wire> {
  switch (settings.transport) {
    case 'tcp':
      return openTcp(settings, clock, signal);
    case 'udp':
      return openUdp(settings, clock, signal);
    case 'serial':
      return openSerial(settings, clock, signal);
  }
}

/** How what meters push is put together. */
export function telegramsOf(settings: ConnectionSettings): Telegrams {
  return TELEGRAMS[framingOf(settings)]();
}

const TELEGRAMS = {
  hdlc: (): Telegrams => new HdlcTelegrams(),
  mbus: (): Telegrams => new MbusTelegrams(),
  wrapper: (): Telegrams => new WrapperTelegrams(),
} as const;

/** How APDUs travel over a connection. */
export function framingOf(settings: ConnectionSettings): keyof typeof TELEGRAMS {
  return settings.transport === 'udp' ? 'wrapper' : settings.framing;
}
