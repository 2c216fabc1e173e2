import type { Clock } from '../../src/model/clock.ts';
import type { NetworkTarget } from '../../src/wire/far-end.ts';
import { openSerial } from '../../src/wire/serial.ts';
import { openTcp } from '../../src/wire/tcp.ts';
import { openTls } from '../../src/wire/tls.ts';
import { openUdp } from '../../src/wire/udp.ts';
import type { Wire } from '../../src/wire/wire.ts';
import { asciiFraming } from './ascii-framing.ts';
import type { ConnectionSettings, SerialSettings } from './connection-schema.ts';
import type { Framing } from './framing.ts';
import { timeLine } from './line-timing.ts';
import type { LineFormat, LineTiming } from './line-timing.ts';
import { rtuFraming } from './rtu-framing.ts';
import { tcpFraming, udpFraming } from './tcp-framing.ts';

/** How the bytes of a connection travel. */
export type Transport = {
  readonly framing: Framing;
  /** Of a serial port of this machine. */
  readonly line: LineTiming | undefined;
  /** Connects, or throws `connection-failed` or `port-missing`, or the signal's reason. */
  readonly open: (clock: Clock, signal: AbortSignal) => Promise<Wire>;
};

/** How a connection is made by its settings; pure. */
export function transportOf(settings: ConnectionSettings): Transport {
  switch (settings.transport) {
    case 'tcp':
      return overTcp(settings, tcpFraming);
    case 'udp':
      return { framing: udpFraming, line: undefined, open: (clock, signal) => openUdp(settings, clock, signal) };
    case 'tls':
      return { framing: tcpFraming, line: undefined, open: (clock, signal) => openTls(settings, clock, signal) };
    case 'rtu-over-tcp':
      return overTcp(settings, rtuFraming);
    case 'ascii-over-tcp':
      return overTcp(settings, asciiFraming);
    case 'serial':
      return overSerial(settings);
  }
}

function overTcp(target: NetworkTarget, framing: Framing): Transport {
  return { framing, line: undefined, open: (clock, signal) => openTcp(target, clock, signal) };
}

const SERIAL_FRAMINGS = { rtu: rtuFraming, ascii: asciiFraming } as const;

function overSerial(settings: SerialSettings): Transport {
  const { path, timeout, rs485, framing } = settings;
  const format = formatOf(settings);
  const line = timeLine(format);
  return {
    framing: SERIAL_FRAMINGS[framing],
    line: { ...line, gap: settings.gap ?? line.gap },
    open: (clock, signal) => openSerial({ path, ...format, timeout, rs485 }, clock, signal),
  };
}

/**
 * MODBUS over Serial Line 1.02, 2.5.1 and 2.5.2: eleven bits in RTU, ten in ASCII, so a second stop bit where there is no
 * parity. Whoever expects one stop bit takes the second for silence.
 */
export function formatOf({ baud, parity, framing, dataBits, stopBits }: SerialSettings): LineFormat {
  return {
    baud,
    parity,
    dataBits: dataBits ?? (framing === 'ascii' ? 7 : 8),
    stopBits: stopBits ?? (parity === 'none' ? 2 : 1),
  };
}
