import { CHANGE_HEADER } from '@rootcellar/api';

/*
 * The control address of the simulated phones, as the hub hands it on. What it can do is written in
 * docs/formats/control-api.md; only what the panel needs stands here.
 */

export interface PhoneState {
  readonly udid: string;
  readonly name: string;
  readonly productType: string;
  readonly productVersion: string;
  readonly condition: {
    readonly setUp: boolean;
    readonly locked: boolean;
    readonly running: boolean;
    readonly plugged: boolean;
    readonly onPower: boolean;
    readonly batteryPercent: number;
  };
  readonly prompt:
    | null
    | { readonly kind: 'trust' }
    | { readonly kind: 'passcode'; readonly reason: 'backup' | 'backup-password' | 'trust' };
}

export interface Lived {
  readonly messages: number;
  readonly photosTaken: number;
}

/** The phone refused, for instance a wrong passcode. */
export class PhoneRefusal extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.name = 'PhoneRefusal';
    this.code = code;
  }
}

export async function listPhones(): Promise<readonly { readonly udid: string; readonly name: string }[]> {
  const { phones } = (await ask('phones')) as { readonly phones: readonly { udid: string; name: string }[] };
  return phones;
}

export async function readPhone(udid: string): Promise<PhoneState> {
  return (await ask(`phones/${udid}`)) as PhoneState;
}

/** Does what the person who holds the phone would do. */
export async function act(
  udid: string,
  action: string,
  body: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  return ask(`phones/${udid}/${action}`, body);
}

async function ask(path: string, body?: Readonly<Record<string, unknown>>): Promise<unknown> {
  const response = await fetch(`/api/simulator/${path}`, {
    ...(body && { method: 'POST', body: JSON.stringify(body), headers: { [CHANGE_HEADER]: '1' } }),
  });
  const answer: unknown = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const { error } = answer as { readonly error?: { readonly code?: string } };
  throw new PhoneRefusal(error?.code ?? `status-${response.status}`);
}
