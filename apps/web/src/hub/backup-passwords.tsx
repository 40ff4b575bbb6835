import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';

interface KnownPasswords {
  readonly of: (udid: string) => string | undefined;
  readonly remember: (udid: string, password: string) => void;
  readonly forget: (udid: string) => void;
  /** Another number after each password: for keys of queries, in which no password may stand. */
  readonly typed: number;
}

const KnownPasswordsContext = createContext<KnownPasswords>({
  of: () => undefined,
  remember: () => {},
  forget: () => {},
  typed: 0,
});

/**
 * Passwords of backups that were typed since this page was loaded. They stay in its memory: never stored, never asked
 * for twice.
 */
export function BackupPasswords({ children }: { readonly children: ReactNode }) {
  const [known, setKnown] = useState<ReadonlyMap<string, string>>(new Map());
  const [typed, setTyped] = useState(0);
  const passwords = useMemo<KnownPasswords>(
    () => ({
      of: (udid) => known.get(udid),
      remember: (udid, password) => {
        setKnown((before) => new Map(before).set(udid, password));
        setTyped((before) => before + 1);
      },
      forget: (udid) => setKnown((before) => new Map([...before].filter(([other]) => other !== udid))),
      typed,
    }),
    [known, typed],
  );
  return <KnownPasswordsContext value={passwords}>{children}</KnownPasswordsContext>;
}

export function useBackupPasswords(): KnownPasswords {
  return useContext(KnownPasswordsContext);
}
