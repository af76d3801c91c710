-- Uploads that are added after they were answered, by whichever server takes them.
CREATE TABLE jobs (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);

-- A file is its `holder`'s until the lease has run out; `claims` counts how often it was taken, and
-- whoever took it earlier than the last time stores nothing of it any more. Files of one `root`, the
-- archive that they are or would be in, are added in their order.
CREATE TABLE job_files (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id text COLLATE "C" NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    place integer NOT NULL,
    uri text COLLATE "C" NOT NULL,
    root text COLLATE "C" NOT NULL,
    media_type text NOT NULL,
    is_text boolean NOT NULL,
    collection text,
    size bigint NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0,
    claims bigint NOT NULL DEFAULT 0,
    holder text NOT NULL DEFAULT '',
    leased_until timestamptz,
    share double precision NOT NULL DEFAULT 0,
    step json,
    documents json NOT NULL,
    errors json NOT NULL DEFAULT '[]'
);
CREATE INDEX files_of_job ON job_files (job_id, place);
CREATE INDEX open_files ON job_files (number) WHERE status IN ('pending', 'running');
CREATE INDEX open_files_by_root ON job_files (root, number) WHERE status IN ('pending', 'running');

CREATE TABLE job_bytes (
    file bigint NOT NULL REFERENCES job_files (number) ON DELETE CASCADE,
    part integer NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (file, part)
);
ALTER TABLE job_bytes ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE job_withdrawn (
    file bigint NOT NULL REFERENCES job_files (number) ON DELETE CASCADE,
    uri text COLLATE "C" NOT NULL,
    PRIMARY KEY (file, uri)
);
