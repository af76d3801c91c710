-- What lists of documents are sorted by and sought in, beside the texts; filled from Python.
CREATE TABLE lists (
    number bigint PRIMARY KEY REFERENCES documents (number) ON DELETE CASCADE,
    document_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    words text COLLATE "C" NOT NULL,
    added_at text COLLATE "C" NOT NULL,
    characters integer NOT NULL,
    pages integer NOT NULL
);
CREATE INDEX lists_by_name ON lists (name, number);
CREATE INDEX lists_by_time ON lists (added_at, number);
CREATE INDEX lists_by_size ON lists (characters, number);
CREATE INDEX lists_by_pages ON lists (pages, number);

-- What documents were before they were removed or replaced, each until a time; see `former.py`.
CREATE TABLE former (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    undo text COLLATE "C" NOT NULL,
    until text COLLATE "C" NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    data bytea NOT NULL
);
CREATE INDEX former_of_undo ON former (undo);
CREATE INDEX former_by_content ON former (sha256);

CREATE OR REPLACE FUNCTION drop_original() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM documents WHERE sha256 = OLD.sha256)
        AND NOT EXISTS (SELECT 1 FROM former WHERE sha256 = OLD.sha256)
    THEN
        DELETE FROM originals WHERE sha256 = OLD.sha256;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER original_of_former AFTER DELETE ON former
    FOR EACH ROW EXECUTE FUNCTION drop_original();
