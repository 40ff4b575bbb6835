import { Fragment } from 'react';

/** A path or an identifier that may go on in the next line after a slash or a dot, and elsewhere only if it must. */
export function BreakableName({ name }: { readonly name: string }) {
  const pieces = name.split(name.includes('/') ? /(?<=\/)/ : /(?<=\.)/);
  return (
    <span className="breakable">
      {pieces.map((piece, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one name stay where they are
        <Fragment key={at}>
          {at > 0 && <wbr />}
          {piece}
        </Fragment>
      ))}
    </span>
  );
}
