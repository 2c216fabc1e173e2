import { withDeadline, type Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import type { DiscoveredPoint, ListeningSession, Pushed } from './driver.ts';

/**
 * What a device says next, with all the points that it has described until then. The session is of no more use after it:
 * one is listened to once. Rejects with `no-answer` after so many milliseconds, or as the session does.
 */
export async function nextWords(
  session: ListeningSession,
  device: string,
  { clock, milliseconds }: { readonly clock: Clock; readonly milliseconds: number },
  signal: AbortSignal,
): Promise<Pushed> {
  const heard = new AbortController();
  const listen = async (): Promise<Pushed> => {
    const discovered: DiscoveredPoint[] = [];
    for await (const pushed of session.listen(AbortSignal.any([signal, heard.signal]))) {
      if (pushed.device !== device) continue;
      discovered.push(...(pushed.discovered ?? []));
      if (pushed.readings.length > 0) return { ...pushed, discovered };
    }
    signal.throwIfAborted();
    throw new GatewayError('connection-lost', 'the connection ended');
  };
  const late = (): Error =>
    new GatewayError('no-answer', `${device} said nothing that makes sense within ${milliseconds / 1_000} s`);
  try {
    return await withDeadline(listen(), { clock, milliseconds, late, signal });
  } finally {
    heard.abort();
  }
}
