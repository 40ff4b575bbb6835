import type { SimulatedPhone } from '../phone/simulated-phone.ts';
export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}
export async function startControlServer(_phones: readonly SimulatedPhone[]): Promise<ControlServer> {
  return { url: 'http://127.0.0.1:0', close: async () => {} };
}
