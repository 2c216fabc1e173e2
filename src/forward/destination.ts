import type { Clock } from '../model/clock.ts';
import type { GatewayError } from '../model/errors.ts';
import type { TlsMaterial } from '../wire/tls-material.ts';

// The contract between the forwarder and whatever carries its messages to one centre.

export type Message = {
  readonly topic: string;
  readonly payload: Buffer;
  /** 1: the far end acknowledges it. 0: it does not, and may lose it with the connection. */
  readonly qos: 0 | 1;
  /** The broker keeps the newest one for later subscribers, where it can. */
  readonly retain: boolean;
  /** Repeated beside the payload where the protocol can (MQTT 5 user properties). */
  readonly properties: Readonly<Record<string, string>>;
};

/** What the far end sent us. */
export type Incoming = {
  readonly topic: string;
  readonly payload: Buffer;
  /** It was kept by the broker: nobody knows how old it is. */
  readonly retained: boolean;
};

export type UplinkLimits = {
  /** Messages that the far end takes before it has acknowledged the first. */
  readonly inFlight: number;
  /** Largest message in bytes, everything included; Infinity where the far end names none. */
  readonly packet: number;
};

/**
 * A session with a destination. It exists only while it is connected and never reconnects: the forwarder does.
 * Disposing it hangs up, so that the far end publishes the last will; twice is harmless.
 */
export interface Uplink extends Disposable {
  /** `MQTT 5` or `MQTT 3.1.1`. */
  readonly protocol: string;
  readonly limits: UplinkLimits;
  /**
   * Resolves only when the far end has taken responsibility for the whole message; one of QoS 0, for which nobody does,
   * when the far end has read it. Rejects with `message-refused` when it refuses this one; any other error means that
   * the session is over. It has a deadline of its own. Messages leave in the order of the calls.
   */
  publish(message: Message): Promise<void>;
  /** Resolves once the far end has agreed to send what matches these filters; rejects with `destination-refused`. */
  subscribe(filters: readonly string[]): Promise<void>;
  /** Calls `listener` with whatever was subscribed to, for as long as the session lasts. */
  onMessage(listener: (incoming: Incoming) => void): void;
  /** Calls `listener` whenever anything arrives from the far end, for as long as the session lasts. */
  onHeard(listener: () => void): void;
  /**
   * Ends the session in good order. Takes a second at most; what is unacknowledged then is rejected. The last will is
   * published only where it is asked for and the protocol can (MQTT 5).
   */
  goodbye(will?: 'with-will'): Promise<void>;
  /** Resolves with the reason once the session is over; from then on nothing is sent any more. */
  readonly closed: Promise<GatewayError>;
}

export type UplinkSettings = {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string;
  readonly clientId: string;
  readonly user: { readonly name: string; readonly password: string | undefined } | undefined;
  readonly tls: TlsMaterial;
  /** The only version to speak; absent: the newest that the far end knows. */
  readonly protocol?: '5' | '3.1.1' | undefined;
  /** Milliseconds. */
  readonly keepAlive: number;
  /** Milliseconds that connecting may take, and each acknowledgement. */
  readonly timeout: number;
  /** Whether a far end that acknowledges nothing (QoS 0 only) will do. */
  readonly lossy?: boolean;
  /** Published by the far end when we vanish without a goodbye. */
  readonly will: Message | undefined;
};

/** Connects or throws: `destination-unreachable` or `destination-refused`. Never retries, never waits. */
export type ConnectUplink = (settings: UplinkSettings, clock: Clock, signal: AbortSignal) => Promise<Uplink>;
