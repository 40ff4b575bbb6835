import { since, type Table, until } from './versioned-tables.ts';

/*
 * What is in the databases of each system, as data: the tables and columns that readers of backups
 * use, a part of the real ones. Systems are numbers: 15 is iOS 15, 17.06 is iOS 17.6.
 *
 * Source: backup-format specification, section 6. Unknown: the exact system of columns without a
 * version there; such columns are in all.
 */

const CORE_DATA: readonly Table[] = [
  {
    name: 'Z_PRIMARYKEY',
    columns: ['Z_ENT INTEGER PRIMARY KEY', 'Z_NAME VARCHAR', 'Z_SUPER INTEGER', 'Z_MAX INTEGER'],
  },
  { name: 'Z_METADATA', columns: ['Z_VERSION INTEGER PRIMARY KEY', 'Z_UUID VARCHAR(255)', 'Z_PLIST BLOB'] },
];

/** sms.db. Source: section 6.4. */
export const MESSAGE_TABLES: readonly Table[] = [
  { name: '_SqliteDatabaseProperties', columns: ['key TEXT', 'value TEXT'], key: 'UNIQUE(key)' },
  {
    name: 'handle',
    columns: [
      'ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE',
      'id TEXT NOT NULL',
      'country TEXT',
      'service TEXT NOT NULL',
      'uncanonicalized_id TEXT',
      ...since(13, 'person_centric_id TEXT'),
    ],
    key: 'UNIQUE (id, service)',
  },
  {
    name: 'chat',
    columns: [
      'ROWID INTEGER PRIMARY KEY AUTOINCREMENT',
      'guid TEXT UNIQUE NOT NULL',
      'style INTEGER',
      'state INTEGER',
      'account_id TEXT',
      'properties BLOB',
      'chat_identifier TEXT',
      'service_name TEXT',
      'room_name TEXT',
      'account_login TEXT',
      'is_archived INTEGER DEFAULT 0',
      'last_addressed_handle TEXT',
      'display_name TEXT',
      'group_id TEXT',
      'is_filtered INTEGER DEFAULT 0',
      'last_read_message_timestamp INTEGER DEFAULT 0',
    ],
  },
  {
    name: 'message',
    columns: [
      'ROWID INTEGER PRIMARY KEY AUTOINCREMENT',
      'guid TEXT UNIQUE NOT NULL',
      'text TEXT',
      'replace INTEGER DEFAULT 0',
      'subject TEXT',
      'country TEXT',
      'attributedBody BLOB',
      'handle_id INTEGER DEFAULT 0',
      'service TEXT',
      'account TEXT',
      'error INTEGER DEFAULT 0',
      'date INTEGER',
      'date_read INTEGER',
      'date_delivered INTEGER',
      'is_delivered INTEGER DEFAULT 0',
      'is_from_me INTEGER DEFAULT 0',
      'is_read INTEGER DEFAULT 0',
      'is_sent INTEGER DEFAULT 0',
      'cache_has_attachments INTEGER DEFAULT 0',
      'item_type INTEGER DEFAULT 0',
      'other_handle INTEGER DEFAULT 0',
      'group_title TEXT',
      'group_action_type INTEGER DEFAULT 0',
      'associated_message_guid TEXT',
      'associated_message_type INTEGER DEFAULT 0',
      'balloon_bundle_id TEXT',
      'payload_data BLOB',
      'expressive_send_style_id TEXT',
      'message_summary_info BLOB',
      'destination_caller_id TEXT',
      ...since(14, 'thread_originator_guid TEXT', 'thread_originator_part TEXT'),
      ...since(16, 'date_retracted INTEGER', 'date_edited INTEGER'),
      ...since(18, 'associated_message_emoji TEXT'),
    ],
  },
  {
    name: 'attachment',
    columns: [
      'ROWID INTEGER PRIMARY KEY AUTOINCREMENT',
      'guid TEXT UNIQUE NOT NULL',
      'created_date INTEGER DEFAULT 0',
      'start_date INTEGER DEFAULT 0',
      'filename TEXT',
      'uti TEXT',
      'mime_type TEXT',
      'transfer_state INTEGER DEFAULT 0',
      'is_outgoing INTEGER DEFAULT 0',
      'transfer_name TEXT',
      'total_bytes INTEGER DEFAULT 0',
      'is_sticker INTEGER DEFAULT 0',
      'hide_attachment INTEGER DEFAULT 0',
    ],
  },
  {
    name: 'chat_handle_join',
    columns: ['chat_id INTEGER', 'handle_id INTEGER'],
    key: 'UNIQUE(chat_id, handle_id)',
  },
  {
    name: 'chat_message_join',
    columns: ['chat_id INTEGER', 'message_id INTEGER', 'message_date INTEGER DEFAULT 0'],
    key: 'PRIMARY KEY (chat_id, message_id)',
  },
  {
    name: 'message_attachment_join',
    columns: ['message_id INTEGER', 'attachment_id INTEGER'],
    key: 'UNIQUE(message_id, attachment_id)',
  },
  {
    name: 'deleted_messages',
    columns: ['ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE', 'guid TEXT NOT NULL'],
  },
  {
    name: 'chat_recoverable_message_join',
    since: 16,
    columns: [
      'chat_id INTEGER',
      'message_id INTEGER',
      'delete_date INTEGER',
      'ck_sync_state INTEGER DEFAULT 0',
    ],
    key: 'PRIMARY KEY (chat_id, message_id)',
  },
];

