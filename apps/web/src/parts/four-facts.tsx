import { Icon } from '../drawing/icon.tsx';
import { useLanguage } from '../words/language.tsx';
import { type Told, toldIn } from '../words/told-error.ts';

/** What every error owes its reader; used for every error, everywhere. */
export function FourFacts({ failure: told }: { readonly failure: Told }) {
  const { words, language } = useLanguage();
  const failure = toldIn(language, told);
  const isSafe = failure.dataState === 'unchanged' || failure.dataState === 'earlier-snapshots-intact';
  return (
    <dl className="four">
      <div>
        <dt>{words.shell.whatHappened}</dt>
        <dd>{failure.happened}</dd>
      </div>
      <div>
        <dt>{words.shell.yourData}</dt>
        <dd className="row start">
          <Icon name={isSafe ? 'check' : 'alert'} tone={isSafe ? 'safe-c' : 'danger-c'} />
          <span>{failure.yourData}</span>
        </dd>
      </div>
      <div>
        <dt>{words.shell.next}</dt>
        <dd>{failure.next}</dd>
      </div>
      <div>
        <dt>{words.shell.code}</dt>
        <dd className="mono">{failure.code}</dd>
      </div>
    </dl>
  );
}
