import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { SerialPort } from 'serialport';

/** How the line of a port is set. */
export type LineSettings = {
  readonly baud: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
};

type Binding = Awaited<ReturnType<typeof SerialPort.binding.open>>;
/** The library's port where it is a file that can be waited for: on all systems but Windows. */
type PortFile = Extract<Binding, { poller: unknown }>;

const READ_BYTES = 4_096; // what the kernel holds of a line's input at most

const readFile = promisify(read);

/**
 * Opens a device file for this process alone. Whatever waits here waits in the kernel: it may hang, and belongs under
 * a deadline. Loads the library: who has no serial port does without.
 */
export async function openPort(device: string, { baud, ...line }: LineSettings): Promise<Port> {
  const { SerialPort } = await import('serialport');
  const opened = await SerialPort.binding.open({
    path: device,
    baudRate: baud,
    ...line,
    lock: true,
    // When nobody has the port open its lines fall: a transmitter that is keyed by RTS or DTR leaves the bus alone.
    hupcl: true,
  });
  if (!('poller' in opened) || opened.fd === null)
    throw new TypeError('serial ports are read on Linux and macOS alone');
  return new Port(opened, opened.fd);
}

/** An open port, its waits bare: none has a deadline. */
export class Port {
  readonly fd: number;
  readonly #file: PortFile;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);

  constructor(file: PortFile, fd: number) {
    this.#file = file;
    this.fd = fd;
  }

  /**
   * What arrives next. Rejects once the port is gone, or was interrupted. (The library's own read is not used: when a
   * port goes away in the middle of a stream of bytes, it reads on for ever, at the cost of a processor.)
   */
  async read(): Promise<Buffer> {
    for (;;) {
      await this.#readable();
      const { bytesRead } = await readFile(this.fd, this.#buffer, 0, READ_BYTES, null).catch(nothingYet);
      if (bytesRead === 0) throw new Error('end of file');
      if (bytesRead > 0) return Buffer.from(this.#buffer.subarray(0, bytesRead));
    }
  }

  #readable(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#file.poller.once('readable', (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Resolves once the kernel has taken all bytes; one write at a time. */
  write(bytes: Buffer): Promise<void> {
    return this.#file.write(bytes);
  }

  /** Resolves once the bytes have left the kernel. */
  drain(): Promise<void> {
    return this.#file.drain();
  }

  /** Both directions; throws away what the kernel holds of either. */
  setBaud(baud: number): Promise<void> {
    return this.#file.update({ baudRate: baud });
  }

  /** Ends a read and a write that wait: they reject. */
  interrupt(): void {
    this.#file.poller.stop();
  }

  /** Throws away what the kernel holds, sent or received. */
  discard(): Promise<void> {
    return this.#file.flush();
  }

  /** To be called when nothing reads or writes any more: the descriptor may be another file's in the next moment. */
  close(): Promise<void> {
    return this.#file.close();
  }
}

function nothingYet(error: unknown): { readonly bytesRead: number } {
  if (error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EINTR')) {
    return { bytesRead: -1 };
  }
  throw error;
}
