import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { BackupPasswords } from './hub/backup-passwords.tsx';
import { useHubEvents } from './hub/follow-events.ts';
import { queries } from './hub/queries.ts';
import { SignInPage } from './pages/sign-in/sign-in-page.tsx';
import { LoadingText } from './parts/loading-text.tsx';
import { Shell } from './shell/shell.tsx';
import { theme, variables } from './theme/theme.ts';
import { LanguageProvider } from './words/language.tsx';

const client = new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false } } });

/** Everything: theme, language, what the hub says, and the page one is at. */
export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <LanguageProvider>
        <QueryClientProvider client={client}>
          <BackupPasswords>
            <SignedInOrNot />
          </BackupPasswords>
        </QueryClientProvider>
      </LanguageProvider>
    </MantineProvider>
  );
}

function SignedInOrNot() {
  const { data: session, isPending } = useQuery(queries.session);
  const isSignedIn = session?.person != null;
  const lostAt = useHubEvents(isSignedIn);
  if (isPending) return <LoadingText />;
  return isSignedIn ? <Shell hasSimulator={session.hasSimulator} lostAt={lostAt} /> : <SignInPage />;
}
