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
];
