import { type ErrorDetails, KnownError, type Retry } from './known-error.ts';

/** An error on its way from a thread: what is sent as it is arrives as one that nobody knows. */
export type ErrorMessage =
  | {
      readonly known: {
        readonly code: string;
        readonly happened: string;
        readonly next: string;
        readonly retry: Retry;
        readonly damage: boolean;
        readonly details: ErrorDetails;
      };
    }
  | { readonly other: unknown };

export function toErrorMessage(error: unknown): ErrorMessage {
  if (!(error instanceof KnownError)) return { other: error };
  const { code, happened, next, retry, saysDamage: damage, details } = error;
  return { known: { code, happened, next, retry, damage, details } };
}

/** @returns the same error, without its cause */
export function fromErrorMessage(message: ErrorMessage): unknown {
  if ('other' in message) return message.other;
  const { code, details, ...entry } = message.known;
  return new KnownError({ code, entry, details });
}
