import { expect } from 'vitest';
import { sendCommand } from '../../src/centre/command.ts';
import { systemClock } from '../../src/model/clock.ts';
import { destinationAt, openForwarding } from '../support/forwarding.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { Recipient } from '../support/recipient.ts';
import { runWeir } from '../support/run-weir.ts';
import { brokerAt } from '../support/running-centre.ts';

const LONGER_THAN_ANY_TEST = 3_600; // seconds

testWith('mosquitto', 'a gateway that takes no commands says so at once, with what to do', async () => {
  await using broker = await startMosquitto();
  await using recipient = await new Recipient().subscribe(broker.url, 'weir/1/+/status');
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url)]);
  await recipient.until(({ arrived }) => arrived.length === 1);
  const command = {
    gateway: 'harbour-07',
    id: 'one',
    body: { target: 'boiler/setpoint', value: 45 },
    validity: 60_000,
    patience: LONGER_THAN_ANY_TEST * 1000,
  };
  const never = new AbortController().signal;
  await expect(sendCommand(brokerAt(broker.url), command, systemClock, never)).rejects.toMatchObject({
    code: 'commands-off',
    message: 'harbour-07 takes no commands: its destination has no `commands`',
  });
  const words = ['centre', 'replay', 'harbour-07', '--from', '1', '--to', '2', '--url', broker.url];
  expect(await runWeir([...words, '--patience', String(LONGER_THAN_ANY_TEST)])).toMatchObject({
    exit: 1,
    stderr: expect.stringMatching(/weir: harbour-07 takes no commands.*\n→ .*`commands: { replay: {} }`/),
  });
});
