import { Button, PasswordInput, TextInput } from '@mantine/core';
import { api } from '@rootcellar/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Icon } from '../../drawing/icon.tsx';
import { call } from '../../hub/call.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { useLanguage } from '../../words/language.tsx';
import { PASSWORD_CHARACTERS_MIN } from './own-password.tsx';

/** Who has an account here; the operator adds others. */
export function People() {
  const { words } = useLanguage();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { data } = useQuery({ queryKey: ['people'], queryFn: () => call(api.session.listPeople) });
  const add = useMutation({
    mutationFn: () => call(api.session.addPerson, { body: { name, password } }),
    onSuccess: () => {
      setName('');
      setPassword('');
      void client.invalidateQueries({ queryKey: ['people'] });
    },
  });
  return (
    <section className="card in stack" aria-labelledby="people-title">
      <div>
        <h2 className="h3" id="people-title">
          {words.settings.peopleTitle}
        </h2>
        <p className="two">{words.settings.peopleText}</p>
      </div>
      <ul className="list">
        {data?.people.map((person) => (
          <li key={person.id}>
            <Icon name="contact" tone="two" />
            <span className="grow clip">{person.name}</span>
            {person.isOperator && <span className="tag">{words.settings.isOperator}</span>}
          </li>
        ))}
      </ul>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <div className="cols narrow-fields">
          <TextInput
            label={words.settings.name}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            autoComplete="off"
          />
          <PasswordInput
            label={words.settings.newPassword}
            value={password}
            onChange={({ currentTarget }) => setPassword(currentTarget.value)}
            autoComplete="new-password"
          />
        </div>
        <FailureNote error={add.error} />
        <div className="actions">
          <Button
            type="submit"
            disabled={name.trim() === '' || password.length < PASSWORD_CHARACTERS_MIN}
            loading={add.isPending}
          >
            {words.settings.add}
          </Button>
          <span className="cap two" role="status">
            {add.data ? words.settings.added(add.data.person.name) : ''}
          </span>
        </div>
      </form>
    </section>
  );
}
