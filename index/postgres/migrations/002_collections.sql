-- Named sets of documents, and the folders that feed them; a folder's uris are those from its name,
-- which ends with "/", up to `beyond`.
CREATE TABLE collections (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE memberships (
    collection bigint NOT NULL REFERENCES collections (number) ON DELETE CASCADE,
    document_id text COLLATE "C" NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    PRIMARY KEY (collection, document_id)
);
CREATE INDEX memberships_of_document ON memberships (document_id);
CREATE TABLE collection_folders (
    collection bigint NOT NULL REFERENCES collections (number) ON DELETE CASCADE,
    folder text COLLATE "C" NOT NULL,
    beyond text COLLATE "C" NOT NULL,
    PRIMARY KEY (collection, folder)
);
