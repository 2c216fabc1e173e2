import { messageOf } from '../model/errors.ts';

/** A far end on the network; `timeout` in milliseconds bounds everything until it is reached, name resolution too. */
export type NetworkTarget = { readonly host: string; readonly port: number; readonly timeout: number };

/** Small requests go out at once, and a far end that vanished without a word is found between two polls. */
export const SOCKET_OPTIONS = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 30_000, // milliseconds; the kernel's default begins after two hours
} as const;

/** `192.0.2.10:502`, `[2001:db8::1]:502` */
export function placeOf({ host, port }: Pick<NetworkTarget, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses the connection: nothing listens on that port',
  ECONNRESET: 'broke the connection off',
  EHOSTUNREACH: 'cannot be reached: no such host on its network',
  ENETUNREACH: 'cannot be reached: there is no route to its network',
  ENOTFOUND: 'is not a known host name',
  EAI_AGAIN: 'cannot be looked up: the name server does not answer',
  ETIMEDOUT: 'does not answer',
  EPIPE: 'broke the connection off',
};

/** What happened to a far end, to be said behind its place. */
export function causeOf(error: unknown): string {
  return CAUSES[codeOf(error)] ?? messageOf(error);
}

/** The code of a system call or library, e.g. `ECONNREFUSED`; empty where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
