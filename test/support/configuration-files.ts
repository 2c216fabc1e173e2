import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DriverLoaders } from '../../src/config/drivers.ts';
import { formatFault } from '../../src/config/fault.ts';
import { checkConfiguration, loadConfiguration, type LoadOptions } from '../../src/config/load.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { toyDrivers } from './toy-driver.ts';

/** Texts by path, relative to the folder of weir.yaml. */
export type Files = Readonly<Record<string, string>>;

/** Writes configuration files; secrets among them, `*.secret`, get the mode that they need. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { mode: path.endsWith('.secret') ? 0o600 : 0o644 });
  }
}

/** What `weir config check` says of these files, a line a fault with paths below their folder; and how loading them fails. */
export async function faultsOf(
  files: Files,
  drivers: DriverLoaders = toyDrivers,
): Promise<{ readonly lines: readonly string[]; readonly code: string }> {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, files);
  return await faultsIn(folder.path, drivers); // the folder is gone on return
}

/** The same for files that are there. */
export async function faultsIn(
  folder: string,
  drivers: DriverLoaders = toyDrivers,
): Promise<{ readonly lines: readonly string[]; readonly code: string }> {
  const file = join(folder, 'weir.yaml');
  const { faults } = await checkConfiguration(file, drivers);
  const error: unknown = await loadConfiguration(file, drivers).catch((thrown: unknown) => thrown);
  const lines = faults.map((fault) => formatFault(fault).replaceAll(`${folder}/`, ''));
  return { lines, code: error instanceof GatewayError ? error.code : String(error) };
}

/** Loads files that are right. */
export async function loaded(files: Files, options?: LoadOptions) {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, files);
  const configuration = await loadConfiguration(join(folder.path, 'weir.yaml'), toyDrivers, options);
  return { configuration, folder: folder.path };
}
