import { Button, PasswordInput } from '@mantine/core';
import { api, type Person } from '@rootcellar/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../hub/call.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { useLanguage } from '../../words/language.tsx';

export const PASSWORD_CHARACTERS_MIN = 8;

/** With a password one signs in without the link from the terminal. */
export function OwnPassword({ person }: { readonly person: Person }) {
  const { words } = useLanguage();
  const client = useQueryClient();
  const [oldPassword, setOldPassword] = useState('');
  const [newPassword, setNewPassword] = useState('');
  const change = useMutation({
    mutationFn: () =>
      call(api.session.changeOwnPassword, {
        body: { newPassword, ...(person.hasPassword && { oldPassword }) },
      }),
    onSuccess: () => {
      setOldPassword('');
      setNewPassword('');
      void client.invalidateQueries({ queryKey: ['session'] });
    },
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <p className="two">{words.settings.passwordText}</p>
      <div className="cols narrow-fields">
        {person.hasPassword && (
          <PasswordInput
            label={words.settings.oldPassword}
            value={oldPassword}
            onChange={({ currentTarget }) => setOldPassword(currentTarget.value)}
            autoComplete="current-password"
          />
        )}
        <PasswordInput
          label={words.settings.newPassword}
          description={words.settings.newPasswordHint}
          value={newPassword}
          onChange={({ currentTarget }) => setNewPassword(currentTarget.value)}
          autoComplete="new-password"
        />
      </div>
      <FailureNote error={change.error} />
      <div className="actions">
        <Button
          type="submit"
          disabled={newPassword.length < PASSWORD_CHARACTERS_MIN}
          loading={change.isPending}
        >
          {words.settings.setPassword}
        </Button>
        <span className="cap two" role="status">
          {change.isSuccess ? words.settings.passwordSet : ''}
        </span>
      </div>
    </form>
  );
}
