/** What whoever catches the error does next. */
export type Remedy = 'retry' | 'discard' | 'stop';

/**
 * The stable error codes. `exit` is the command line's exit code (0 done, 1 failed, 64 wrong usage, 69 daemon or peer
 * not reachable, 75 try again later, 78 configuration error); `advice` is the sentence for the technician.
 */
export const errorCodes = {
  'runtime-too-old': { remedy: 'stop', exit: 1, advice: 'Run it with Node 24, as `npm run` does by itself.' },
  usage: { remedy: 'stop', exit: 64, advice: 'See `weir --help`.' },
  'configuration-invalid': {
    remedy: 'stop',
    exit: 78,
    advice: 'Correct the configuration; `weir config check` shows every fault.',
  },
  'configuration-unreadable': {
    remedy: 'stop',
    exit: 78,
    advice: 'What belongs into it: config/weir.example.yaml, and config/reference.md for every key.',
  },
  'secret-unavailable': {
    remedy: 'retry', // one that is lost while we run costs its connection alone
    exit: 78,
    advice:
      'Provide the file, credential or environment variable that the configuration refers to, readable for this user only.',
  },
  'profile-invalid': { remedy: 'stop', exit: 78, advice: 'See `weir profile list` and `weir profile check`.' },
  'connection-failed': { remedy: 'retry', exit: 69, advice: 'Check address, cabling and that the device is on.' },
  'connection-lost': {
    remedy: 'retry',
    exit: 69,
    advice: 'Check that this is the right device and port; a running gateway reconnects by itself.',
  },
  'server-untrusted': {
    remedy: 'retry',
    exit: 69,
    advice:
      'Compare the fingerprint with the one that the server itself shows, or ask who runs it; a gateway tries again by itself.',
  },
  'no-answer': {
    remedy: 'retry',
    exit: 69,
    advice: 'Check the unit address, the wiring, and that the device is on; a slow device needs a longer timeout.',
  },
  'answer-malformed': {
    remedy: 'retry',
    exit: 69,
    advice: 'The device or something between breaks the protocol; note its firmware and record a trace.',
  },
  'device-refused': {
    remedy: 'discard',
    exit: 1,
    advice: 'The device has no such register or forbids it; compare with its manual.',
  },
  'device-undescribed': {
    remedy: 'discard',
    exit: 1,
    advice: 'The device does not describe its points by itself: give it a profile, or list its points.',
  },
  'nothing-read': {
    remedy: 'discard',
    exit: 1,
    advice: 'Compare address, type and profile with its manual; `weir trace` shows what it answers.',
  },
  'access-refused': {
    remedy: 'discard',
    exit: 1,
    advice:
      'Check as whom we ask, and the password or keys. Many devices lock out whoever tries too often: a gateway tries again after a quarter of an hour, or at once when you `weir device read` it.',
  },
  'bus-busy': {
    remedy: 'retry',
    exit: 75,
    advice: 'Too many requests wait for this connection: try again when they are done.',
  },
  'write-refused': {
    remedy: 'discard',
    exit: 64,
    advice: "Only what the point's `write` key in the configuration allows is written.",
  },
  'write-differs': {
    remedy: 'discard',
    exit: 1,
    advice: 'The device took another value, or none: compare its limits and its operating mode with its manual.',
  },
  'port-missing': {
    remedy: 'retry',
    exit: 69,
    advice:
      'Plug the adapter in; `ls /dev/serial/by-id` shows those that are there. A running gateway takes it up by itself.',
  },
  'driver-failed': {
    remedy: 'retry',
    exit: 1,
    advice: 'This is a fault in the driver: please report it; the other connections go on.',
  },
  'journal-locked': { remedy: 'stop', exit: 75, advice: 'Stop the other daemon first: one journal has one owner.' },
  'journal-newer': {
    remedy: 'stop',
    exit: 78,
    advice: 'A newer Weir wrote this journal; install that version, or name another folder.',
  },
  'journal-unusable': {
    remedy: 'stop',
    exit: 78,
    advice: 'Check that journal.path names a folder, and that it belongs to this user and is writable.',
  },
  'journal-full': { remedy: 'retry', exit: 75, advice: 'Free space on the disk, or lower journal.keep.size.' },
  'journal-corrupt': {
    remedy: 'stop',
    exit: 1,
    advice:
      'The journal is damaged. A gateway sets it aside by itself when it starts, begins a new one, and salvages what can be read.',
  },
  'journal-failed': {
    remedy: 'stop',
    exit: 1,
    advice: 'Check that its disk is mounted, writable and healthy; the service manager tries again.',
  },
  'destination-unreachable': {
    remedy: 'retry',
    exit: 69,
    advice: 'Check the url and the network; a gateway keeps everything in its journal meanwhile.',
  },
  'destination-refused': {
    remedy: 'retry',
    exit: 69,
    advice:
      "Check that this is the broker's MQTT port, and what it grants us: user, password, certificate, rights on the topics of its format.",
  },
  'clock-unknown': {
    remedy: 'retry',
    exit: 75,
    advice: 'Let the machine reach a time server: once the time is known the certificate is looked at again.',
  },
  'destination-lost': {
    remedy: 'retry',
    exit: 69,
    advice: 'The gateway reconnects by itself; the journal keeps everything meanwhile.',
  },
  'host-absent': {
    remedy: 'retry',
    exit: 69,
    advice: 'The primary host application is offline: nothing is sent to its destination until it is back.',
  },
  'server-failed': {
    remedy: 'retry',
    exit: 1,
    advice: 'Another program may have its port (`ss -ltnp`), or its host is no address of this machine.',
  },
  'message-refused': {
    remedy: 'discard',
    exit: 1,
    advice: 'The broker accepts no such message; see its limits on packet size.',
  },
  'rewind-busy': {
    remedy: 'retry',
    exit: 75,
    advice: 'One request after the other: `weir status` shows how much is still to be sent.',
  },
  'rewind-gone': {
    remedy: 'discard',
    exit: 1,
    advice:
      'Retention has taken it, or nothing was read then: `weir journal status` shows what is kept, `journal.keep` for how long.',
  },
  'command-unanswered': {
    remedy: 'discard',
    exit: 69,
    advice:
      'Look what became of it (`weir audit show` at the gateway) before you send another: it may still be carried out.',
  },
  'commands-off': {
    remedy: 'discard',
    exit: 1,
    advice:
      'Allow them in the configuration of the gateway, in its destination: `commands: { points: [DEVICE/POINT] }`, or `commands: { replay: {} }`.',
  },
  'audit-failed': {
    remedy: 'retry',
    exit: 1,
    advice: 'Free space on its disk and make it writable: without an audit log no command is carried out.',
  },
  'output-failed': {
    remedy: 'stop',
    exit: 1,
    advice: 'Check its folder, the rights to it and the space on its disk, or name another file.',
  },
  'store-failed': {
    remedy: 'retry',
    exit: 69,
    advice: 'Check the url, the rights and the disk of the database; what is not stored stays with the broker.',
  },
  'daemon-unreachable': {
    remedy: 'stop',
    exit: 69,
    advice: 'Start it with `weir run`, name its configuration with --config, or ask as a user who may open its socket.',
  },
  failed: { remedy: 'stop', exit: 1, advice: 'This is a fault in Weir: please report it with the lines above.' },
} as const satisfies Record<string, { remedy: Remedy; exit: number; advice: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** The only error that Weir throws: a stable code, and a message that names what, where, expected, got. */
export class GatewayError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'GatewayError';
    this.code = code;
  }

  get remedy(): Remedy {
    return errorCodes[this.code].remedy;
  }
}

/** The message of whatever was thrown, on one line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ');
}

/** `error` itself when it is ours, else the same wrapped under `code`. */
export function asGatewayError(error: unknown, code: ErrorCode): GatewayError {
  return error instanceof GatewayError ? error : new GatewayError(code, messageOf(error), { cause: error });
}
