import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { portsThere } from '../../../src/wire/port-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function devices(files: readonly string[]) {
  const folder = await temporaryFolder();
  for (const file of files) {
    await mkdir(join(folder.path, file, '..'), { recursive: true });
    await writeFile(join(folder.path, file), '');
  }
  const names = async (): Promise<readonly string[]> => {
    return (await portsThere(folder.path)).map((path) => path.slice(folder.path.length + 1));
  };
  return { names, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test.each([
  [
    'the names that stay',
    ['ttyUSB1', 'ttyUSB0', 'serial/by-id/usb-FTDI_B', 'serial/by-id/usb-FTDI_A', 'serial/by-path/pci-1'],
    ['serial/by-id/usb-FTDI_A', 'serial/by-id/usb-FTDI_B'],
  ],
  ['the sockets where the adapters have no name', ['ttyUSB0', 'serial/by-path/pci-1'], ['serial/by-path/pci-1']],
  [
    'the device files of ports where there are no other names',
    ['tty0', 'ttyprintk', 'ttyS0', 'ttyUSB11', 'ttyAMA0', 'ttySC1', 'null', 'ttyACM0x'],
    ['ttyAMA0', 'ttyS0', 'ttySC1', 'ttyUSB11'],
  ],
  ['nothing where nothing is', [], []],
])('the ports of a machine are listed by %s', async (_, files, expected) => {
  await using machine = await devices(files);
  expect(await machine.names()).toEqual(expected);
});
