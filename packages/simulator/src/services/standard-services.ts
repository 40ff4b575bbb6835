import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import { afc } from './afc/afc.ts';
import { diagnosticsRelay } from './diagnostics-relay.ts';
import { heartbeat } from './heartbeat.ts';
import { installationProxy } from './installation-proxy.ts';
import { notificationProxy } from './notification-proxy.ts';
import type { Service } from './service.ts';
import { springboardServices } from './springboard-services.ts';

/** What every phone offers, besides backup. */
export function standardServices(phone: SimulatedPhone): readonly Service[] {
  return [
    afc(),
    diagnosticsRelay(phone),
    heartbeat(),
    installationProxy(),
    notificationProxy(),
    notificationProxy('com.apple.mobile.insecure_notification_proxy'),
    springboardServices(),
  ];
}
