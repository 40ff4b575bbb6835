import { Button, NativeSelect, useMantineColorScheme } from '@mantine/core';
import { api } from '@rootcellar/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../../hub/call.ts';
import { queries } from '../../hub/queries.ts';
import { Fact, Facts } from '../../parts/facts.tsx';
import { useLanguage } from '../../words/language.tsx';
import { LANGUAGE_NAMES, LANGUAGES } from '../../words/languages.ts';
import { OwnPassword } from './own-password.tsx';
import { People } from './people.tsx';

const SCHEMES = ['auto', 'light', 'dark'] as const;

/** What holds for this browser, this hub and this person. */
export default function SettingsPage() {
  const { words } = useLanguage();
  const { data: session } = useQuery(queries.session);
  const person = session?.person;
  return (
    <main id="main" tabIndex={-1}>
      <h1>{words.settings.title}</h1>
      <Look />
      <ThisHub />
      {person && (
        <section className="card in stack loose" aria-labelledby="account-title">
          <div>
            <h2 className="h3" id="account-title">
              {words.settings.accountTitle}
            </h2>
            <p className="two">{words.settings.signedInAs(person.name)}</p>
            {person.isOperator && <p className="cap two">{words.settings.operator}</p>}
          </div>
          <OwnPassword person={person} />
          <SignOut />
        </section>
      )}
      {person?.isOperator && <People />}
    </main>
  );
}

function Look() {
  const { words, language, speak } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <section className="card in stack" aria-labelledby="look-title">
      <h2 className="h3" id="look-title">
        {words.settings.lookTitle}
      </h2>
      <div className="cols">
        <NativeSelect
          label={words.settings.language}
          value={language}
          onChange={({ currentTarget }) =>
            speak(LANGUAGES.find((known) => known === currentTarget.value) ?? 'en')
          }
          data={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
        />
        <NativeSelect
          label={words.settings.scheme}
          value={colorScheme}
          onChange={({ currentTarget }) =>
            setColorScheme(SCHEMES.find((known) => known === currentTarget.value) ?? 'auto')
          }
          data={SCHEMES.map((value) => ({ value, label: words.settings.schemes[value] }))}
        />
      </div>
    </section>
  );
}

function ThisHub() {
  const { words, format } = useLanguage();
  const { data: hub } = useQuery(queries.hub);
  if (hub === undefined) return null;
  return (
    <section className="card in stack" aria-labelledby="hub-title">
      <h2 className="h3" id="hub-title">
        {words.settings.hubTitle}
      </h2>
      <Facts>
        <Fact name={words.settings.computer}>{hub.computerName}</Fact>
        <Fact name={words.settings.version}>{hub.version}</Fact>
        {hub.dataFolder && (
          <Fact name={words.settings.dataFolder}>
            <span className="mono breakable">{hub.dataFolder}</span>
          </Fact>
        )}
        <Fact name={words.settings.free}>{format.bytes(hub.freeBytes)}</Fact>
      </Facts>
    </section>
  );
}

function SignOut() {
  const { words } = useLanguage();
  const client = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => call(api.session.signOut),
    onSettled: () => client.resetQueries(),
  });
  return (
    <div className="actions">
      <Button loading={signOut.isPending} onClick={() => signOut.mutate()}>
        {words.shell.signIn.signOut}
      </Button>
    </div>
  );
}
