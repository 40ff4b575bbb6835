import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pairDevice, usbmuxOfThisComputer } from '@rootcellar/operations';
import type { PhoneReady, PhoneWish } from './simulated-phone.ts';

/** A simulated phone in a process of its own, which trusts this computer. */
export interface StartedPhone {
  /** Where it is found, as an environment says it. */
  readonly env: { readonly USBMUXD_SOCKET_ADDRESS: string };
  /** @returns the CPU seconds that the phone has used since it started */
  ask(wish: { readonly change?: number; readonly cpu?: true }): Promise<number>;
  stop(): Promise<void>;
}

export async function startPhone(wish: PhoneWish): Promise<StartedPhone> {
  const phone = fork(join(import.meta.dirname, 'simulated-phone.ts'), [JSON.stringify(wish)], {
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
  });
  const [{ address, udid }] = (await once(phone, 'message')) as [PhoneReady];
  const stop = async () => {
    phone.disconnect();
    await once(phone, 'exit');
  };
  try {
    await pairDevice({ usbmux: usbmuxOfThisComputer(address), device: udid });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    env: { USBMUXD_SOCKET_ADDRESS: address },
    async ask(asked) {
      phone.send(asked);
      const [{ cpu }] = (await once(phone, 'message')) as [{ readonly cpu: NodeJS.CpuUsage }];
      return (cpu.user + cpu.system) / 1e6;
    },
    stop,
  };
}
