/**
 * The catalog's schema, as numbered steps that are only ever appended. Each runs in one transaction together with
 * the new `user_version`; a step that fails stops the start and leaves the catalog as it was.
 */
export interface Migration {
  readonly number: number;
  /** Why the step exists, for the next developer. */
  readonly why: string;
  readonly sql: string;
}

/** Marks the file as a Strongroom catalog ("STRG"), so that another SQLite file is not taken for one. */
export const applicationId = 0x53545247;

export const migrations: readonly Migration[] = [
  {
    number: 1,
    why: 'the first schema',
    sql: `
      -- What this catalog is: its own identity (the workstation's, as leases and journals name it) and small settings.
      CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;

      CREATE TABLE sources (
        id INTEGER PRIMARY KEY,
        uuid TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL UNIQUE,
        root TEXT NOT NULL,
        rules TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        removed_at INTEGER,
        -- Whether the root was a mount point when it was last seen: then it must be one again before deletions count.
        mounted INTEGER NOT NULL DEFAULT 0
      ) STRICT;

      CREATE TABLE stores (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        spec TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        -- Upload and download limits in bytes a second.
        limits TEXT NOT NULL DEFAULT '{}',
        key_kept INTEGER NOT NULL DEFAULT 0,
        -- When unfinished uploads were last looked for.
        cleaned_at INTEGER NOT NULL DEFAULT 0
      ) STRICT;

      CREATE TABLE source_stores (
        source_id INTEGER NOT NULL REFERENCES sources(id),
        store_id INTEGER NOT NULL REFERENCES stores(id),
        -- The last journal that this catalog wrote to or read from the store for the source.
        journal INTEGER NOT NULL DEFAULT 0,
        -- When its entries were collected: folders that appeared or went since are not told yet.
        journal_at INTEGER NOT NULL DEFAULT 0,
        -- The journal number that the last checkpoint covers, and the journals' bytes since.
        checkpoint INTEGER NOT NULL DEFAULT 0,
        journal_bytes INTEGER NOT NULL DEFAULT 0,
        checkpoint_bytes INTEGER NOT NULL DEFAULT 0,
        -- Whether the store may know more than this catalog: 'once' (the source is new to it, or the catalog was set
        -- back), 'always' (another workstation writes there too), 'no'.
        look_first TEXT NOT NULL DEFAULT 'once',
        PRIMARY KEY (source_id, store_id)
      ) WITHOUT ROWID, STRICT;

      -- Folders by path: a file's row holds only its own name, which keeps a million of them small.
      CREATE TABLE folders (
        id INTEGER PRIMARY KEY,
        source_id INTEGER NOT NULL REFERENCES sources(id),
        parent_id INTEGER REFERENCES folders(id),
        path TEXT NOT NULL,
        name TEXT NOT NULL,
        -- The path in NFC, where that differs.
        nfc TEXT,
        -- Whether another file system was mounted here when it was last seen.
        mounted INTEGER NOT NULL DEFAULT 0,
        UNIQUE (source_id, path)
      ) STRICT;
      CREATE INDEX folders_by_parent ON folders (parent_id, name);

      -- When a folder existed: a folder can go and come back.
      CREATE TABLE folder_spans (
        folder_id INTEGER NOT NULL REFERENCES folders(id),
        seen_from INTEGER NOT NULL,
        seen_until INTEGER,
        PRIMARY KEY (folder_id, seen_from)
      ) WITHOUT ROWID, STRICT;

      CREATE TABLE files (
        id INTEGER PRIMARY KEY,
        folder_id INTEGER NOT NULL REFERENCES folders(id),
        name TEXT NOT NULL,
        nfc TEXT,
        -- The current version, NULL when there is none (never recorded, or a tombstone).
        version_id INTEGER,
        -- What the last scan saw, for comparing without a join: microseconds, as the walk's plain stat gives them.
        size INTEGER,
        mtime_us INTEGER,
        ctime_us INTEGER,
        inode INTEGER,
        mode INTEGER,
        UNIQUE (folder_id, name)
      ) STRICT;

      -- A tombstone has sha256 NULL. Versions are never changed but for superseded_at, which is set once.
      CREATE TABLE versions (
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES files(id),
        number INTEGER NOT NULL,
        sha256 BLOB,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        mode INTEGER NOT NULL,
        first_seen INTEGER NOT NULL,
        superseded_at INTEGER,
        -- The file that this content was moved from.
        moved_from INTEGER REFERENCES files(id),
        run_id INTEGER,
        UNIQUE (file_id, number)
      ) STRICT;
      CREATE INDEX versions_by_digest ON versions (sha256) WHERE sha256 IS NOT NULL;

      CREATE TABLE copies (
        version_id INTEGER NOT NULL REFERENCES versions(id),
        store_id INTEGER NOT NULL REFERENCES stores(id),
        source_id INTEGER NOT NULL REFERENCES sources(id),
        state TEXT NOT NULL,
        -- Bytes; -1 for the mark of a deletion.
        size INTEGER NOT NULL,
        locator TEXT,
        stored_at INTEGER,
        checked_at INTEGER,
        checked_how TEXT,
        error TEXT,
        -- Whether the store's journal tells of this row as it is.
        journaled INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (version_id, store_id)
      ) WITHOUT ROWID, STRICT;
      CREATE INDEX copies_pending ON copies (store_id, source_id, version_id) WHERE state = 'pending';
      CREATE INDEX copies_unjournaled ON copies (store_id, source_id, version_id) WHERE journaled = 0 AND state <> 'pending';
      CREATE INDEX copies_bad ON copies (store_id, source_id, version_id) WHERE state IN ('missing', 'corrupt');

      -- Uploads under way: what the store needs to go on after a kill.
      CREATE TABLE uploads (
        version_id INTEGER NOT NULL,
        store_id INTEGER NOT NULL,
        token TEXT NOT NULL,
        saved_at INTEGER NOT NULL,
        PRIMARY KEY (version_id, store_id)
      ) WITHOUT ROWID, STRICT;

      -- Counts kept by triggers, so that the status of a million files needs no counting.
      CREATE TABLE source_tallies (
        source_id INTEGER PRIMARY KEY, files INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
        versions INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE TABLE copy_tallies (
        source_id INTEGER NOT NULL, store_id INTEGER NOT NULL, state TEXT NOT NULL,
        copies INTEGER NOT NULL, bytes INTEGER NOT NULL, deletions INTEGER NOT NULL,
        PRIMARY KEY (source_id, store_id, state)
      ) WITHOUT ROWID, STRICT;
      CREATE TRIGGER copies_counted_in AFTER INSERT ON copies BEGIN
        INSERT INTO copy_tallies VALUES (NEW.source_id, NEW.store_id, NEW.state, NEW.size >= 0, max(NEW.size, 0), NEW.size < 0)
        ON CONFLICT DO UPDATE SET copies = copies + (NEW.size >= 0), bytes = bytes + max(NEW.size, 0), deletions = deletions + (NEW.size < 0);
      END;
      CREATE TRIGGER copies_counted_over AFTER UPDATE OF state ON copies WHEN NEW.state <> OLD.state BEGIN
        UPDATE copy_tallies SET copies = copies - (OLD.size >= 0), bytes = bytes - max(OLD.size, 0), deletions = deletions - (OLD.size < 0)
        WHERE source_id = OLD.source_id AND store_id = OLD.store_id AND state = OLD.state;
        INSERT INTO copy_tallies VALUES (NEW.source_id, NEW.store_id, NEW.state, NEW.size >= 0, max(NEW.size, 0), NEW.size < 0)
        ON CONFLICT DO UPDATE SET copies = copies + (NEW.size >= 0), bytes = bytes + max(NEW.size, 0), deletions = deletions + (NEW.size < 0);
      END;
      CREATE TRIGGER copies_counted_out AFTER DELETE ON copies BEGIN
        UPDATE copy_tallies SET copies = copies - (OLD.size >= 0), bytes = bytes - max(OLD.size, 0), deletions = deletions - (OLD.size < 0)
        WHERE source_id = OLD.source_id AND store_id = OLD.store_id AND state = OLD.state;
      END;

      CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        source_id INTEGER NOT NULL REFERENCES sources(id),
        started_at INTEGER NOT NULL,
        ended_at INTEGER,
        outcome TEXT,
        summary TEXT NOT NULL DEFAULT '{}'
      ) STRICT;
      CREATE INDEX runs_by_source ON runs (source_id, id);

      -- What a run could not do, a row a file or store.
      CREATE TABLE problems (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES runs(id),
        code TEXT NOT NULL,
        subject TEXT,
        message TEXT NOT NULL,
        advice TEXT
      ) STRICT;
      CREATE INDEX problems_by_run ON problems (run_id);

      -- What is in a source but is not a file with content: links, sockets, devices. Kept as of the last scan.
      CREATE TABLE skipped (
        source_id INTEGER NOT NULL REFERENCES sources(id),
        path TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (source_id, path)
      ) WITHOUT ROWID, STRICT;

      -- Content that changed although size and modification time did not. Cleared when it is as it was, or accepted.
      CREATE TABLE suspects (
        file_id INTEGER PRIMARY KEY REFERENCES files(id),
        sha256 BLOB NOT NULL,
        found_at INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        source_id INTEGER,
        store_id INTEGER,
        version_id INTEGER,
        detail TEXT NOT NULL
      ) STRICT;
      CREATE TRIGGER events_only_grow BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
      CREATE TRIGGER events_are_never_replaced BEFORE INSERT ON events WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
      BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
      CREATE TRIGGER events_never_shrink BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

      -- Search by any part of a name. Trigrams find a part of three characters or more; names and folders apart keep it
      -- a quarter of the size of one over whole paths.
      CREATE VIEW file_search_text AS SELECT id, coalesce(nfc, name) AS text FROM files;
      CREATE VIEW folder_search_text AS SELECT id, coalesce(nfc, path) AS text FROM folders;
      CREATE VIRTUAL TABLE file_search USING fts5(text, content='file_search_text', content_rowid='id', tokenize='trigram', detail='none');
      CREATE VIRTUAL TABLE folder_search USING fts5(text, content='folder_search_text', content_rowid='id', tokenize='trigram', detail='none');
      CREATE TRIGGER files_searchable AFTER INSERT ON files BEGIN
        INSERT INTO file_search (rowid, text) VALUES (NEW.id, coalesce(NEW.nfc, NEW.name));
      END;
      CREATE TRIGGER folders_searchable AFTER INSERT ON folders BEGIN
        INSERT INTO folder_search (rowid, text) VALUES (NEW.id, coalesce(NEW.nfc, NEW.path));
      END;
    `,
  },
  {
    number: 2,
    why: 'stores that tell what people change in them by hand',
    sql: `
      -- From where on a store's feed of changes is to be read, and when it was last; NULL where it never was.
      ALTER TABLE stores ADD COLUMN changes_token TEXT;
      ALTER TABLE stores ADD COLUMN changes_asked_at INTEGER NOT NULL DEFAULT 0;

      -- What people put into a store by hand, so that each thing is told once.
      CREATE TABLE told_by_hand (
        store_id INTEGER NOT NULL REFERENCES stores(id),
        item TEXT NOT NULL,
        PRIMARY KEY (store_id, item)
      ) WITHOUT ROWID, STRICT;

      -- Of a pending copy that the store had before: why it is to be put once more (Again in copies.ts).
      ALTER TABLE copies ADD COLUMN again TEXT;

      -- A feed tells of things by their ids, with which locators begin. A few characters suffice to tell them apart.
      CREATE INDEX copies_by_locator ON copies (store_id, substr(locator, 1, 16)) WHERE locator IS NOT NULL;
    `,
  },
  {
    number: 3,
    why: 'what runs by itself: how often, until when not, at which pace, and what it cost',
    sql: `
      -- How often a source is looked through, and until when it is paused (NULL: it is not).
      ALTER TABLE sources ADD COLUMN every_minutes INTEGER NOT NULL DEFAULT 30;
      ALTER TABLE sources ADD COLUMN watched INTEGER NOT NULL DEFAULT 1;
      ALTER TABLE sources ADD COLUMN paused_until INTEGER;

      -- Limits by weekday and time of day, as JSON.
      ALTER TABLE stores ADD COLUMN hours TEXT NOT NULL DEFAULT '[]';

      -- Requests by calendar month ("2026-01"): what a store charges for differs between writing and reading.
      CREATE TABLE store_requests (
        store_id INTEGER NOT NULL REFERENCES stores(id),
        month TEXT NOT NULL,
        writes INTEGER NOT NULL,
        reads INTEGER NOT NULL,
        PRIMARY KEY (store_id, month)
      ) WITHOUT ROWID, STRICT;

      -- What a source held at the end of a day on which it was looked through; the day is its number since 1970 (UTC).
      CREATE TABLE growth (
        source_id INTEGER NOT NULL REFERENCES sources(id),
        day INTEGER NOT NULL,
        files INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        PRIMARY KEY (source_id, day)
      ) WITHOUT ROWID, STRICT;
    `,
  },
  {
    number: 4,
    why: 'looking around in a large source',
    sql: `
      -- What changed in a quarter of an hour (number since 1970; every time zone's days begin with one), by folder and by
      -- source, so that the days on which something happened are told without reading a million versions.
      CREATE TABLE change_tallies (
        folder_id INTEGER NOT NULL REFERENCES folders(id),
        quarter INTEGER NOT NULL,
        added INTEGER NOT NULL,
        changed INTEGER NOT NULL,
        deleted INTEGER NOT NULL,
        PRIMARY KEY (folder_id, quarter)
      ) WITHOUT ROWID, STRICT;
      CREATE TABLE source_change_tallies (
        source_id INTEGER NOT NULL REFERENCES sources(id),
        quarter INTEGER NOT NULL,
        added INTEGER NOT NULL,
        changed INTEGER NOT NULL,
        deleted INTEGER NOT NULL,
        PRIMARY KEY (source_id, quarter)
      ) WITHOUT ROWID, STRICT;
      -- A version adds the file where there was none before it, or a tombstone.
      CREATE VIEW version_changes AS
        SELECT v.id, f.folder_id, fo.source_id, v.first_seen / 900000 AS quarter, v.sha256 IS NULL AS deleted,
          v.sha256 IS NOT NULL AND coalesce((SELECT o.sha256 IS NULL FROM versions o
            WHERE o.file_id = v.file_id AND o.number < v.number ORDER BY o.number DESC LIMIT 1), 1) AS added
        FROM versions v JOIN files f ON f.id = v.file_id JOIN folders fo ON fo.id = f.folder_id;
      INSERT INTO change_tallies
        SELECT folder_id, quarter, sum(added), sum(NOT added AND NOT deleted), sum(deleted) FROM version_changes GROUP BY folder_id, quarter;
      INSERT INTO source_change_tallies
        SELECT fo.source_id, c.quarter, sum(c.added), sum(c.changed), sum(c.deleted)
        FROM change_tallies c JOIN folders fo ON fo.id = c.folder_id GROUP BY fo.source_id, c.quarter;
      CREATE TRIGGER changes_counted_in AFTER INSERT ON versions BEGIN
        INSERT INTO change_tallies
          SELECT folder_id, quarter, added, NOT added AND NOT deleted, deleted FROM version_changes WHERE id = NEW.id
          ON CONFLICT DO UPDATE SET added = added + excluded.added, changed = changed + excluded.changed, deleted = deleted + excluded.deleted;
        INSERT INTO source_change_tallies
          SELECT source_id, quarter, added, NOT added AND NOT deleted, deleted FROM version_changes WHERE id = NEW.id
          ON CONFLICT DO UPDATE SET added = added + excluded.added, changed = changed + excluded.changed, deleted = deleted + excluded.deleted;
      END;
      -- Names that are not in NFC are few; a search for one or two characters asks for them apart.
      CREATE INDEX files_by_nfc ON files (nfc) WHERE nfc IS NOT NULL;
    `,
  },
  {
    number: 5,
    why: 'events tell names as they were then; a store’s number is given once; versions are counted without deletions',
    sql: `
      -- The number of a removed store was given to the next one, which then had its events.
      CREATE TABLE store_numbers (id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;
      INSERT INTO store_numbers
        SELECT id FROM stores UNION SELECT store_id FROM events WHERE store_id IS NOT NULL;

      -- Names as they were when it happened. The guards stand aside for this step alone.
      ALTER TABLE events ADD COLUMN source_name TEXT;
      ALTER TABLE events ADD COLUMN store_name TEXT;
      DROP TRIGGER events_only_grow;
      UPDATE events SET source_name = (SELECT name FROM sources WHERE id = events.source_id) WHERE source_id IS NOT NULL;
      -- Of two stores that had one number, the earlier is the one whose removal is the next to be told after its
      -- addition: a number was free for another only then. A removal told no number, but where the store was.
      UPDATE events SET store_name = coalesce(
          (SELECT json_extract(gone.detail, '$.name') FROM events gone
           WHERE gone.kind = 'store-removed' AND gone.id > events.id
             AND json_extract(gone.detail, '$.spec') = (
               SELECT json_extract(came.detail, '$.spec') FROM events came
               WHERE came.kind = 'store-added' AND came.store_id = events.store_id AND came.id <= events.id
               ORDER BY came.id DESC LIMIT 1)
           ORDER BY gone.id LIMIT 1),
          (SELECT name FROM stores WHERE id = events.store_id AND created_at <= events.at))
        WHERE store_id IS NOT NULL;
      CREATE TRIGGER events_only_grow BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

      -- A deletion is no version that anybody could have back.
      UPDATE source_tallies SET versions = (SELECT count(*) FROM versions v JOIN files f ON f.id = v.file_id
        JOIN folders fo ON fo.id = f.folder_id WHERE fo.source_id = source_tallies.source_id AND v.sha256 IS NOT NULL);
    `,
  },
];
