import type { Clock } from '../../src/model/clock.ts';
import { openSerial } from '../../src/wire/serial.ts';
import { openTcp } from '../../src/wire/tcp.ts';
import { openUdp } from '../../src/wire/udp.ts';
import type { Wire } from '../../src/wire/wire.ts';
import type { ConnectionSettings } from './connection-schema.ts';

/** Connects, or throws `connection-failed`, `port-missing` or the signal's reason. */
export function openWire(settings: ConnectionSettings, clock: Clock, signal: AbortSignal): Promise<Wire> {
  switch (settings.transport) {
    case 'tcp':
      return openTcp(settings, clock, signal);
    case 'udp':
      return openUdp(settings, clock, signal);
    case 'serial':
      return openSerial({ ...settings, dataBits: 8, stopBits: 1 }, clock, signal);
  }
}
