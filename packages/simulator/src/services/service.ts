import type { ByteChannel } from '@rootcellar/core';
import type { Phone } from '../phone/phone.ts';

/** One thing a phone offers through lockdown's StartService: a name and a conversation. */
export interface Service {
  /** As StartService names it: `com.apple.afc`. */
  readonly name: string;
  /**
   * Holds one conversation. The channel speaks plain bytes: TLS is already around it.
   * Returns when the conversation is over; the caller closes the channel.
   */
  serve(context: ServiceContext): Promise<void>;
  /** What it does while the phone starts again, before anybody can connect: a restore ends here. */
  afterRestart?(phone: Phone): Promise<void>;
}

export interface ServiceContext {
  readonly phone: Phone;
  readonly channel: ByteChannel;
  /** Aborts when the phone is unplugged, restarted or the simulator stops. */
  readonly signal: AbortSignal;
  /** Did StartService carry the escrow bag of this pairing? Without it protected data stays shut. */
  readonly escrowUnlocked: boolean;
  /** The computer has shown that it is still there; a service that is asked over the network tells so. */
  readonly beat?: () => void;
}
