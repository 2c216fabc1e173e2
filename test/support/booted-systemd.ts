import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);
const project = new URL('../../', import.meta.url).pathname;
const boot = new URL('boot-systemd.sh', import.meta.url).pathname;

const TARGET = `[Unit]
Requires=scenario.service
AllowIsolate=yes
`;

const SERVICE = `[Unit]
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
TimeoutStartSec=60
ExecStart=/bin/bash /out/scenario
StandardOutput=file:/out/output
StandardError=file:/out/errors
`;

export type Scenario = {
  /** A bash script; runs as root beside the unit, and the machine goes off when it ends. */
  readonly script: string;
  /** What runs under the unit instead of the installed gateway, e.g. `/opt/weir/src/weir.mjs run`; /opt/weir is this project. */
  readonly program: string;
  /** More lines below the unit's [Service]. */
  readonly settings: readonly string[];
};

/** Boots a systemd of its own with our unit and what belongs to it, runs the scenario there, resolves with its output. */
export async function bootSystemd({ script, program, settings }: Scenario): Promise<string> {
  await using image = await temporaryFolder();
  await chmod(image.path, 0o755);
  const place = async (path: string, text: string): Promise<void> => {
    const file = join(image.path, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, text);
  };
  const install = (name: string, path: string): Promise<void> =>
    cp(join(project, 'systemd', name), join(image.path, path));

  await place('etc/systemd/system/scenario.target', TARGET);
  await place('etc/systemd/system/scenario.service', SERVICE);
  const start = ['ExecStart=', `ExecStart=/opt/weir/node_modules/.bin/node ${program}`];
  await place('etc/systemd/system/weir.service.d/scenario.conf', ['[Service]', ...start, ...settings, ''].join('\n'));
  await place('out/scenario', script);
  await install('weir.service', 'etc/systemd/system/weir.service');
  await install('weir.tmpfiles', 'etc/tmpfiles.d/weir.conf');
  for (const name of ['passwd', 'group', 'shadow', 'gshadow'])
    await cp(join('/etc', name), join(image.path, 'etc', name));
  await run('systemd-sysusers', [`--root=${image.path}`, join(project, 'systemd/weir.sysusers')]);

  const written = (name: string): Promise<string> => readFile(join(image.path, 'out', name), 'utf8');
  await run(boot, [image.path, project]).catch(async (cause: unknown) => {
    throw new Error(`the scenario failed: ${await written('output')}${await written('errors')}`, { cause });
  });
  return written('output');
}
