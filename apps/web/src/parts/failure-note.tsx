import { failureOf } from '../hub/call.ts';
import { FourFacts } from './four-facts.tsx';

/** An error of something that was just asked, where it was asked. */
export function FailureNote({ error }: { readonly error: unknown }) {
  if (error === null || error === undefined) return null;
  return (
    <div className="note danger" role="alert">
      <FourFacts failure={failureOf(error)} />
    </div>
  );
}
