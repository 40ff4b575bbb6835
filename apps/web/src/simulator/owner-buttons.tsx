import { Button, Checkbox, Modal, Slider } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Icon, type IconName } from '../drawing/icon.tsx';
import { useLanguage } from '../words/language.tsx';
import type { Lived, PhoneState } from './phone-control.ts';
import { useAct } from './use-act.ts';

/** What the owner of a phone does besides tapping on it. */
export function OwnerButtons({ phone }: { readonly phone: PhoneState }) {
  const { words } = useLanguage();
  const { simulator } = words;
  const act = useAct(phone);
  const [told, setTold] = useState('');
  const [isErasing, setErasing] = useState(false);
  const { locked, plugged, running, setUp, onPower } = phone.condition;
  const tell = (sentence: (lived: Lived) => string) => ({
    onSuccess: (lived: unknown) => setTold(sentence(lived as Lived)),
  });
  const button = (icon: IconName, text: string, onClick: () => void, isPossible: boolean) => (
    <Button
      justify="flex-start"
      leftSection={<Icon name={icon} small />}
      disabled={!isPossible || act.isPending}
      onClick={onClick}
    >
      {text}
    </Button>
  );
  return (
    <div className="stack near">
      <h3 className="sim-play">{simulator.play}</h3>
      <div className="owner">
        {button(
          'cable',
          plugged ? simulator.unplug : simulator.plug,
          () => act.mutate({ action: plugged ? 'unplug' : 'plug' }),
          true,
        )}
        {button(
          'lock',
          locked ? simulator.unlock : simulator.lock,
          () => act.mutate({ action: locked ? 'unlock' : 'lock' }),
          running && setUp,
        )}
        {button(
          'camera',
          simulator.photo,
          () =>
            act.mutate(
              { action: 'live', body: { only: 'photos' } },
              tell(({ photosTaken }) => simulator.tookPhoto(photosTaken)),
            ),
          running && setUp,
        )}
        {button(
          'message',
          simulator.message,
          () =>
            act.mutate(
              { action: 'live', body: { only: 'messages' } },
              tell(({ messages }) => simulator.gotMessages(messages)),
            ),
          running && setUp,
        )}
        {button(
          'sun',
          simulator.live,
          () =>
            act.mutate(
              { action: 'live' },
              tell(({ photosTaken, messages }) => simulator.lived(photosTaken, messages)),
            ),
          running && setUp,
        )}
        {button('trash', simulator.erase, () => setErasing(true), running && setUp)}
      </div>
      <p className="cap two sim-told" role="status">
        {told}
      </p>
      <Battery
        phone={phone}
        onChange={(batteryPercent) => act.mutate({ action: 'set', body: { batteryPercent } })}
      />
      <Checkbox
        label={simulator.power}
        checked={onPower}
        onChange={({ currentTarget }) =>
          act.mutate({ action: 'set', body: { onPower: currentTarget.checked } })
        }
      />
      <Modal
        opened={isErasing}
        onClose={() => setErasing(false)}
        title={simulator.eraseTitle(phone.name)}
        closeButtonProps={{ 'aria-label': words.shell.close }}
      >
        <div className="stack loose">
          <p>{simulator.eraseText}</p>
          <div className="actions end">
            <Button onClick={() => setErasing(false)}>{words.shell.cancel}</Button>
            <Button
              variant="danger"
              onClick={() => {
                act.mutate({ action: 'erase' }, { onSuccess: () => setTold(simulator.erasing) });
                setErasing(false);
              }}
            >
              {simulator.eraseNow}
            </Button>
          </div>
        </div>
      </Modal>
    </div>
  );
}

/** Dragged freely, set when it is let go. */
function Battery({
  phone,
  onChange,
}: {
  readonly phone: PhoneState;
  readonly onChange: (percent: number) => void;
}) {
  const { words, format } = useLanguage();
  const { batteryPercent } = phone.condition;
  const [shown, setShown] = useState(batteryPercent);
  useEffect(() => setShown(batteryPercent), [batteryPercent]);
  return (
    <div className="battery">
      <span className="cap two">{words.simulator.battery}</span>
      <Slider
        value={shown}
        onChange={setShown}
        onChangeEnd={onChange}
        min={1}
        max={100}
        label={null}
        thumbLabel={words.simulator.battery}
      />
      <span className="cap num">{format.percent(shown / 100)}</span>
    </div>
  );
}