/** From this system on `attributedBody` is filled, and from the second on `text` may be empty. */
export const ATTRIBUTED_BODY_SINCE = 14;
export const TEXT_MAY_BE_EMPTY_SINCE = 16;

/** AddressBook.sqlitedb. Source: section 6.5. */
export const CONTACT_TABLES: readonly Table[] = [
  {
    name: 'ABPerson',
    columns: [
      'ROWID INTEGER PRIMARY KEY AUTOINCREMENT',
      'First TEXT',
      'Last TEXT',
      'Middle TEXT',
      'Organization TEXT',
      'Department TEXT',
      'Note TEXT',
      'Kind INTEGER',
      'Birthday TEXT',
      'JobTitle TEXT',
      'Nickname TEXT',
      'Prefix TEXT',
      'Suffix TEXT',
      'DisplayName TEXT',
      'CreationDate INTEGER',
      'ModificationDate INTEGER',
      'StoreID INTEGER',
      'PersonLink INTEGER DEFAULT -1',
      'guid TEXT',
    ],
  },
  {
    name: 'ABMultiValue',
    columns: [
      'UID INTEGER PRIMARY KEY',
      'record_id INTEGER',
      'property INTEGER',
      'identifier INTEGER',
      'label INTEGER',
      'value TEXT',
      'guid TEXT',
    ],
  },
  { name: 'ABMultiValueLabel', columns: ['value TEXT'], key: 'UNIQUE(value)' },
  {
    name: 'ABMultiValueEntry',
    columns: ['parent_id INTEGER', 'key INTEGER', 'value TEXT'],
    key: 'UNIQUE(parent_id, key)',
  },
  { name: 'ABMultiValueEntryKey', columns: ['value TEXT'], key: 'UNIQUE(value)' },
  {
    name: 'ABStore',
    columns: ['ROWID INTEGER PRIMARY KEY AUTOINCREMENT', 'Name TEXT', 'Type INTEGER', 'AccountID INTEGER'],
  },
  {
    name: 'ABGroup',
    columns: ['ROWID INTEGER PRIMARY KEY AUTOINCREMENT', 'Name TEXT', 'StoreID INTEGER'],
  },
  {
    name: 'ABGroupMembers',
    columns: ['UID INTEGER PRIMARY KEY', 'group_id INTEGER', 'member_type INTEGER', 'member_id INTEGER'],
  },
];

/** AddressBookImages.sqlitedb. Source: section 6.5. */
export const CONTACT_IMAGE_TABLES: readonly Table[] = [
  {
    name: 'ABThumbnailImage',
    columns: ['record_id INTEGER', 'format INTEGER', 'derived_from_format INTEGER', 'data BLOB'],
    key: 'UNIQUE(record_id, format)',
  },
  {
    name: 'ABFullSizeImage',
    columns: ['ROWID INTEGER PRIMARY KEY AUTOINCREMENT', 'record_id INTEGER', 'crop_x INTEGER', 'data BLOB'],
    key: 'UNIQUE(record_id)',
  },
];

