-- Documents, what was made of them, and what is remembered of folders.

CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL);

-- One row, changed by every write: how much there is, and how often it has changed.
CREATE TABLE totals (
    generation bigint NOT NULL,
    documents bigint NOT NULL,
    chunks bigint NOT NULL,
    words bigint NOT NULL,
    last_chunk bigint NOT NULL
);
INSERT INTO totals VALUES (0, 0, 0, 0, 0);

CREATE TABLE documents (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    uri text COLLATE "C" NOT NULL UNIQUE,
    title text COLLATE "C" NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    media_type text COLLATE "C" NOT NULL,
    metadata json NOT NULL,
    facts jsonb NOT NULL,
    pages integer[] NOT NULL,
    headings json NOT NULL,
    characters integer NOT NULL,
    reading integer NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    text text NOT NULL
);
CREATE INDEX documents_by_content ON documents (sha256);
CREATE INDEX documents_by_facts ON documents USING gin (facts jsonb_path_ops);

CREATE TABLE names (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uri text COLLATE "C" NOT NULL UNIQUE,
    document_id text COLLATE "C" NOT NULL REFERENCES documents (id) ON DELETE CASCADE
);
CREATE INDEX names_of_document ON names (document_id);

CREATE TABLE locations (
    document_id text COLLATE "C" NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start integer NOT NULL,
    label text NOT NULL,
    PRIMARY KEY (document_id, start)
);

CREATE TABLE chunks (
    id bigint PRIMARY KEY,
    document_id text COLLATE "C" NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start integer NOT NULL,
    "end" integer NOT NULL,
    heading text NOT NULL,
    text text NOT NULL
);
CREATE INDEX chunks_of_document ON chunks (document_id);

-- Apart from the texts, so that comparing all of them reads nothing else. Of any number of
-- dimensions: those of the next embedder stand beside those of the present one for a moment.
CREATE TABLE vectors (
    chunk_id bigint PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE,
    vector vector NOT NULL
);

-- The stems of each chunk where they stand, how many there are, and in how many chunks each is.
CREATE TABLE full_text (
    chunk_id bigint PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE,
    length integer NOT NULL,
    tokens tsvector NOT NULL
);
CREATE INDEX full_text_tokens ON full_text USING gin (tokens) WITH (fastupdate = off);
CREATE TABLE stems (stem text COLLATE "C" PRIMARY KEY, chunks bigint NOT NULL);

CREATE TABLE staged_documents (id text COLLATE "C" PRIMARY KEY, sha256 text NOT NULL);
CREATE TABLE staged_chunks (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id text COLLATE "C" NOT NULL REFERENCES staged_documents (id) ON DELETE CASCADE,
    start integer NOT NULL,
    "end" integer NOT NULL,
    heading text NOT NULL,
    vector vector NOT NULL
);
CREATE INDEX staged_chunks_of_document ON staged_chunks (document_id);

CREATE TABLE folders (
    path text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE
);
CREATE TABLE files (
    folder text COLLATE "C" NOT NULL REFERENCES folders (path),
    uri text COLLATE "C" NOT NULL,
    stamp text NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    problem text NOT NULL,
    unread boolean NOT NULL,
    refusing integer NOT NULL,
    PRIMARY KEY (folder, uri)
);
CREATE INDEX files_by_uri ON files (uri);
