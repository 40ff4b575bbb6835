import type { Prompts } from '../phone/prompts.ts';

export type TrustAnswer = 'pending' | 'trusted' | 'denied';

interface Dialogue {
  answer: TrustAnswer;
  /** Who heard the denial: the same HostID keeps hearing it, another one asks anew. */
  readonly hostID: string;
}

/** Computers that may wait for an answer at one time. Our limit. */
const DIALOGUES_MAX = 16;

/**
 * What the owner said to the computers that asked for trust.
 *
 * The question belongs to the computer (its SystemBUID), not to the HostID: a client that makes new
 * certificates for each attempt still finds the trust that was given in between.
 * Source: libimobiledevice, `src/lockdown.c`, `lockdownd_do_pair`: each call without a record makes a new HostID,
 * and the second call is how people finish pairing.
 */
export class TrustDialogue {
  readonly #prompts: Pick<Prompts, 'askTrust'>;
  readonly #dialogues = new Map<string, Dialogue>();

  constructor(prompts: Pick<Prompts, 'askTrust'>) {
    this.#prompts = prompts;
  }

  /**
   * What the owner has said so far; the first call puts the question on the screen.
   *
   * @param asking.signal aborts when the phone is unplugged: the question goes, and so does a denial
   */
  answerTo(asking: {
    readonly systemBUID: string;
    readonly hostID: string;
    readonly computer: string | undefined;
    readonly signal: AbortSignal;
  }): TrustAnswer {
    const known = this.#dialogues.get(asking.systemBUID);
    if (known && !(known.answer === 'denied' && known.hostID !== asking.hostID)) return known.answer;
    if (known === undefined && this.#dialogues.size >= DIALOGUES_MAX) return 'denied';
    const dialogue: Dialogue = { answer: 'pending', hostID: asking.hostID };
    this.#dialogues.set(asking.systemBUID, dialogue);
    void this.#ask(asking, dialogue);
    return 'pending';
  }

  /** The trust was used: the next Pair of this computer asks again. */
  forget(systemBUID: string): void {
    this.#dialogues.delete(systemBUID);
  }

  async #ask(asking: Parameters<TrustDialogue['answerTo']>[0], dialogue: Dialogue): Promise<void> {
    const forget = (): void => {
      if (this.#dialogues.get(asking.systemBUID) === dialogue) this.forget(asking.systemBUID);
    };
    asking.signal.addEventListener('abort', forget, { once: true });
    const answer = await this.#prompts.askTrust(asking.computer, asking.signal);
    if (answer === 'trusted' || answer === 'denied') dialogue.answer = answer;
    else forget();
  }
}