/** CallHistory.storedata. Source: section 6.6. */
export const CALL_TABLES: readonly Table[] = [
  ...CORE_DATA,
  {
    name: 'ZCALLRECORD',
    columns: [
      'Z_PK INTEGER PRIMARY KEY',
      'Z_ENT INTEGER',
      'Z_OPT INTEGER',
      'ZANSWERED INTEGER',
      'ZCALLTYPE INTEGER',
      'ZDISCONNECTED_CAUSE INTEGER',
      'ZORIGINATED INTEGER',
      'ZREAD INTEGER',
      ...since(17, 'ZJUNKCONFIDENCE INTEGER'),
      'ZDATE TIMESTAMP',
      'ZDURATION FLOAT',
      'ZFACE_TIME_DATA FLOAT',
      'ZADDRESS VARCHAR',
      'ZISO_COUNTRY_CODE VARCHAR',
      'ZLOCATION VARCHAR',
      'ZNAME VARCHAR',
      'ZSERVICE_PROVIDER VARCHAR',
      'ZUNIQUE_ID VARCHAR',
    ],
  },
];

/** Until then calls hold the number as bytes. Source: section 6.6. */
export const CALL_ADDRESS_TEXT_SINCE = 13;

/** NoteStore.sqlite. Source: section 6.7. */
export const NOTE_TABLES: readonly Table[] = [
  ...CORE_DATA,
  {
    name: 'ZICCLOUDSYNCINGOBJECT',
    columns: [
      'Z_PK INTEGER PRIMARY KEY',
      'Z_ENT INTEGER',
      'Z_OPT INTEGER',
      'ZIDENTIFIER VARCHAR',
      'ZMARKEDFORDELETION INTEGER',
      'ZISPASSWORDPROTECTED INTEGER',
      'ZISPINNED INTEGER',
      'ZFOLDER INTEGER',
      'ZNOTE INTEGER',
      'ZMEDIA INTEGER',
      'ZNOTEDATA INTEGER',
      ...until(14, 'ZACCOUNT2 INTEGER'),
      { sql: 'ZACCOUNT3 INTEGER', since: 14, until: 15 },
      { sql: 'ZACCOUNT4 INTEGER', since: 15, until: 16 },
      ...since(16, 'ZACCOUNT7 INTEGER'),
      ...since(18, 'ZACCOUNT8 INTEGER'),
      ...until(15, 'ZCREATIONDATE1 TIMESTAMP'),
      ...since(15, 'ZCREATIONDATE3 TIMESTAMP'),
      'ZMODIFICATIONDATE1 TIMESTAMP',
      'ZTITLE1 VARCHAR',
      'ZTITLE2 VARCHAR',
      'ZSNIPPET VARCHAR',
      'ZNAME VARCHAR',
      'ZFILENAME VARCHAR',
      'ZPASSWORDHINT VARCHAR',
    ],
  },
  {
    name: 'ZICNOTEDATA',
    columns: ['Z_PK INTEGER PRIMARY KEY', 'Z_ENT INTEGER', 'Z_OPT INTEGER', 'ZNOTE INTEGER', 'ZDATA BLOB'],
  },
];

const ASSET_COLUMNS = [
  'Z_PK INTEGER PRIMARY KEY',
  'Z_ENT INTEGER',
  'Z_OPT INTEGER',
  'ZADDITIONALATTRIBUTES INTEGER',
  'ZFAVORITE INTEGER',
  'ZHEIGHT INTEGER',
  'ZHIDDEN INTEGER',
  'ZKIND INTEGER',
  'ZKINDSUBTYPE INTEGER',
  'ZORIENTATION INTEGER',
  'ZSAVEDASSETTYPE INTEGER',
  'ZTRASHEDSTATE INTEGER',
  'ZVISIBILITYSTATE INTEGER',
  'ZWIDTH INTEGER',
  'ZADDEDDATE TIMESTAMP',
  'ZDATECREATED TIMESTAMP',
  'ZDURATION FLOAT',
  'ZLATITUDE FLOAT',
  'ZLONGITUDE FLOAT',
  'ZMODIFICATIONDATE TIMESTAMP',
  'ZTRASHEDDATE TIMESTAMP',
  'ZDIRECTORY VARCHAR',
  'ZFILENAME VARCHAR',
  'ZUNIFORMTYPEIDENTIFIER VARCHAR',
  'ZUUID VARCHAR',
];

