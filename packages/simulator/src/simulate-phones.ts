import { mobilebackup2Service } from './backup-agent/mobilebackup2-service.ts';
import type { AgentOptions } from './backup-agent/session.ts';
import { fillByProfile } from './content/profiles.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from './simulate.ts';

/**
 * Starts whole phones: with the content of their profile, and an agent that backs them up and restores
 * them.
 *
 * @example
 * const simulator = await simulatePhones({ phones: [{ ios: '17.5', seed: 'a test' }] });
 * // USBMUXD_SOCKET_ADDRESS=<simulator.tcp> idevicebackup2 backup folder
 * await simulator.close();
 *
 * @throws as `startSimulator`, and `simulator.profile-unknown`
 */
export function simulatePhones(
  options: Omit<SimulatorOptions, 'content' | 'services'> & { readonly agent?: AgentOptions } = {},
): Promise<Simulator> {
  const { agent, ...rest } = options;
  return startSimulator({ ...rest, content: fillByProfile, services: () => [mobilebackup2Service(agent)] });
}
