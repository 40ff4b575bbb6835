import type { ReactNode } from 'react';

/** Names and values, side by side. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({
  name,
  children,
  isMore,
  isSecond,
}: {
  readonly name: string;
  readonly children: ReactNode;
  /** Left out where there is little room. */
  readonly isMore?: boolean;
  /** Stands in the second column, where there are two. */
  readonly isSecond?: boolean;
}) {
  const looks = isMore ? 'more second' : isSecond ? 'second' : undefined;
  return (
    <>
      <dt className={looks}>{name}</dt>
      <dd className={looks}>{children}</dd>
    </>
  );
}
