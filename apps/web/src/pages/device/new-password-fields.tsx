import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { useLanguage } from '../../words/language.tsx';

export interface NewPassword {
  readonly password: string;
  /** Typed twice, the same both times. */
  readonly isReady: boolean;
}

/** A new password, typed twice: nobody can tell us later that it was a slip. */
export function NewPasswordFields({ onChange }: { readonly onChange: (fresh: NewPassword) => void }) {
  const { words } = useLanguage();
  const { encryption } = words.device;
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const tell = (first: string, second: string) => {
    setPassword(first);
    setAgain(second);
    onChange({ password: first, isReady: first !== '' && first === second });
  };
  return (
    <>
      <PasswordInput
        label={encryption.password}
        value={password}
        onChange={({ currentTarget }) => tell(currentTarget.value, again)}
        autoComplete="new-password"
      />
      <PasswordInput
        label={encryption.again}
        value={again}
        onChange={({ currentTarget }) => tell(password, currentTarget.value)}
        error={again !== '' && !password.startsWith(again) ? encryption.differ : undefined}
        autoComplete="new-password"
      />
    </>
  );
}
