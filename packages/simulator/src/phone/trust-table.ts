/** A computer the owner has trusted: what it proves itself with, and what it may unlock. */
export interface TrustedHost {
  readonly hostID: string;
  readonly systemBUID: string;
  /** PEM, as the computer sent them; it made all three. */
  readonly rootCertificate: Uint8Array;
  readonly hostCertificate: Uint8Array;
  /** What the phone proves itself with towards this computer. */
  readonly deviceCertificate: Uint8Array;
  /** 32 bytes that let this computer's services at protected data after the first unlock. */
  readonly escrowBag: Uint8Array;
}

/** Our limit. The oldest goes first, so that a test that pairs for ever does not fill the disk. */
const HOSTS_MAX = 100;

/** Which computers the phone trusts, by HostID. */
export class TrustTable {
  readonly #hosts = new Map<string, TrustedHost>();

  get(hostID: string): TrustedHost | undefined {
    return this.#hosts.get(hostID);
  }

  add(host: TrustedHost): void {
    this.#hosts.delete(host.hostID);
    this.#hosts.set(host.hostID, host);
    const oldest = this.#hosts.keys().next().value;
    if (this.#hosts.size > HOSTS_MAX && oldest !== undefined) this.#hosts.delete(oldest);
  }

  remove(hostID: string): boolean {
    return this.#hosts.delete(hostID);
  }

  clear(): void {
    this.#hosts.clear();
  }

  list(): readonly TrustedHost[] {
    return [...this.#hosts.values()];
  }
}
