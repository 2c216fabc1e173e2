import type { ShownReading } from '../model/status.ts';
import type { BrowsedNode, Identity, ScanRange, ScanStep } from './driver.ts';

/** Keys as a configuration writes them, checked by the driver's own schemas. */
export type Keys = Readonly<Record<string, unknown>>;

/** A device that need not be configured: the driver's keys of it (`{ unit: 3 }`), and its points by name. */
export type AdHocDevice = { readonly device: Keys; readonly points: Readonly<Record<string, Keys>> };

/** A reading of an ad hoc point; `point` is the name it was asked by. */
export type AdHocReading = Pick<ShownReading, 'value' | 'quality' | 'reason'> & { readonly point: string };

/** A frame on the wire, `time` in ISO 8601 UTC, `bytes` in hexadecimal. */
export type ShownFrame = {
  readonly time: string;
  readonly direction: 'sent' | 'received';
  readonly bytes: string;
  readonly meaning: string;
  /** Frames just before this one that were dropped because the reader was slow; absent: none. */
  readonly dropped?: number;
};

/** A step of a scan; `settings` say under which of the connection's it was made, where a scan tries several. */
export type ScanProgress = ScanStep & {
  readonly settings?: {
    /** For people, e.g. `9600 8E1`. */
    readonly name: string;
    /** What differs from the connection's own settings, as a configuration would write it. */
    readonly changed: Keys;
  };
};

/**
 * What a technician does to one connection: the daemon does it between its polls, a command without a daemon opens the
 * connection itself. Every call rejects with `usage` for what the driver's schemas refuse or its protocol cannot do,
 * and with `connection-failed` where the connection is down.
 */
export interface Commissioning {
  /** Reads places that need not be configured, ahead of the polls. */
  readAdHoc(asked: AdHocDevice, signal: AbortSignal): Promise<readonly AdHocReading[]>;
  /** Every type and order of the one point in `asked`, read at once; named as the driver names them. */
  readAlternatives(asked: AdHocDevice, signal: AbortSignal): Promise<readonly AdHocReading[]>;
  /** Writes one place that need not be configured, raw; answers with what was read back, `bad` after a broadcast. */
  writeAdHoc(asked: AdHocDevice, value: number | string | boolean, signal: AbortSignal): Promise<AdHocReading>;
  /**
   * Looks for devices, step by step; polls go on between the steps. A daemon scans at the connection's own settings,
   * and rejects with `usage` where the range asks for others: it would take the line away from its devices.
   */
  scan(range: ScanRange, signal: AbortSignal): AsyncIterable<ScanProgress>;
  /** What the device says of itself. */
  identify(device: Keys, signal: AbortSignal): Promise<Identity>;
  /** What lies one level below `place` in the device's tree, or at its top without it. */
  browse(place: string | undefined, signal: AbortSignal): Promise<readonly BrowsedNode[]>;
  /** The frames of the connection from now on; drops some (never waits) when the reader is slow. */
  trace(signal: AbortSignal): AsyncIterable<readonly ShownFrame[]>;
}
