import { Button } from '@mantine/core';
import type { ReactNode } from 'react';

/** A link that looks like a button: it goes somewhere, and changes nothing. */
export function LinkButton({
  to,
  variant = 'default',
  children,
}: {
  readonly to: string;
  readonly variant?: 'default' | 'filled' | 'subtle';
  readonly children: ReactNode;
}) {
  return (
    <Button component="a" href={to} variant={variant}>
      {children}
    </Button>
  );
}