/** Photos.sqlite without the table that puts photos into albums. Source: section 6.8. */
export const PHOTO_TABLES: readonly Table[] = [
  ...CORE_DATA,
  { name: 'ZGENERICASSET', until: 14, columns: ASSET_COLUMNS },
  { name: 'ZASSET', since: 14, columns: ASSET_COLUMNS },
  {
    name: 'ZADDITIONALASSETATTRIBUTES',
    columns: [
      'Z_PK INTEGER PRIMARY KEY',
      'Z_ENT INTEGER',
      'Z_OPT INTEGER',
      'ZASSET INTEGER',
      'ZORIGINALFILESIZE INTEGER',
      'ZTIMEZONEOFFSET INTEGER',
      'ZCREATORBUNDLEID VARCHAR',
      'ZEXIFTIMESTAMPSTRING VARCHAR',
      'ZORIGINALFILENAME VARCHAR',
      'ZTIMEZONENAME VARCHAR',
    ],
  },
  {
    name: 'ZGENERICALBUM',
    columns: [
      'Z_PK INTEGER PRIMARY KEY',
      'Z_ENT INTEGER',
      'Z_OPT INTEGER',
      'ZKIND INTEGER',
      'ZTRASHEDSTATE INTEGER',
      'ZTITLE VARCHAR',
      'ZUUID VARCHAR',
    ],
  },
];

/** The numbers of the entities album and asset, newest first: they name the table between the two. */
const PHOTO_ENTITIES: readonly { readonly since: number; readonly album: number; readonly asset: number }[] =
  [
    { since: 26, album: 33, asset: 3 },
    { since: 18, album: 30, asset: 3 },
    { since: 17.06, album: 29, asset: 3 },
    { since: 16, album: 28, asset: 3 },
    { since: 15, album: 27, asset: 3 },
    { since: 14, album: 26, asset: 3 },
    { since: 13, album: 26, asset: 34 },
    { since: 12, album: 23, asset: 30 },
  ];

export interface PhotoEntities {
  readonly album: number;
  readonly asset: number;
  readonly assetTable: 'ZASSET' | 'ZGENERICASSET';
  readonly albumTable: Table;
}

/** Source: section 6.8. */
export function photoEntities(system: number): PhotoEntities {
  const { album, asset } = PHOTO_ENTITIES.find((entry) => entry.since <= system) ?? { album: 23, asset: 30 };
  const columns = [`Z_${album}ALBUMS INTEGER`, `Z_${asset}ASSETS INTEGER`];
  const key = `PRIMARY KEY (Z_${album}ALBUMS, Z_${asset}ASSETS)`;
  return {
    album,
    asset,
    assetTable: system < 14 ? 'ZGENERICASSET' : 'ZASSET',
    albumTable: { name: `Z_${album}ASSETS`, columns, key },
  };
}

/** Safari's History.db. Source: section 6.9. */
export const HISTORY_TABLES: readonly Table[] = [
  {
    name: 'history_items',
    columns: [
      'id INTEGER PRIMARY KEY AUTOINCREMENT',
      'url TEXT NOT NULL UNIQUE',
      'domain_expansion TEXT',
      'visit_count INTEGER NOT NULL',
      'daily_visit_counts BLOB NOT NULL',
      'weekly_visit_counts BLOB',
    ],
  },
  {
    name: 'history_visits',
    columns: [
      'id INTEGER PRIMARY KEY AUTOINCREMENT',
      'history_item INTEGER NOT NULL',
      'visit_time REAL NOT NULL',
      'title TEXT',
      'load_successful BOOLEAN NOT NULL DEFAULT 1',
      'redirect_source INTEGER',
      'redirect_destination INTEGER',
      'origin INTEGER NOT NULL DEFAULT 0',
    ],
  },
  {
    name: 'history_tombstones',
    columns: [
      'id INTEGER PRIMARY KEY AUTOINCREMENT',
      'start_time REAL NOT NULL',
      'end_time REAL NOT NULL',
      'url TEXT',
    ],
  },
];

/** Bookmarks.db, and SafariTabs.db of iOS 15 and later. Source: section 6.9. */
export const BOOKMARK_TABLES: readonly Table[] = [
  {
    name: 'bookmarks',
    columns: [
      'id INTEGER PRIMARY KEY',
      'special_id INTEGER DEFAULT 0',
      'parent INTEGER',
      'type INTEGER',
      'title TEXT',
      'url TEXT',
      'num_children INTEGER DEFAULT 0',
      'hidden INTEGER DEFAULT 0',
      'order_index INTEGER NOT NULL',
      'external_uuid TEXT UNIQUE',
      'read INTEGER DEFAULT NULL',
      'last_modified REAL DEFAULT NULL',
      'deleted INTEGER NOT NULL DEFAULT 0',
      'extra_attributes BLOB DEFAULT NULL',
    ],
  },
];

