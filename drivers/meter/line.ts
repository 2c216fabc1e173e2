import type { Clock } from '../../src/model/clock.ts';
import { openSerial, type SerialWire } from '../../src/wire/serial.ts';
import { openTcp } from '../../src/wire/tcp.ts';
import type { Wire } from '../../src/wire/wire.ts';
import type { LineSettings } from './line-schema.ts';

/** Opens the line of a meter; throws as the transport does. Only a serial port of this machine can change its speed. */
export function openLine(settings: LineSettings, clock: Clock, signal: AbortSignal): Promise<Wire | SerialWire> {
  return settings.transport === 'serial' ? openSerial(settings, clock, signal) : openTcp(settings, clock, signal);
}
