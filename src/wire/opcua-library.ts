import type * as Library from 'node-opcua';
import { keepContents } from './opcua-notifications.ts';

export type { Library };

let loading: Promise<typeof Library> | undefined;

/**
 * The OPC UA stack. It costs a second and 100 MB: it is loaded when a connection or a server is opened, never before,
 * and only from here. It writes nothing to our outputs: what goes wrong reaches us as errors.
 */
export function loadOpcua(): Promise<typeof Library> {
  loading ??= import('node-opcua').then((library) => {
    library.setDebugLogger(() => undefined);
    library.setWarningLogger(() => undefined);
    library.setErrorLogger(() => undefined);
    hushStatuses();
    keepContents(library);
    return library;
  });
  return loading;
}

/**
 * Of each status that it does not know the stack tells the console, past its loggers. Servers have such, and nobody reads
 * it there: a reading says what its number means.
 */
function hushStatuses(): void {
  const { warn } = console;
  console.warn = (...told: unknown[]) => {
    if (!String(told[0]).startsWith('expecting a known StatusCode')) warn.apply(console, told);
  };
}
