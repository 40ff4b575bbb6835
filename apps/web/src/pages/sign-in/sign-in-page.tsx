import { Button, PasswordInput, TextInput } from '@mantine/core';
import { api } from '@rootcellar/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Brand } from '../../drawing/brand.tsx';
import { call } from '../../hub/call.ts';
import { queries } from '../../hub/queries.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Note } from '../../parts/note.tsx';
import { useLanguage } from '../../words/language.tsx';
import '../first-visit/first-visit.css';

/** Did a link that was used lead here? The hub says so in the address. */
const isLinkUsed = (): boolean => new URLSearchParams(location.search).get('link') === 'used';

/** Nobody is signed in: the link from the terminal does that, or an account. */
export function SignInPage() {
  const { words } = useLanguage();
  const { signIn } = words.shell;
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const enter = useMutation({
    mutationFn: () => call(api.session.signIn, { body: { name, password } }),
    onSuccess: (session) => client.setQueryData(queries.session.queryKey, session),
  });
  return (
    <div className="welcome">
      <section className="welcome-head brand" aria-label="Rootcellar">
        <Brand /> Rootcellar
      </section>
      <main id="main" className="cols apart">
        <div className="stack loose">
          <h1>{signIn.title}</h1>
          <p className="lead">{signIn.text}</p>
          {isLinkUsed() && (
            <Note tone="wait" title={signIn.used}>
              {signIn.usedNext}
            </Note>
          )}
          <pre className="terminal mono" aria-hidden="true">
            <span>$ npm start</span>
            {'\n'}Sign in once with: {location.origin}/sign-in…
          </pre>
        </div>
        <form
          className="card in stack loose"
          onSubmit={(event) => {
            event.preventDefault();
            enter.mutate();
          }}
        >
          <h2 className="h3">{signIn.withPassword}</h2>
          <TextInput
            label={signIn.name}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            autoComplete="username"
          />
          <PasswordInput
            label={signIn.password}
            value={password}
            onChange={({ currentTarget }) => setPassword(currentTarget.value)}
            autoComplete="current-password"
          />
          <FailureNote error={enter.error} />
          <div className="actions">
            <Button
              type="submit"
              variant="filled"
              disabled={name === '' || password === ''}
              loading={enter.isPending}
            >
              {signIn.signIn}
            </Button>
          </div>
        </form>
      </main>
    </div>
  );
}
