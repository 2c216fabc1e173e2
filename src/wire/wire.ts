import type { GatewayError } from '../model/errors.ts';

export interface WireListener {
  /** Bytes as they arrived, in any chunking. */
  received(bytes: Buffer): void;
  /** The far end or the network ended the connection; called once, and nothing follows. */
  lost(error: GatewayError): void;
}

/** A connected stream of bytes; knows no protocol. Disposing it twice is harmless and waits for nothing on the network. */
export interface Wire extends AsyncDisposable {
  /** False once it was lost or destroyed: it never becomes open again. */
  readonly open: boolean;
  /** Hands over everything that arrives from now on. To be called once, in the same turn as the wire was opened. */
  listen(listener: WireListener): void;
  /** Sends without waiting; what a far end does not take shows as an answer that never comes. */
  send(bytes: Buffer): void;
  /** Ends it at once; the listener hears nothing more. */
  destroy(): void;
}
