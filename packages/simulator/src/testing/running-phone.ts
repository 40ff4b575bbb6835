import { type DeviceKey, makeDeviceKey } from '../phone/device-key.ts';
import type { OwnerKind } from '../phone/present-owner.ts';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import type { Service } from '../services/service.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulate.ts';
import { makeTestHost, type TestHost } from './pairing.ts';
import { lockdownClient, pairWith } from './wire-client.ts';

/** A simulator with one empty phone, and a computer that would like to be trusted. */
export interface RunningPhone {
  readonly simulator: Simulator;
  readonly phone: SimulatedPhone;
  readonly host: TestHost;
}

export type RunningPhoneOptions = Omit<SimulatorOptions, 'phones'> & {
  readonly owner?: OwnerKind;
  readonly ios?: string;
};

/** Echoes one message, and tells whether the escrow bag came with it. */
const echo: Service = {
  name: 'test.echo',
  serve: async ({ channel, escrowUnlocked }) => {
    const bytes = await channel.readSome(100);
    await channel.write(Buffer.concat([bytes, Buffer.from(escrowUnlocked ? '!' : '.')]));
  },
};

let sharedKey: DeviceKey | undefined;

/** The owner is absent unless told otherwise. `test.echo` stands for any service. */
export async function startPhone({
  owner = 'absent',
  ios,
  ...rest
}: RunningPhoneOptions = {}): Promise<RunningPhone> {
  sharedKey ??= await makeDeviceKey();
  const simulator = await startSimulator({
    services: () => [echo, { ...echo, name: 'com.apple.mobilebackup2' }],
    phones: [{ deviceKey: sharedKey, owner, ios, profile: 'empty' }],
    ...rest,
  });
  const phone = simulator.phones[0];
  if (!phone) throw new Error('No phone was started');
  return { simulator, phone, host: makeTestHost(phone.deviceKey.publicPem) };
}

/** A phone that trusts `host` already. */
export async function startTrustedPhone(
  options: RunningPhoneOptions = {},
): Promise<RunningPhone & { readonly escrowBag: Uint8Array }> {
  const running = await startPhone(options);
  const { simulator, phone, host } = running;
  phone.condition.setUp = false; // A phone that says Hello trusts without asking.
  const lockdown = await lockdownClient(simulator);
  const answer = await pairWith(lockdown, host);
  lockdown.close();
  phone.condition.setUp = true;
  return { ...running, escrowBag: answer['EscrowBag'] as Uint8Array };
}
