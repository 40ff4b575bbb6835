import type { BackupSummary } from '@rootcellar/api';
import { Icon, type IconName } from '../drawing/icon.tsx';
import { useLanguage } from '../words/language.tsx';

type Verdict = NonNullable<BackupSummary['verdict']> | 'unchecked';

const LOOK: Readonly<Record<Verdict, readonly [string, IconName]>> = {
  whole: ['safe', 'check'],
  'whole-but-old': ['safe', 'check'],
  incomplete: ['wait', 'alert'],
  damaged: ['danger', 'stop'],
  'cannot-tell': ['', 'lock'],
  unchecked: ['', 'clock'],
};

/** What is proved of a backup, in one word and one colour. */
export function VerdictTag({
  backup,
}: {
  readonly backup: Pick<BackupSummary, 'verdict' | 'verified' | 'kind'>;
}) {
  const { words } = useLanguage();
  const verdict = verdictOf(backup);
  const [tone, icon] = LOOK[verdict];
  return (
    <span className={`tag ${tone}`}>
      <Icon name={icon} small /> {words.device.verdicts[verdict]}
    </span>
  );
}

export function verdictOf({
  verdict,
  verified,
  kind,
}: Pick<BackupSummary, 'verdict' | 'verified' | 'kind'>): Verdict {
  if (kind === 'unfinished') return 'incomplete';
  return verdict ?? (verified ? 'whole' : 'unchecked');
}
