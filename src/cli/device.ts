import type { Command } from 'commander';
import { examples } from './context.ts';
import { registerAdd } from './device/add.ts';
import { registerBrowse } from './device/browse.ts';
import { registerIdentify } from './device/identify.ts';
import { registerList } from './device/list.ts';
import { registerRead } from './device/read.ts';
import { registerScan } from './device/scan.ts';
import { registerDeviceWatch } from './device/watch.ts';
import { registerWrite } from './device/write.ts';

export function registerDevice(program: Command): void {
  const device = program
    .command('device')
    .description('find, identify, read, watch and write devices, configured or not')
    .addHelpText(
      'after',
      examples(
        'weir device list',
        'weir device scan basement',
        'weir device identify basement/3',
        'weir device read main-meter',
      ),
    );
  registerList(device);
  registerScan(device);
  registerIdentify(device);
  registerBrowse(device);
  registerAdd(device);
  registerRead(device);
  registerDeviceWatch(device);
  registerWrite(device);
}
