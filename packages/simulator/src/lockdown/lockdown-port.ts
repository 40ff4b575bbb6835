/** Where lockdown listens, for ever. It lies among the ports that services get. Source: device-protocols, section 3.1. */
export const LOCKDOWN_PORT = 62_078;