/** Source: section 6.9. */
export const SAFARI_TABS_SINCE = 15;

/** Calendar.sqlitedb. Source: section 6.10. */
export const CALENDAR_TABLES: readonly Table[] = [
  { name: 'Store', columns: ['ROWID INTEGER PRIMARY KEY AUTOINCREMENT', 'name TEXT', 'type INTEGER'] },
  {
    name: 'Calendar',
    columns: [
      'ROWID INTEGER PRIMARY KEY AUTOINCREMENT',
      'store_id INTEGER',
      'title TEXT',
      'color TEXT',
      'supported_entity_types INTEGER',
    ],
  },
  {
    name: 'CalendarItem',
    columns: [
      'ROWID INTEGER PRIMARY KEY AUTOINCREMENT',
      'summary TEXT',
      'location_id INTEGER DEFAULT 0',
      'description TEXT',
      'start_date REAL',
      'start_tz TEXT',
      'end_date REAL',
      'all_day INTEGER',
      'calendar_id INTEGER',
      'organizer_id INTEGER',
      'has_attendees INTEGER DEFAULT 0',
      'entity_type INTEGER',
      'creation_date REAL',
      'last_modified REAL',
      'calendar_scale TEXT',
      'UUID TEXT',
      ...since(15, 'conference_url_detected TEXT'),
      ...since(14, 'conference_url TEXT'),
    ],
  },
  {
    name: 'Location',
    columns: [
      'ROWID INTEGER PRIMARY KEY AUTOINCREMENT',
      'title TEXT',
      'address TEXT',
      'latitude REAL',
      'longitude REAL',
    ],
  },
  {
    name: 'Recurrence',
    columns: [
      'ROWID INTEGER PRIMARY KEY AUTOINCREMENT',
      'owner_id INTEGER',
      'frequency INTEGER',
      'interval INTEGER',
      'count INTEGER',
      'end_date REAL',
    ],
  },
  {
    name: 'Participant',
    columns: [
      'ROWID INTEGER PRIMARY KEY AUTOINCREMENT',
      'owner_id INTEGER',
      'entity_type INTEGER',
      'identity_id INTEGER',
      'email TEXT',
      'status INTEGER',
    ],
  },
  { name: 'Identity', columns: ['ROWID INTEGER PRIMARY KEY AUTOINCREMENT', 'display_name TEXT'] },
  {
    name: 'Alarm',
    columns: [
      'ROWID INTEGER PRIMARY KEY AUTOINCREMENT',
      'trigger_interval INTEGER',
      'calendaritem_owner_id INTEGER',
    ],
  },
];

/** voicemail.db. Source: section 6.10. */
export const VOICEMAIL_TABLES: readonly Table[] = [
  {
    name: 'voicemail',
    columns: [
      'ROWID INTEGER PRIMARY KEY AUTOINCREMENT',
      'remote_uid INTEGER',
      'date INTEGER',
      'token TEXT',
      'sender TEXT',
      'callback_num TEXT',
      'duration INTEGER',
      'expiration INTEGER',
      'trashed_date INTEGER',
      'flags INTEGER',
      ...since(13, 'receiver TEXT', 'label TEXT', 'uuid TEXT'),
    ],
  },
  { name: 'map', since: 13, columns: ['label TEXT', 'account TEXT'] },
];

/**
 * TCC.db: what apps may see.
 * Unknown: the complete columns of each system; `allowed` became `auth_value` with iOS 14.
 */
export const PRIVACY_TABLES: readonly Table[] = [
  {
    name: 'access',
    columns: [
      'service TEXT NOT NULL',
      'client TEXT NOT NULL',
      'client_type INTEGER NOT NULL',
      ...until(14, 'allowed INTEGER', 'prompt_count INTEGER'),
      ...since(14, 'auth_value INTEGER', 'auth_reason INTEGER', 'auth_version INTEGER'),
      'last_modified INTEGER',
    ],
    key: 'PRIMARY KEY (service, client, client_type)',
  },
];
