import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Daemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const watch = new URL('../support/stack-watch.mjs', import.meta.url).href;
const LOADED = 'the OPC UA stack is loaded';

/** What a daemon with these sections writes until `text` is there. */
async function logOf(folder: string, sections: object, text: string): Promise<string> {
  await using daemon = new Daemon(folder, { NODE_OPTIONS: `--import ${watch}` });
  await daemon.start(sections);
  await daemon.until(text);
  return daemon.log;
}

test('the OPC UA stack is loaded where a server is configured, and nowhere else', async () => {
  await using folder = await temporaryFolder();
  const bus = {
    connections: { basement: { driver: 'modbus', host: '127.0.0.1', port: await freePort() } },
    devices: { boiler: { connection: 'basement', points: { flow: { read: 'input 0', type: 'uint16' } } } },
  };
  expect(await logOf(folder.path, bus, 'connection basement is lost')).not.toContain(LOADED);
  await writeFile(join(folder.path, 'viewer.password'), 'viewer\n', { mode: 0o600 });
  const servers = {
    scada: { protocol: 'opcua', port: await freePort(), users: { viewer: { password: { file: 'viewer.password' } } } },
  };
  expect(await logOf(folder.path, { ...bus, servers }, 'server scada listens')).toContain(LOADED);
}, 120_000);
