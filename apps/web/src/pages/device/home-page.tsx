import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Ground } from '../../drawing/ground.tsx';
import { Icon, type IconName } from '../../drawing/icon.tsx';
import { queries } from '../../hub/queries.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LoadingText } from '../../parts/loading-text.tsx';
import { goTo, linkTo, linkToDevice } from '../../router/route.ts';
import { DeviceLinks } from '../../shell/places.tsx';
import { useLanguage } from '../../words/language.tsx';
import { needsFirstVisit } from '../first-visit/needs-first-visit.ts';

/** Where one arrives: at the phone that needs one most, or at empty shelves. */
export function HomePage({ isList = false }: { readonly isList?: boolean }) {
  const { data: devices, isPending, error } = useQuery(queries.devices);
  const { words } = useLanguage();
  const chosen =
    devices?.find(needsFirstVisit) ?? devices?.find(({ isConnected }) => isConnected) ?? devices?.[0];
  useEffect(() => {
    if (chosen === undefined || isList) return;
    goTo(needsFirstVisit(chosen) ? linkTo(['welcome', chosen.udid]) : linkToDevice(chosen.udid));
  }, [chosen, isList]);
  if (isPending) return <LoadingText />;
  if (error) return <FailureNote error={error} />;
  if (chosen === undefined) return <EmptyShelves />;
  return (
    <main id="main" tabIndex={-1}>
      <h1>{words.shell.devices}</h1>
      <nav className="card side device-list" aria-label={words.shell.devices}>
        <DeviceLinks />
      </nav>
    </main>
  );
}

function EmptyShelves() {
  const { words } = useLanguage();
  const { empty } = words.device;
  const lesson = (icon: IconName, title: string, text: string) => (
    <li>
      <Icon name={icon} />
      <h2 className="h3">{title}</h2>
      <p className="two">{text}</p>
    </li>
  );
  return (
    <>
      <main id="main" tabIndex={-1} className="shelves">
        <section className="empty">
          <div className="stack centred">
            <h1>{empty.title}</h1>
            <p className="lead">{empty.lead}</p>
          </div>
          <span className="tag looking" role="status">
            <span className="pulse" />
            {empty.looking}
          </span>
        </section>
        <ol className="teach">
          {lesson('cable', empty.plugTitle, empty.plug)}
          {lesson('phone', empty.trustTitle, empty.trust)}
          {lesson('shield', empty.sealTitle, empty.seal)}
        </ol>
        <p className="two centred">{empty.simulated}</p>
      </main>
      <div className="ground">
        <Ground />
      </div>
    </>
  );
}
