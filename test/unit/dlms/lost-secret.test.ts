import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AskSession } from '../../../drivers/dlms/ask-session.ts';
import { dlms } from '../../../drivers/dlms/driver.ts';
import { systemClock } from '../../../src/model/clock.ts';
import { dlmsDevice, type DlmsDevice } from '../../support/dlms-session.ts';
import { holding, playDlms } from '../../support/played-dlms.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const NEVER = new AbortController().signal;
const PASSWORD = 'weir-lls';
const OBJECTS = [holding(3, '1-0:1.8.0', { type: 'uint32', value: 7 }, [0, 30])];
const POINTS = [{ obis: '1-0:1.8.0', unit: 'W.h' }];

function meter(id: string, file: string): DlmsDevice {
  return { ...dlmsDevice({ client: 32, association: 'lls', password: { file } }, POINTS), id };
}

test('a meter whose password is lost costs itself alone, until it is there again', async () => {
  await using folder = await temporaryFolder();
  const [kept, lost] = [join(folder.path, 'kept'), join(folder.path, 'lost')];
  await writeFile(kept, PASSWORD, { mode: 0o600 });
  const access = { kind: 'lls', password: Buffer.from(PASSWORD) } as const;
  await using far = await playDlms({
    framing: 'wrapper',
    device: { client: 32 },
    server: { objects: OBJECTS, access },
  });
  const devices = [meter('cellar', lost), meter('roof', kept)] as const;
  const observed: unknown[] = [];
  const context = {
    clock: systemClock,
    connection: 'line',
    observe: (...oddity: unknown[]): void => void observed.push(oddity),
    answered: () => undefined,
    tap: { listener: undefined },
  };
  const connection = dlms.schemas.connection.parse({ host: '127.0.0.1', port: far.port, timeout: '30s', retries: 0 });
  await using session = await dlms.open(connection, devices, context, NEVER);
  if (!(session instanceof AskSession)) throw new TypeError('it is asked');

  const [cellar, roof] = devices;
  const message = `file ${lost} does not exist`;
  const reading = session.read(cellar, cellar.points, NEVER);
  await expect(reading).rejects.toMatchObject({ code: 'access-refused', message });
  expect(observed).toEqual([['exception', 'cellar', message]]);
  expect(await session.read(roof, roof.points, NEVER)).toMatchObject([{ quality: 'good', value: 7 }]);

  await writeFile(lost, PASSWORD, { mode: 0o600 });
  expect(await session.read(cellar, cellar.points, NEVER)).toMatchObject([{ quality: 'good', value: 7 }]);
});
