import type { Clock } from '../../src/model/clock.ts';
import { openSerial } from '../../src/wire/serial.ts';
import { openTcp } from '../../src/wire/tcp.ts';
import { openUdp } from '../../src/wire/udp.ts';
import type { Wire } from '../../src/wire/wire.ts';
import type { ConnectionSettings } from './connection-schema.ts';
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
  return framingOf(settings) === 'hdlc' ? new HdlcTelegrams() : new WrapperTelegrams();
}

function framingOf(settings: ConnectionSettings): 'hdlc' | 'wrapper' {
  return settings.transport === 'udp' ? 'wrapper' : settings.framing;
}
