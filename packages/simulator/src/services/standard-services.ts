import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import { afc } from './afc/afc.ts';
import { assertionAgent } from './assertion-agent.ts';
import { diagnosticsRelay } from './diagnostics-relay.ts';
import { heartbeat } from './heartbeat.ts';
import { houseArrest } from './house-arrest.ts';
import { installationProxy } from './installation-proxy.ts';
import { mobileActivation } from './mobile-activation.ts';
import { notificationProxy } from './notification-proxy.ts';
import type { Service } from './service.ts';
import { springboardServices } from './springboard-services.ts';

/** What every phone offers, besides backup. */
export function standardServices(phone: SimulatedPhone): readonly Service[] {
  return [
    afc(),
    assertionAgent(),
    diagnosticsRelay(phone),
    heartbeat(),
    houseArrest(),
    installationProxy(),
    mobileActivation(),
    notificationProxy(),
    notificationProxy('com.apple.mobile.insecure_notification_proxy'),
    springboardServices(),
  ];
}
